import type { ComponentContext } from '../stream/component-context.ts';
import type { TTS } from '../tts/tts.ts';
import { Candidates } from './candidates.ts';
import type { CircuitOptions } from './circuit.ts';
import { FallbackTTSStream } from './fallback-tts-stream.ts';

/**
 * Several voices as one: a text that fails before its first sound is spoken by the next. One that fails
 * again and again is left alone for a while. Each records its own metrics.
 */
export class FallbackTTS implements Pick<TTS, 'provider' | 'model'> {
  readonly #candidates: Candidates<TTS>;

  /**
   * @param voices the preferred one first
   * @throws ConfigurationError when there are fewer than two, or an option cannot work
   */
  constructor(voices: readonly TTS[], options: CircuitOptions = {}) {
    this.#candidates = new Candidates('FallbackTTS', voices, options);
  }

  /** The vendor of the preferred voice. */
  get provider(): string {
    return this.#candidates.first.provider;
  }

  /** The model of the preferred voice. */
  get model(): string {
    return this.#candidates.first.model;
  }

  /**
   * Connects to the first voice that can be opened; the others are opened when they are needed.
   * @throws ProviderError of the last one when none can
   */
  async open(context: ComponentContext = {}): Promise<FallbackTTSStream> {
    const stream = new FallbackTTSStream(this.#candidates, context);
    try {
      await stream.warmUp();
      return stream;
    } catch (error) {
      await stream.close();
      throw error;
    }
  }
}
