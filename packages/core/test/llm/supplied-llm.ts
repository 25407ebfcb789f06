import type { LLMEvent, LLMRequest, LLMTimeouts } from '../../src/index.ts';
import { AsyncQueue, LLM } from '../../src/index.ts';

/** A model whose events the test gives, one by one, or whose stream the test writes itself. */
export class SuppliedLLM extends LLM {
  readonly provider: string;
  readonly model = 'supplied-1';
  readonly events: AsyncQueue<LLMEvent> = new AsyncQueue<LLMEvent>();
  readonly signals: AbortSignal[] = [];
  readonly #stream: ((signal: AbortSignal) => AsyncIterable<LLMEvent>) | undefined;

  constructor(
    options: {
      provider?: string;
      timeouts?: LLMTimeouts;
      stream?: (signal: AbortSignal) => AsyncIterable<LLMEvent>;
    } = {},
  ) {
    super(options.timeouts);
    this.provider = options.provider ?? 'supplied';
    this.#stream = options.stream;
  }

  protected stream(_request: LLMRequest, signal: AbortSignal): AsyncIterable<LLMEvent> {
    this.signals.push(signal);
    return this.#stream?.(signal) ?? this.events;
  }
}

/** A request of one sentence. */
export const REQUEST: LLMRequest = {
  instructions: 'Be brief.',
  messages: [{ role: 'user', text: 'Hello' }],
};

export const TEXT: LLMEvent = { type: 'text', text: 'Hello.' };
export const END: LLMEvent = { type: 'end', reason: 'stop' };

export function usage(inputTokens: number, outputTokens: number): LLMEvent {
  return { type: 'usage', usage: { inputTokens, outputTokens } };
}
