import type { ConnectContext, ProviderError } from '@vision-agents/core';
import type { OpenAIRealtimeWS } from 'openai/realtime/ws';
import type { RealtimeClientEvent, SessionUpdateEvent } from 'openai/resources/realtime/realtime';

import { createClient } from './openai-client.ts';
import {
  backlogError,
  connectTimeoutError,
  malformedAnswer,
  openAIError,
  PROVIDER,
  rejectedSession,
  socketClosed,
  upgradeRefused,
} from './openai-error.ts';
import type { Json } from './openai-wire.ts';
import { connectionTo } from './plain-connection.ts';

/** How much audio may wait in the socket: beyond that the line is as good as dead. */
const BACKLOG_LIMIT_MS = 2000;
/** No event is nearly as large. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** What a session is opened with. */
export interface RealtimeSocketParts {
  readonly service: { readonly apiKey: string; readonly baseUrl: string };
  /** Whether a model answers or speech is only written down. */
  readonly target: { readonly model: string } | { readonly intent: 'transcription' };
  /** How it is set up, before anybody is heard. */
  readonly session: SessionUpdateEvent['session'];
  /** The longest wait for a session that is set up. */
  readonly connectTimeoutMs: number;
  /** The longest wait for the service to hang up. */
  readonly closeTimeoutMs: number;
  readonly context: ConnectContext;
  /** An event of the session, once it is set up. It may throw: then the event is an error's cause. */
  readonly onEvent: (event: Json) => void;
  /** What came cannot be read; the session goes on. */
  readonly onError: (error: ProviderError) => void;
  /** A session that was open is closed, by whomever. */
  readonly onClosed: (error: ProviderError) => void;
}

/** One session of OpenAI's Realtime API, on the SDK's socket. */
export class RealtimeSocket {
  readonly #parts: RealtimeSocketParts;
  readonly #realtime: OpenAIRealtimeWS;
  readonly #ready = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  #state: 'opening' | 'open' | 'closed' = 'opening';
  #refusal: ProviderError | undefined;
  #cause: unknown;

  private constructor(parts: RealtimeSocketParts, realtime: OpenAIRealtimeWS) {
    this.#parts = parts;
    this.#realtime = realtime;
    this.#ready.promise.catch(() => undefined);
    // Without a listener the SDK lets the process die; what the service itself tells is an event as well.
    realtime.on('error', (error) => this.#failed(error));
    realtime.on('event', (event) => this.#receive({ ...event }));
    const { socket } = realtime;
    socket.once('open', () => void this.#closed.promise.then(parts.context.socketOpened()));
    socket.on('error', (error) => (this.#cause ??= error));
    socket.once('unexpected-response', (_request, response) => {
      void upgradeRefused(response).then((error) => this.#refuse(error));
    });
    socket.once('close', (code) => this.#wasClosed(code));
  }

  /**
   * Connects, and sets the session up, within a bounded time.
   * @throws ProviderError; the reason of the context's signal when that is aborted
   */
  static async open(parts: RealtimeSocketParts): Promise<RealtimeSocket> {
    const { service, target, context } = parts;
    const { OpenAIRealtimeWS } = await import('openai/realtime/ws');
    const client = await createClient(service);
    context.signal.throwIfAborted();
    const options = {
      ...connectionTo(service.baseUrl),
      maxPayload: MAX_MESSAGE_BYTES,
      closeTimeout: parts.closeTimeoutMs,
    };
    const realtime = new OpenAIRealtimeWS({ ...target, options }, client);
    const socket = new RealtimeSocket(parts, realtime);
    await socket.#open();
    return socket;
  }

  /** Sends an event. Does nothing once the session is closed. */
  send(event: RealtimeClientEvent): void {
    // The SDK drops in silence what is sent to a socket that is closing.
    if (this.#state !== 'closed') this.#realtime.send(event);
  }

  /** Sends audio of so many milliseconds; a line that does not take it any more is cut. */
  sendAudio(bytes: Uint8Array, durationMs: number): void {
    const { socket } = this.#realtime;
    // Base64 makes four bytes of three.
    const waitingMs = (socket.bufferedAmount * 0.75 * durationMs) / Math.max(1, bytes.byteLength);
    if (waitingMs > BACKLOG_LIMIT_MS) {
      this.#refuse(backlogError(BACKLOG_LIMIT_MS));
      return;
    }
    const audio = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
    this.send({ type: 'input_audio_buffer.append', audio });
  }

  /** Hangs up. Bounded in time; never rejects. */
  async close(): Promise<void> {
    const { socket } = this.#realtime;
    const { context, closeTimeoutMs } = this.#parts;
    socket.close(1000);
    const cancel = context.clock.after(closeTimeoutMs, () => socket.terminate());
    await this.#closed.promise;
    cancel();
  }

  async #open(): Promise<void> {
    const { context, connectTimeoutMs } = this.#parts;
    const { clock, signal } = context;
    const abort = (): void => this.#ready.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    const cancel = clock.after(connectTimeoutMs, () =>
      this.#ready.reject(connectTimeoutError(connectTimeoutMs)),
    );
    try {
      await this.#ready.promise;
    } catch (error) {
      this.#state = 'closed';
      this.#realtime.socket.terminate();
      throw error;
    } finally {
      cancel();
      signal.removeEventListener('abort', abort);
    }
  }

  #receive(event: Json): void {
    if (this.#state === 'open') {
      try {
        this.#parts.onEvent(event);
      } catch (error) {
        // Out of the SDK's handler it would end the process.
        this.#parts.onError(openAIError(PROVIDER, error, true));
      }
      return;
    }
    const { type } = event;
    if (type === 'session.created') {
      this.send({ type: 'session.update', session: this.#parts.session });
    } else if (type === 'session.updated' && this.#state === 'opening') {
      this.#state = 'open';
      this.#ready.resolve();
    } else if (type === 'error') {
      this.#ready.reject(rejectedSession(event['error']));
    }
  }

  #failed(error: { readonly error?: unknown; readonly cause?: unknown }): void {
    if (error.error !== undefined) return;
    // Of what came; the socket's own failures end with its close.
    if (error.cause instanceof SyntaxError || error.cause instanceof TypeError) {
      this.#parts.onError(malformedAnswer(PROVIDER));
    }
  }

  #refuse(error: ProviderError): void {
    this.#refusal ??= error;
    this.#realtime.socket.terminate();
  }

  #wasClosed(code: number): void {
    const error = this.#refusal ?? socketClosed(code, this.#cause);
    const wasOpen = this.#state === 'open';
    this.#state = 'closed';
    this.#closed.resolve();
    this.#ready.reject(error);
    if (wasOpen) this.#parts.onClosed(error);
  }
}
