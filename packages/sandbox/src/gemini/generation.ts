import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';

import type { Backstage } from '../backstage.ts';
import { deliveryMs, whenLeft } from '../delivery.ts';
import { giantMessage } from '../giant-message.ts';
import { onSchedule } from '../schedule.ts';
import type { RequestOutcome, TruthLedger } from '../truth.ts';
import type { Reply } from './brain.ts';
import type { GeminiPart, GeminiRequest } from './gemini-request.ts';
import { writeEvent } from './sse.ts';
import type { ToolMemory } from './tool-memory.ts';
import { promptUsage, tokensOf, usageMetadata, type Usage } from './usage.ts';

const streamFaults = [
  'error-event',
  'malformed-json',
  'reset',
  'eof',
  'stall-before-first',
  'stall',
  'giant-message',
  'wrong-types',
  'unknown-type',
] as const;

/** Usage as it was written, and when. */
interface Told {
  at: number;
  usage: Usage;
}

const tokenCounts = [
  { name: 'llm.tokens.input', tokens: (usage?: Usage) => usage?.prompt ?? 0 },
  { name: 'llm.tokens.input.cached', tokens: (usage?: Usage) => usage?.cached ?? 0 },
  {
    name: 'llm.tokens.output',
    tokens: (usage?: Usage) => (usage?.candidates ?? 0) + (usage?.thoughts ?? 0),
  },
  { name: 'llm.tokens.output.reasoning', tokens: (usage?: Usage) => usage?.thoughts ?? 0 },
] as const;

/** What one answer is made from. */
export interface Generation {
  request: GeminiRequest;
  model: string;
  reply: Reply;
  tools: ToolMemory;
  /** When the request was received, by `performance.now()`. */
  startedAt: number;
  /** To be called when the answer is not given as it should. */
  failed: () => void;
}

/** The parts of an answer, one for each chunk: a few words at a time, then the function calls together. */
function partsOfReply({ reply, request, tools }: Generation): GeminiPart[][] {
  const pieces = reply.text?.match(/(?:\S+\s*){1,3}/gu) ?? [];
  const chunks: GeminiPart[][] = pieces.map((text) => [{ text }]);
  const calls = (reply.toolCalls ?? []).map(({ name, args }) => tools.issue(name, args));
  if (calls.length > 0) chunks.push(calls);
  if (request.generationConfig?.thinkingConfig?.includeThoughts === true) {
    chunks[0]?.unshift({ text: 'The user wants an answer.', thought: true });
  }
  return [...chunks, [{ text: '' }]];
}

/** Streams an answer, chunk by chunk when each is due, and keeps the truth about it. */
export async function streamGeneration(
  backstage: Backstage,
  generation: Generation,
  response: ServerResponse,
): Promise<void> {
  const { truth, faults, delays, random } = backstage;
  const abort = new AbortController();
  response.once('close', () => abort.abort());
  if (response.closed) abort.abort();
  const chunks = partsOfReply(generation);
  const { thinkMs = 0 } = generation.reply;
  const [firstDrawnMs, lastDrawnMs] = delays.drawPair('firstTokenMs', 'completeMs');
  const firstMs = firstDrawnMs + thinkMs;
  const lastMs = lastDrawnMs + thinkMs;
  const usage = promptUsage(generation.request);
  const responseId = randomUUID();
  const { startedAt } = generation;
  const schedule = { startedAt, firstMs, lastMs, count: chunks.length, signal: abort.signal };
  const told: Told[] = [];
  const { socket } = response;
  let outcome: RequestOutcome = 'aborted';
  for await (const index of onSchedule(schedule)) {
    const fault = faults.take('gemini', streamFaults, index)?.fault;
    if (fault === 'unknown-type') {
      await writeEvent(response, JSON.stringify({ surprise: { anything: true } }), random);
    } else if (fault !== undefined) {
      outcome = 'failed';
      generation.failed();
      await breakStream(fault, response, random, JSON.stringify(generation.request.contents));
      break;
    }
    const parts = chunks[index] ?? [];
    const isLast = index === chunks.length - 1;
    usage.candidates += parts
      .filter(({ thought }) => thought !== true)
      .reduce(
        (sum, { text, functionCall }) => sum + tokensOf(text ?? JSON.stringify(functionCall)),
        0,
      );
    const chunk = {
      candidates: [
        {
          content: { parts, role: 'model' },
          ...(isLast ? { finishReason: 'STOP' } : {}),
          index: 0,
        },
      ],
      usageMetadata: usageMetadata(usage),
      modelVersion: generation.model,
      responseId,
    };
    await writeEvent(response, JSON.stringify(chunk), random);
    told.push({ at: performance.now(), usage: { ...usage } });
    if (index === 0 && !isLast) truth.latency('llm.time_to_first_token.ms', firstMs);
    if (!isLast) continue;
    outcome = 'completed';
    truth.latency('llm.latency.ms', lastMs);
    response.end();
  }
  truth.outcome('llm.requests', outcome);
  // What was told last is what is billed, however the stream ended.
  for (const { name, tokens } of tokenCounts) truth.count(name, tokens(told.at(-1)?.usage));
  if (outcome === 'aborted') noteInFlight(truth, told);
  if (outcome === 'completed')
    whenLeft(socket, () => {
      // A client that had read the end would have kept the connection for its next request.
      truth.outcome('llm.requests', 'completed', -1);
      truth.outcome('llm.requests', 'aborted');
      noteInFlight(truth, told);
    });
}

function noteInFlight(truth: TruthLedger, told: readonly Told[]): void {
  const readBy = performance.now() - deliveryMs;
  const certain = told.findLast(({ at }) => at <= readBy)?.usage;
  for (const { name, tokens } of tokenCounts) {
    truth.inFlight(name, tokens(told.at(-1)?.usage) - tokens(certain));
  }
}

async function breakStream(
  fault: (typeof streamFaults)[number],
  response: ServerResponse,
  random: () => number,
  asked: string,
): Promise<void> {
  if (fault === 'reset') response.socket?.resetAndDestroy();
  else if (fault === 'eof') response.end();
  else if (fault === 'giant-message') {
    await writeEvent(response, giantMessage('stream', { candidates: [] }), random);
    response.end();
  } else if (fault === 'wrong-types') {
    const chunk = { candidates: [{ content: { parts: [{ text: 42 }] } }] };
    await writeEvent(response, JSON.stringify(chunk), random);
    response.end();
  } else if (fault === 'malformed-json') {
    await writeEvent(response, '{"candidates":[{"content":{"parts":[{"text":"Hel"', random);
    response.end();
  } else if (fault === 'error-event') {
    const error = {
      code: 503,
      message: `The model is overloaded: ${asked}`,
      status: 'UNAVAILABLE',
    };
    await writeEvent(response, JSON.stringify({ error }), random);
    response.end();
  }
}
