import { randomBytes } from 'node:crypto';

import type { Backstage } from '../backstage.ts';
import { think, type Reply, type ReplyHook } from '../gemini/brain.ts';
import type { OddEvents, ServerEvent } from './answer-stream.ts';
import { brainRequest } from './brain-request.ts';
import type { CallMemory, MadeCall } from './call-memory.ts';
import {
  chatEntriesOf,
  instructionsOf,
  readChatRequest,
  type ChatRequest,
} from './chat-request.ts';
import type { ModelEndpoint, PlannedAnswer } from './openai-route.ts';
import { usageOf, type Usage } from './usage.ts';

const reasoningTokens = 16;
const refusalText = "I'm sorry, but I can't help with that.";

const endings = ['refusal', 'max-tokens', 'content-filter', 'no-usage', 'no-done'] as const;
type Ending = (typeof endings)[number] | undefined;

/** `POST /v1/chat/completions`, streamed. */
export class ChatCompletions implements ModelEndpoint {
  readonly #backstage: Backstage;
  readonly #calls: CallMemory;
  readonly #replyHook: ReplyHook | undefined;

  constructor(backstage: Backstage, calls: CallMemory, replyHook: ReplyHook | undefined) {
    this.#backstage = backstage;
    this.#calls = calls;
    this.#replyHook = replyHook;
  }

  async plan(json: string): Promise<PlannedAnswer> {
    const request = readChatRequest(json);
    if (typeof request === 'string') return request;
    const entries = chatEntriesOf(request);
    const problem = this.#calls.check(entries);
    if (problem !== undefined) return problem;
    const functions = (request.tools ?? []).map((tool) => tool.function);
    const asked = brainRequest(instructionsOf(request), entries, functions);
    const reply = (await this.#replyHook?.(asked)) ?? think(asked);
    return this.#plan(request, reply);
  }

  #plan(request: ChatRequest, reply: Reply): PlannedAnswer {
    const { faults, truth } = this.#backstage;
    const ending = faults.take('openai', endings)?.fault;
    const text = ending === 'refusal' ? refusalText : (reply.text ?? '');
    const calls = (reply.toolCalls ?? []).map(({ name, args }) => this.#calls.issue(name, args));
    const wantsUsage = request.stream_options?.include_usage === true;
    if (!wantsUsage) truth.problem('openai: usage was not asked for');
    const told = wantsUsage && ending !== 'no-usage' ? usageIn(request, text, calls) : undefined;
    const chunks = new ChatChunks(request.model, wantsUsage && ending !== 'no-usage');
    const field = ending === 'refusal' ? 'refusal' : 'content';
    const units = [
      ...(text.match(/(?:\S+\s*){1,3}/gu) ?? []).map((words) => [chunks.delta({ [field]: words })]),
      ...calls.flatMap((call, index) => chunks.call(call, index)),
      [chunks.end(finishReason(ending, calls))],
    ];
    if (told !== undefined) units.at(-1)?.push(chunks.usage(told));
    if (ending !== 'no-done') units.at(-1)?.push({ data: '[DONE]' });
    const opening = [chunks.delta({ role: 'assistant', content: '', refusal: null })];
    return {
      opening,
      units,
      usage: told,
      odd: chunks.odd(JSON.stringify(request.messages)),
      thinkMs: reply.thinkMs ?? 0,
    };
  }
}

function usageIn(request: ChatRequest, text: string, calls: readonly MadeCall[]): Usage {
  const { messages, tools = [] } = request;
  const made = [text, ...calls.map(({ args }) => args)];
  const isReasoned = request.reasoning_effort !== undefined && request.reasoning_effort !== 'none';
  return usageOf([messages, tools], messages.length > 2, made, isReasoned ? reasoningTokens : 0);
}

function finishReason(ending: Ending, calls: readonly MadeCall[]): string {
  if (ending === 'max-tokens') return 'length';
  if (ending === 'content-filter') return 'content_filter';
  return calls.length > 0 ? 'tool_calls' : 'stop';
}

/** Makes the chunks of one streamed completion. */
class ChatChunks {
  readonly #head: object;

  constructor(model: string, hasUsage: boolean) {
    const id = `chatcmpl-${randomBytes(12).toString('hex')}`;
    const created = Math.floor(Date.now() / 1000);
    this.#head = {
      id,
      object: 'chat.completion.chunk',
      created,
      model,
      // With a usage to come, every chunk before it has none.
      ...(hasUsage ? { usage: null } : {}),
    };
  }

  delta(delta: object): ServerEvent {
    return this.#chunk({ choices: [{ index: 0, delta, finish_reason: null }] });
  }

  /** A call of a function: its name, then its arguments in two pieces. */
  call({ id, name, args }: MadeCall, index: number): ServerEvent[][] {
    const half = Math.ceil(args.length / 2);
    const called = { name, arguments: '' };
    return [
      [this.delta({ tool_calls: [{ index, id, type: 'function', function: called }] })],
      [args.slice(0, half), args.slice(half)].map((piece) =>
        this.delta({ tool_calls: [{ index, function: { arguments: piece } }] }),
      ),
    ];
  }

  end(finish_reason: string): ServerEvent {
    return this.#chunk({ choices: [{ index: 0, delta: {}, finish_reason }] });
  }

  usage({ input, cached, output, reasoning }: Usage): ServerEvent {
    return this.#chunk({
      choices: [],
      usage: {
        prompt_tokens: input,
        completion_tokens: output,
        total_tokens: input + output,
        prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: 0 },
      },
    });
  }

  /** What breaks a stream. */
  odd(asked: string): OddEvents {
    const message = `The server had an error while processing your request: ${asked}`;
    const error = { message, type: 'server_error', param: null, code: null };
    return {
      'error-event': { data: JSON.stringify({ error }) },
      'malformed-json': { data: '{"choices":[{"index":0,"delta":{"content":"Hel' },
      'wrong-types': this.delta({ content: 7 }),
      'unknown-type': this.#chunk({ novelty: 'x' }),
    };
  }

  #chunk(fields: object): ServerEvent {
    return { data: JSON.stringify({ ...this.#head, ...fields }) };
  }
}
