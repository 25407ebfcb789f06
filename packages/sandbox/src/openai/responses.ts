import type { Backstage } from '../backstage.ts';
import { think, type Reply, type ReplyHook } from '../gemini/brain.ts';
import { brainRequest } from './brain-request.ts';
import type { CallMemory } from './call-memory.ts';
import type { ModelEndpoint, PlannedAnswer } from './openai-route.ts';
import { ReasoningMemory } from './reasoning-memory.ts';
import { ResponseEvents } from './response-events.ts';
import {
  entriesOf,
  readResponsesRequest,
  reasons,
  type ResponsesRequest,
} from './responses-request.ts';
import { usageOf, type Usage } from './usage.ts';

/** Tokens of a thought. */
const reasoningTokens = 16;
const refusalText = "I'm sorry, but I can't help with that.";

const endings = ['refusal', 'max-tokens', 'content-filter'] as const;

/** `POST /v1/responses`, streamed. */
export class Responses implements ModelEndpoint {
  readonly #backstage: Backstage;
  readonly #calls: CallMemory;
  readonly #replyHook: ReplyHook | undefined;
  readonly #reasoning = new ReasoningMemory();

  constructor(backstage: Backstage, calls: CallMemory, replyHook: ReplyHook | undefined) {
    this.#backstage = backstage;
    this.#calls = calls;
    this.#replyHook = replyHook;
  }

  async plan(json: string): Promise<PlannedAnswer> {
    const request = readResponsesRequest(json);
    if (typeof request === 'string') return request;
    const entries = entriesOf(request);
    const problem = this.#reasoning.check(request) ?? this.#calls.check(entries);
    if (problem !== undefined) return problem;
    const { instructions = '', tools = [] } = request;
    const asked = brainRequest(instructions, entries, tools);
    const reply = (await this.#replyHook?.(asked)) ?? think(asked);
    return this.#plan(request, reply);
  }

  #plan(request: ResponsesRequest, reply: Reply): PlannedAnswer {
    const ending = this.#backstage.faults.take('openai', endings)?.fault;
    const events = new ResponseEvents(request.model);
    const opening = [events.response('created'), events.response('in_progress')];
    const isReasoned = reasons(request) && request.reasoning?.effort !== 'none';
    const isEncrypted = request.include?.includes('reasoning.encrypted_content') === true;
    const thought = isReasoned ? this.#reasoning.issue(isEncrypted) : undefined;
    if (thought !== undefined) opening.push(...events.item(thought));
    const text = ending === 'refusal' ? refusalText : (reply.text ?? '');
    const kind = ending === 'refusal' ? 'refusal' : 'output_text';
    const units = text === '' ? [] : events.message(text, kind);
    const calls = (reply.toolCalls ?? []).map(({ name, args }) => this.#calls.issue(name, args));
    const [first] = calls;
    if (thought !== undefined && first !== undefined) {
      this.#reasoning.ledTo(thought, first.id);
    }
    units.push(...calls.flatMap((call) => events.call(call)));
    const usage = this.#usage(request, [text, ...calls.map(({ args }) => args)], isReasoned);
    units.push([events.end(ending, usage)]);
    return {
      opening,
      units,
      usage,
      odd: events.odd(JSON.stringify(request.input)),
      thinkMs: reply.thinkMs ?? 0,
    };
  }

  #usage(request: ResponsesRequest, made: readonly string[], isReasoned: boolean): Usage {
    const { input, instructions = '', tools = [] } = request;
    const prompt = [input, instructions, tools];
    return usageOf(prompt, input.length > 1, made, isReasoned ? reasoningTokens : 0);
  }
}
