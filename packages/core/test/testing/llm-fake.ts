import { setImmediate as turn } from 'node:timers/promises';

import type { LLMEvent, LLMRequest, LLMUsage } from '../../src/index.ts';
import { LLM, ProviderError } from '../../src/index.ts';
import type { LLMBehaviour, LLMHarness } from '../../src/testing/index.ts';
import { LLM_TOOL } from '../../src/testing/index.ts';

const TEXT = 'The sun is a star. It is far away.';
const USAGE: LLMUsage = {
  inputTokens: 12,
  outputTokens: 9,
  cachedInputTokens: 4,
  reasoningTokens: 2,
};

/** A model of a provider that is a list of behaviours. Broken ones override a part of it. */
export class FakeLLM extends LLM {
  readonly provider: string = 'fake';
  readonly model: string = 'fake-llm';
  served: LLMUsage | undefined;
  callCount = 0;
  readonly #behaviours: LLMBehaviour[];

  constructor(behaviours: readonly LLMBehaviour[]) {
    super();
    this.#behaviours = [...behaviours];
  }

  protected async *stream(_request: LLMRequest, signal: AbortSignal): AsyncIterable<LLMEvent> {
    const behaviour = this.#behaviours.shift();
    if (behaviour === undefined) throw new Error('nothing more was expected');
    await turn();
    yield* this.answer(behaviour, signal);
  }

  protected async *answer(
    behaviour: LLMBehaviour,
    signal: AbortSignal,
  ): AsyncGenerator<LLMEvent, void, undefined> {
    switch (behaviour) {
      case 'answers':
        yield* this.text(TEXT);
        yield* this.end('stop');
        return;
      case 'calls-tools':
        for (const city of ['Paris', 'Rome']) yield this.toolCall(city);
        yield* this.end('tool-calls');
        return;
      case 'refuses':
        throw this.refusal(503);
      case 'rejects-key':
        throw this.refusal(401);
      case 'hangs':
        return this.silence(signal);
      case 'stalls':
        yield* this.text(TEXT.slice(0, 10));
        return this.silence(signal);
      case 'fails':
        yield* this.text(TEXT.slice(0, 10));
        throw this.refusal(500);
      case 'breaks-off':
        yield* this.text(TEXT.slice(0, 10));
        yield* this.brokenOff();
    }
  }

  protected async *text(text: string): AsyncGenerator<LLMEvent, void, undefined> {
    for (const piece of text.match(/.{1,8}/g) ?? []) {
      await turn();
      yield { type: 'text', text: piece };
    }
  }

  protected async *end(reason: 'stop' | 'tool-calls'): AsyncGenerator<LLMEvent, void, undefined> {
    this.serve();
    yield { type: 'usage', usage: USAGE };
    yield { type: 'end', reason };
  }

  protected toolCall(city: string): LLMEvent {
    const id = `call-${(this.callCount += 1)}`;
    return { type: 'tool-call', call: { id, name: LLM_TOOL, arguments: { city } } };
  }

  protected refusal(status: number): Error {
    return ProviderError.fromStatus(this.provider, status);
  }

  protected silence(signal: AbortSignal): Promise<void> {
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      // Whoever has left may have done so before there was nothing more to say.
      if (signal.aborted) reject(signal.reason);
    });
  }

  /** How a stream ends that was cut off: core sees that its last event is missing. */
  protected async *brokenOff(): AsyncGenerator<LLMEvent, void, undefined> {}

  protected serve(): void {
    const sum = (key: keyof LLMUsage): number => (this.served?.[key] ?? 0) + (USAGE[key] ?? 0);
    this.served = {
      inputTokens: sum('inputTokens'),
      outputTokens: sum('outputTokens'),
      cachedInputTokens: sum('cachedInputTokens'),
      reasoningTokens: sum('reasoningTokens'),
    };
  }
}

/** The harness of a model of this kind. */
export function llmHarness(make: (behaviours: readonly LLMBehaviour[]) => FakeLLM): LLMHarness {
  return {
    create(behaviours) {
      const llm = make(behaviours);
      return { llm, text: TEXT, served: () => llm.served };
    },
  };
}
