import type { LLMEvent, LLMRequest, LLMUsage, Message, ToolCall } from '../../src/index.ts';
import { LLM, ProviderError } from '../../src/index.ts';
import type { ManualClock } from '../../src/testing/index.ts';
import { pause } from '../../src/testing/index.ts';
import type { CallPlan, RoundPlan } from './conversation-plan.ts';
import type { ServedOutcome } from './served.ts';
import { outcomeOf, planFor } from './served.ts';
import { UniqueWords } from './unique-words.ts';

/** A fraction, so that nothing else happens at the very moment at which it is over. */
const TIMEOUT_MS = 2999.5;

/** One request as the model saw it. */
export interface ServedRequest {
  readonly messages: readonly Message[];
  /** What was true when it came. */
  readonly moment: RequestMoment;
  readonly calls: ToolCall[];
  hasToken: boolean;
  usage: LLMUsage | undefined;
  outcome: ServedOutcome | undefined;
}

/** The state of the call when a request came. */
export interface RequestMoment {
  readonly isSpeculation: boolean;
  /** How many frames had left for the callers. */
  readonly frames: number;
}

/** A model that does what the plan says, with words of its own, and keeps what it served. */
export class GenerativeLLM extends LLM {
  readonly provider = 'generative';
  readonly model = 'generative-llm';
  readonly requests: ServedRequest[] = [];
  /** Overrides the plan from the next request on. */
  final: RoundPlan | undefined;
  readonly #rounds: readonly RoundPlan[];
  readonly #clock: ManualClock;
  readonly #moment: () => RequestMoment;
  readonly #words = new UniqueWords('w');
  #callCount = 0;
  #tokenCount = 0;

  constructor(rounds: readonly RoundPlan[], clock: ManualClock, moment: () => RequestMoment) {
    super({ firstEventTimeoutMs: TIMEOUT_MS, stallTimeoutMs: TIMEOUT_MS });
    this.#rounds = rounds;
    this.#clock = clock;
    this.#moment = moment;
  }

  protected async *stream(request: LLMRequest, signal: AbortSignal): AsyncIterable<LLMEvent> {
    const plan = this.final ?? planFor(this.#rounds, this.requests.length);
    const served: ServedRequest = {
      messages: request.messages,
      moment: this.#moment(),
      calls: [],
      hasToken: false,
      usage: undefined,
      outcome: undefined,
    };
    this.requests.push(served);
    let waitsSinceMs = this.#clock.now();
    try {
      for (const [index, event] of this.#events(plan).entries()) {
        const ms = index === 0 ? plan.firstAfterMs : plan.everyMs;
        await pause(this.#clock, Math.max(1, ms), signal);
        if (index === plan.failsAfter) {
          if (plan.end === 'stall') await pause(this.#clock, 2 * TIMEOUT_MS, signal);
          if (plan.end === 'truncated' || plan.end === 'error') served.outcome = 'error';
          if (plan.end === 'truncated') return;
          if (plan.end === 'error') throw ProviderError.fromStatus(this.provider, 503);
        }
        if (event.type === 'usage') served.usage = event.usage;
        if (event.type === 'tool-call') served.calls.push(event.call);
        if (event.type === 'tool-call' || event.type === 'text') served.hasToken = true;
        if (event.type === 'end') served.outcome = 'completed';
        yield event;
        waitsSinceMs = this.#clock.now();
      }
    } finally {
      const hasTimedOut = this.#clock.now() - waitsSinceMs >= TIMEOUT_MS;
      served.outcome ??= outcomeOf(signal, hasTimedOut);
    }
  }

  #events(plan: RoundPlan): LLMEvent[] {
    const pieces = plan.sentences.flatMap((count) => this.#pieces(count));
    const calls = plan.calls.map((call) => this.#call(call));
    const events: LLMEvent[] = pieces.map((text) => ({ type: 'text', text }));
    events.push(...calls.map((call) => ({ type: 'tool-call' as const, call })));
    if (plan.usage === 'first' || plan.usage === 'both') events.unshift(this.#usage());
    if (plan.usage === 'last' || plan.usage === 'both') events.push(this.#usage());
    const reason = calls.length > 0 ? 'tool-calls' : plan.end === 'length' ? 'length' : 'stop';
    return [...events, { type: 'end', reason }];
  }

  /** A sentence in pieces of three words. */
  #pieces(count: number): string[] {
    return `${this.#words.sentence(count)} `.match(/(?:\S+\s+){1,3}/g) ?? [];
  }

  #call({ tool, input }: CallPlan): ToolCall {
    this.#callCount += 1;
    return { id: `call-${this.#callCount}`, name: tool, arguments: { input } };
  }

  /** Figures that no other report has, so that a sum tells which ones are in it. */
  #usage(): LLMEvent {
    this.#tokenCount += 1;
    const tokens = 2 ** (this.#tokenCount % 40) + this.#tokenCount;
    return { type: 'usage', usage: { inputTokens: tokens, outputTokens: tokens + 1 } };
  }
}
