import { ConfigurationError } from '../errors/configuration-error.ts';
import type { ComponentContext } from '../stream/component-context.ts';
import type { STTStream } from '../stt/stt-stream.ts';
import type { STT } from '../stt/stt.ts';
import { Candidates } from './candidates.ts';
import type { CircuitOptions } from './circuit.ts';

/**
 * Several speech-to-text services as one: when one cannot be opened the next is, and one whose
 * connections break again and again is left alone for a while. Each records its own metrics.
 */
export class FallbackSTT implements Pick<STT, keyof STT> {
  readonly #candidates: Candidates<STT>;

  /**
   * @param services the preferred one first; all of them find turns, or none does
   * @throws ConfigurationError when there are fewer than two, when they differ in that, or an option
   * cannot work
   */
  constructor(services: readonly STT[], options: CircuitOptions = {}) {
    this.#candidates = new Candidates('FallbackSTT', services, options);
    if (services.some(({ detectsTurns }) => detectsTurns !== this.detectsTurns)) {
      const message = 'FallbackSTT needs services that all find turns, or none that does';
      throw new ConfigurationError('components', message);
    }
  }

  /** The vendor of the preferred service. */
  get provider(): string {
    return this.#candidates.first.provider;
  }

  /** The model of the preferred service. */
  get model(): string {
    return this.#candidates.first.model;
  }

  /** Whether the services tell where turns start and end. */
  get detectsTurns(): boolean {
    return this.#candidates.first.detectsTurns;
  }

  /** The rate that the preferred service is sent, in Hz. */
  get sampleRateHz(): number {
    return this.#candidates.first.sampleRateHz;
  }

  /**
   * As {@link STT.open}, with the first service that can be opened.
   * @throws ProviderError of the last one when none can
   */
  async open(context: ComponentContext = {}): Promise<STTStream> {
    let failure: unknown;
    for (const candidate of this.#candidates.inOrder(context)) {
      try {
        return await candidate.component.open({
          ...context,
          onLost: (error) => {
            context.onLost?.(error);
            this.#candidates.failed(candidate, error, context);
          },
        });
      } catch (error) {
        failure = this.#candidates.failed(candidate, error, context);
      }
    }
    throw failure;
  }
}
