import { systemClock } from '../clock/clock.ts';
import { ProviderError } from '../errors/provider-error.ts';
import type { ComponentContext, ConnectContext } from '../stream/component-context.ts';
import { connectContext } from '../stream/component-context.ts';
import type { STTFact } from './stt-events.ts';
import { STTRecorder } from './stt-recorder.ts';
import { STTStream } from './stt-stream.ts';

/**
 * A connection of a plugin to its provider: takes audio, yields facts. Iterated once, by core.
 * The iteration ends after `close` and throws a {@link ProviderError} when the connection is lost.
 */
export interface STTConnection extends AsyncIterable<STTFact> {
  /** Sends samples at {@link STT.sampleRateHz}. Must not throw; what cannot be sent is an error fact. */
  send(samples: Int16Array): void;
  /** Asks for the transcript of what was sent, without waiting for the end of the turn. */
  flush(): void;
  /** Ends the audio, lets the last results come, closes. Idempotent, bounded in time, never throws. */
  close(): Promise<void>;
}

/**
 * Speech to text of a provider. The object is configuration and can serve any number of calls; what
 * lives is the {@link STTStream} that it opens, one for each participant of a call.
 */
export abstract class STT {
  /** The vendor: one spelling for all its components. */
  abstract readonly provider: string;
  /** The model asked for. */
  abstract readonly model: string;
  /** Whether the provider tells where turns start and end. */
  abstract readonly detectsTurns: boolean;
  /** The rate that the provider is sent, in Hz. Core converts. */
  abstract readonly sampleRateHz: number;

  /**
   * Connects. The stream is live until it is closed or `context.signal` is aborted.
   * @throws ProviderError when the provider cannot be reached or refuses
   */
  async open(context: ComponentContext = {}): Promise<STTStream> {
    const recorder = new STTRecorder(this.provider, this.model, context.metrics);
    context.signal?.throwIfAborted();
    const controller = new AbortController();
    const abort = (): void => controller.abort(context.signal?.reason);
    context.signal?.addEventListener('abort', abort, { once: true });
    const unlink = (): void => context.signal?.removeEventListener('abort', abort);
    try {
      const connection = await this.connect(
        connectContext(context, recorder.recorder, controller.signal),
      );
      const stream = new STTStream({
        provider: this.provider,
        connection,
        recorder,
        sampleRateHz: this.sampleRateHz,
        clock: context.clock ?? systemClock,
        signal: controller.signal,
        onClosed: unlink,
      });
      // The call may have ended meanwhile, and the plugin may not have looked.
      if (controller.signal.aborted) await stream.close();
      controller.signal.throwIfAborted();
      return stream;
    } catch (error) {
      unlink();
      if (context.signal?.aborted === true) throw error;
      const failure = ProviderError.from(this.provider, error);
      recorder.error(failure);
      throw failure;
    }
  }

  /** Opens the provider's connection within a bounded time, or throws a {@link ProviderError}. */
  protected abstract connect(context: ConnectContext): Promise<STTConnection>;
}
