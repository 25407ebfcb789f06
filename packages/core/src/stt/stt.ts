import type { ComponentContext, ConnectContext } from '../stream/component-context.ts';
import { openStream } from '../stream/open-stream.ts';
import type { STTFact } from './stt-events.ts';
import { STTRecorder } from './stt-recorder.ts';
import { STTStream } from './stt-stream.ts';

/**
 * A connection of a plugin to its provider: takes audio, yields facts. Iterated once, by core.
 * The iteration ends after `close` and throws a `ProviderError` when the connection is lost.
 */
export interface STTConnection extends AsyncIterable<STTFact> {
  /**
   * Sends samples at {@link STT.sampleRateHz}. Returns whether they were handed to the network: what was
   * not is not counted as sent. Must not throw; what cannot be sent is an error fact.
   */
  send(samples: Int16Array): boolean;
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
  open(context: ComponentContext = {}): Promise<STTStream> {
    const { provider, sampleRateHz } = this;
    const recorder = new STTRecorder(provider, this.model, context.metrics);
    return openStream({
      provider,
      component: 'stt',
      context,
      recorder,
      connect: (plugins) => this.connect(plugins),
      wrap: (connection, life) =>
        new STTStream({
          ...life,
          provider,
          connection,
          recorder,
          sampleRateHz,
          onLost: context.onLost,
        }),
    });
  }

  /** Opens the provider's connection within a bounded time, or throws a `ProviderError`. */
  protected abstract connect(context: ConnectContext): Promise<STTConnection>;
}
