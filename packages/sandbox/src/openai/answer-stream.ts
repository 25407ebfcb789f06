import type { ServerResponse } from 'node:http';

import type { Backstage } from '../backstage.ts';
import { whenLeft } from '../delivery.ts';
import { writeEvent } from '../gemini/sse.ts';
import { giantMessage } from '../giant-message.ts';
import { onSchedule } from '../schedule.ts';
import type { RequestOutcome, TruthLedger } from '../truth.ts';
import type { Usage } from './usage.ts';

/** One server-sent event. */
export interface ServerEvent {
  name?: string;
  data: string;
}

/** What a stream is broken with, by fault; the rest of the faults is the same for all endpoints. */
export type OddEvents = Partial<
  Record<'error-event' | 'failed' | 'malformed-json' | 'wrong-types' | 'unknown-type', ServerEvent>
>;

/** An answer as it is to be streamed. */
export interface AnswerPlan {
  /** What comes with the headers. */
  opening: readonly ServerEvent[];
  /** What comes together, in order; the last is the end. */
  units: readonly (readonly ServerEvent[])[];
  /** What the end tells; undefined where it tells nothing. */
  usage: Usage | undefined;
  odd: OddEvents;
  thinkMs: number;
  /** When the request was received, by `performance.now()`. */
  startedAt: number;
  /** To be called when the answer is not given as it should. */
  failed: () => void;
}

const streamFaults = [
  'error-event',
  'failed',
  'malformed-json',
  'wrong-types',
  'unknown-type',
  'reset',
  'eof',
  'stall-before-first',
  'stall',
  'giant-message',
  'duplicate-messages',
] as const;

/** Streams an answer, unit by unit when each is due, and keeps the truth about it. */
export async function streamAnswer(
  { truth, faults, delays, random }: Backstage,
  plan: AnswerPlan,
  response: ServerResponse,
): Promise<void> {
  const abort = new AbortController();
  response.once('close', () => abort.abort());
  if (response.closed) abort.abort();
  let isDoubled = false;
  const write = async (events: readonly ServerEvent[]): Promise<void> => {
    for (const { name, data } of events) {
      await writeEvent(response, data, random, name);
      if (isDoubled) await writeEvent(response, data, random, name);
    }
  };
  await write(plan.opening);
  const { units, thinkMs, startedAt } = plan;
  const [firstDrawnMs, lastDrawnMs] = delays.drawPair('firstTokenMs', 'completeMs');
  const [firstMs, lastMs] = [firstDrawnMs + thinkMs, lastDrawnMs + thinkMs];
  const schedule = { startedAt, firstMs, lastMs, count: units.length, signal: abort.signal };
  const { socket } = response;
  let outcome: RequestOutcome = 'aborted';
  let told: Usage | undefined;
  for await (const index of onSchedule(schedule)) {
    const fault = faults.take('openai', streamFaults, index)?.fault;
    isDoubled ||= fault === 'duplicate-messages';
    if (fault !== undefined && fault !== 'unknown-type' && fault !== 'duplicate-messages') {
      outcome = 'failed';
      plan.failed();
      if (fault === 'reset') socket?.resetAndDestroy();
      else if (fault !== 'stall' && fault !== 'stall-before-first') {
        const odd = oddEvent(fault, plan.odd);
        if (odd !== undefined) await write([odd]);
        response.end();
      }
      break;
    }
    if (fault === 'unknown-type' && plan.odd[fault]) await write([plan.odd[fault]]);
    const isLast = index === units.length - 1;
    // Before it is written: a client may have read it, and looked here, before the last of it is sent.
    if (isLast) {
      told = plan.usage;
      countTokens(told, (name, tokens) => truth.count(name, tokens));
    }
    await write(units[index] ?? []);
    if (index === 0 && !isLast) truth.latency('llm.time_to_first_token.ms', firstMs);
    if (!isLast) continue;
    // A client may leave between two events of the end.
    if (abort.signal.aborted) break;
    outcome = 'completed';
    truth.latency('llm.latency.ms', lastMs);
    response.end();
  }
  truth.outcome('llm.requests', outcome);
  const noteInFlight = (): void => {
    countTokens(told, (name, tokens) => truth.inFlight(name, tokens));
  };
  if (outcome === 'aborted') noteInFlight();
  if (outcome !== 'completed') return;
  whenLeft(socket, () => {
    // A client that had read the end would have kept the connection for its next request.
    truth.outcome('llm.requests', 'completed', -1);
    truth.outcome('llm.requests', 'aborted');
    noteInFlight();
  });
}

/** What a stream is broken with before it ends. */
function oddEvent(
  fault: 'eof' | 'giant-message' | keyof OddEvents,
  odd: OddEvents,
): ServerEvent | undefined {
  if (fault === 'eof') return undefined;
  return fault === 'giant-message' ? { data: giantMessage('stream', {}) } : odd[fault];
}

type CountTokens = (name: Parameters<TruthLedger['count']>[0], tokens: number) => void;

function countTokens(usage: Usage | undefined, count: CountTokens): void {
  if (usage === undefined) return;
  count('llm.tokens.input', usage.input);
  count('llm.tokens.input.cached', usage.cached);
  count('llm.tokens.output', usage.output);
  count('llm.tokens.output.reasoning', usage.reasoning);
}
