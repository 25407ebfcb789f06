import type { LiveConnectConfig, Session } from '@google/genai';
import type { ConnectContext, ProviderError } from '@vision-agents/core';
import type { WebSocket } from 'ws';

import { backlogError, connectTimeoutError, geminiError } from './gemini-error.ts';
import { createClient } from './gemini-llm-connection.ts';
import type { RealtimeSettings } from './gemini-options.ts';
import { useOwnSockets } from './live-socket.ts';

/** How much audio may wait in the socket: beyond that the line is as good as dead. */
const BACKLOG_LIMIT_MS = 2000;

/** What a link is opened with. */
export interface LiveLinkParts {
  readonly settings: RealtimeSettings;
  readonly config: LiveConnectConfig;
  readonly context: ConnectContext;
  readonly onMessage: (link: LiveLink, message: unknown) => void;
  readonly onUnreadable: (link: LiveLink) => void;
  /** It was closed, by whomever. */
  readonly onClosed: (link: LiveLink, error: ProviderError) => void;
}

/** One socket of a Live session. A session can outlive it, on the next one. */
export class LiveLink {
  readonly #parts: LiveLinkParts;
  readonly #failed = Promise.withResolvers<never>();
  readonly #closed = Promise.withResolvers<void>();
  #session: Session | undefined;
  #socket: WebSocket | undefined;
  #socketClosed: (() => void) | undefined;
  #sentMs = 0;

  private constructor(parts: LiveLinkParts) {
    this.#parts = parts;
    this.#failed.promise.catch(() => undefined);
  }

  /**
   * Connects and sets the session up, within a bounded time.
   * @throws ProviderError; the reason of the context's signal when that is aborted
   */
  static async open(parts: LiveLinkParts): Promise<LiveLink> {
    const link = new LiveLink(parts);
    await link.#open();
    return link;
  }

  /** How much audio was sent on it, in milliseconds. */
  get sentMs(): number {
    return this.#sentMs;
  }

  /** What texts, audio and results are sent with. */
  get session(): Session {
    if (this.#session === undefined) throw new Error('the session is not open');
    return this.#session;
  }

  /** Sends audio of so many milliseconds; a line that does not take it any more is cut. */
  sendAudio(
    bytes: Uint8Array,
    sampleRateHz: number,
    durationMs: number,
  ): ProviderError | undefined {
    const waiting = this.#socket?.bufferedAmount ?? 0;
    // Base64 makes four bytes of three.
    const waitingMs = (waiting * 0.75 * durationMs) / Math.max(1, bytes.byteLength);
    if (waitingMs > BACKLOG_LIMIT_MS) {
      this.#socket?.terminate();
      return backlogError(BACKLOG_LIMIT_MS);
    }
    this.#sentMs += durationMs;
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
    const mimeType = `audio/pcm;rate=${sampleRateHz}`;
    this.session.sendRealtimeInput({ audio: { data, mimeType } });
    return undefined;
  }

  /** Hangs up. Bounded in time; never rejects. */
  async close(): Promise<void> {
    const { context, settings } = this.#parts;
    this.#socket?.close();
    const cancel = context.clock.after(settings.closeTimeoutMs, () => this.#socket?.terminate());
    await this.#closed.promise;
    cancel();
  }

  async #open(): Promise<void> {
    const { settings, config, context } = this.#parts;
    const { clock, signal } = context;
    const { connectTimeoutMs, model } = settings;
    const abort = (): void => this.#failed.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    const cancel = clock.after(connectTimeoutMs, () =>
      this.#failed.reject(connectTimeoutError(connectTimeoutMs)),
    );
    try {
      const client = await createClient(settings);
      signal.throwIfAborted();
      useOwnSockets(client, {
        onOpen: (socket) => this.#opened(socket),
        onUnreadable: () => this.#parts.onUnreadable(this),
        onClosed: (error) => this.#wasClosed(error),
      });
      const onmessage = (message: unknown): void => this.#parts.onMessage(this, message);
      const connecting = client.live.connect({ model, config, callbacks: { onmessage } });
      this.#session = await Promise.race([this.#failed.promise, connecting]);
    } catch (error) {
      this.#socket?.terminate();
      throw signal.aborted ? signal.reason : geminiError(error, false);
    } finally {
      cancel();
      signal.removeEventListener('abort', abort);
    }
  }

  #opened(socket: WebSocket): void {
    this.#socket = socket;
    socket.once('open', () => (this.#socketClosed = this.#parts.context.socketOpened()));
  }

  #wasClosed(error: ProviderError): void {
    this.#socketClosed?.();
    this.#closed.resolve();
    this.#failed.reject(error);
    if (this.#session) this.#parts.onClosed(this, error);
  }
}
