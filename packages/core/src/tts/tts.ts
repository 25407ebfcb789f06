import type { ComponentContext, ConnectContext } from '../stream/component-context.ts';
import { openStream } from '../stream/open-stream.ts';
import { TTSRecorder } from './tts-recorder.ts';
import { TTSStream } from './tts-stream.ts';

/** A connection of a plugin to its provider, kept warm between the turns of a call. */
export interface TTSConnection {
  /** The rate of the audio, in Hz. */
  readonly sampleRateHz: number;
  /**
   * Speaks one text that is not blank. Yields 16-bit little-endian mono PCM as it comes, in chunks of
   * any size; ends when all of it has come; throws a `ProviderError`. When `signal` is
   * aborted, tells the provider to stop where it can be told, and yields what still comes before that
   * takes effect: it is counted, though nobody hears it.
   */
  synthesize(text: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Idempotent, bounded in time, never throws. */
  close(): Promise<void>;
}

/** How long to wait for speech. */
export interface TTSTimeouts {
  /** From handing over a text to its first audio, in milliseconds. @default 10000 */
  readonly firstAudioTimeoutMs?: number;
  /** Between two chunks of audio, in milliseconds. @default 10000 */
  readonly stallTimeoutMs?: number;
}

/**
 * Text to speech of a provider. The object is configuration and can serve any number of calls; what
 * lives is the {@link TTSStream} that it opens, one for each call.
 */
export abstract class TTS {
  /** The vendor: one spelling for all its components. */
  abstract readonly provider: string;
  /** The model asked for. */
  abstract readonly model: string;
  readonly #timeouts: Required<TTSTimeouts>;

  constructor(timeouts: TTSTimeouts = {}) {
    this.#timeouts = {
      firstAudioTimeoutMs: timeouts.firstAudioTimeoutMs ?? 10_000,
      stallTimeoutMs: timeouts.stallTimeoutMs ?? 10_000,
    };
  }

  /**
   * Connects. The stream is live until it is closed or `context.signal` is aborted.
   * @throws ProviderError when the provider cannot be reached or refuses
   */
  open(context: ComponentContext = {}): Promise<TTSStream> {
    const { provider, model } = this;
    const timeouts = this.#timeouts;
    const recorder = new TTSRecorder(provider, model, context.metrics);
    return openStream({
      provider,
      component: 'tts',
      context,
      recorder,
      connect: (plugins) => this.connect(plugins),
      wrap: (connection, life) =>
        new TTSStream({ ...life, provider, model, connection, recorder, timeouts }),
    });
  }

  /** Opens the provider's connection within a bounded time, or throws a `ProviderError`. */
  protected abstract connect(context: ConnectContext): Promise<TTSConnection>;
}
