import type { Message, ToolResult } from '../conversation/message.ts';
import type { ToolDeclaration } from '../llm/llm-request.ts';
import type { ComponentContext, ConnectContext } from '../stream/component-context.ts';
import { openStream } from '../stream/open-stream.ts';
import type { RealtimeFact } from './realtime-events.ts';
import { RealtimeRecorder } from './realtime-recorder.ts';
import { RealtimeSession } from './realtime-session.ts';

/** What a session is opened with. */
export interface RealtimeRequest {
  readonly instructions: string;
  readonly tools?: readonly ToolDeclaration[];
  /** What was said in the call before, where the session takes the place of one that was lost. */
  readonly history?: readonly Message[];
  /**
   * The {@link RealtimeConnection.resumption} of the session that was lost: where a model takes it, it
   * knows the `history` already.
   */
  readonly resumption?: string;
}

/**
 * A connection of a plugin to a speech-to-speech model. Iterated once, by core. The iteration ends
 * after `close` and throws a `ProviderError` when the connection is lost.
 */
export interface RealtimeConnection extends AsyncIterable<RealtimeFact> {
  /** The rates in Hz that the model is sent and sends. Core converts what it sends. */
  readonly inputSampleRateHz: number;
  readonly outputSampleRateHz: number;
  /** What another session needs to go on from here, at the same provider; undefined while nothing does. */
  readonly resumption?: string | undefined;
  /**
   * Sends samples. Returns whether they were handed to the network: what was not is not counted as sent.
   * Must not throw; what cannot be sent is an error fact.
   */
  send(samples: Int16Array): boolean;
  /** Has the model respond to a text. */
  sendText(text: string): void;
  sendToolResults(results: readonly ToolResult[]): void;
  /** Stops the answer: the caller heard `playedMs` of it, and the model shall remember no more. */
  interrupt(playedMs: number): void;
  /** Idempotent, bounded in time, never throws. */
  close(): Promise<void>;
}

/**
 * A model that hears and speaks by itself. The object is configuration and can serve any number of
 * calls; what lives is the {@link RealtimeSession} that it opens, one for each call.
 */
export abstract class Realtime {
  /** The vendor: one spelling for all its components. */
  abstract readonly provider: string;
  /** The model asked for. */
  abstract readonly model: string;

  /**
   * Connects. The session is live until it is closed or `context.signal` is aborted.
   * @throws ProviderError when the provider cannot be reached or refuses
   */
  open(request: RealtimeRequest, context: ComponentContext = {}): Promise<RealtimeSession> {
    const { provider } = this;
    const recorder = new RealtimeRecorder(provider, this.model, context.metrics);
    return openStream({
      provider,
      component: 'realtime',
      context,
      recorder,
      connect: (plugins) => this.connect(request, plugins),
      wrap: (connection, life) => new RealtimeSession({ ...life, provider, connection, recorder }),
    });
  }

  /** Opens the provider's connection within a bounded time, or throws a `ProviderError`. */
  protected abstract connect(
    request: RealtimeRequest,
    context: ConnectContext,
  ): Promise<RealtimeConnection>;
}
