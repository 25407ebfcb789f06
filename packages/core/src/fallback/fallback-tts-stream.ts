import type { AudioFrame } from '../audio/audio-frame.ts';
import { InterruptedError } from '../errors/interrupted-error.ts';
import type { ComponentContext } from '../stream/component-context.ts';
import type { TraceScope } from '../tracing/trace-scope.ts';
import type { TTSStream } from '../tts/tts-stream.ts';
import type { TTS } from '../tts/tts.ts';
import type { Candidate, Candidates } from './candidates.ts';

/** The voices of one call, of which one speaks. */
export class FallbackTTSStream implements Pick<TTSStream, keyof TTSStream> {
  readonly #candidates: Candidates<TTS>;
  readonly #context: ComponentContext;
  readonly #opened = new Map<TTS, Promise<TTSStream>>();
  #closing: Promise<void> | undefined;

  constructor(candidates: Candidates<TTS>, context: ComponentContext) {
    this.#candidates = candidates;
    this.#context = context;
  }

  /** Opens the first voice that can be opened. @throws ProviderError of the last when none can */
  async warmUp(): Promise<void> {
    let failure: unknown;
    for (const candidate of this.#candidates.inOrder(this.#context)) {
      try {
        await this.#open(candidate);
        return;
      } catch (error) {
        failure = this.#candidates.failed(candidate, error, this.#context);
      }
    }
    throw failure;
  }

  /**
   * As {@link TTSStream.synthesize}, with the first voice that speaks.
   * @throws ProviderError of the last one when all fail, or when one fails after its first sound
   */
  async *synthesize(
    text: string,
    signal?: AbortSignal,
    trace?: TraceScope,
  ): AsyncGenerator<AudioFrame, void, undefined> {
    let failure: unknown;
    for (const candidate of this.#candidates.inOrder(this.#context)) {
      let hasBegun = false;
      try {
        const stream = await this.#open(candidate);
        for await (const frame of stream.synthesize(text, signal, trace)) {
          hasBegun = true;
          yield frame;
        }
        candidate.circuit.succeeded();
        return;
      } catch (error) {
        if (signal?.aborted === true) throw error;
        failure = this.#candidates.failed(candidate, error, this.#context);
        // Half a sentence in one voice is not begun again in another.
        if (hasBegun) throw failure;
      }
    }
    throw failure;
  }

  /** Closes every voice that was opened. Idempotent; never throws. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open({ component }: Candidate<TTS>): Promise<TTSStream> {
    if (this.#closing) throw new InterruptedError();
    const opened = this.#opened.get(component) ?? component.open(this.#context);
    this.#opened.set(component, opened);
    try {
      return await opened;
    } catch (error) {
      this.#opened.delete(component);
      throw error;
    }
  }

  async #close(): Promise<void> {
    const opened = [...this.#opened.values()];
    await Promise.allSettled(opened.map(async (stream) => (await stream).close()));
  }
}
