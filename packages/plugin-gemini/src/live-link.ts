import type { LiveConnectConfig, Session } from '@google/genai';
import type { ConnectContext, ProviderError } from '@vision-agents/core';
import { AudioUplink, pcmBytes, ProviderSocket } from '@vision-agents/core';

import { connectionErrors, geminiError } from './gemini-error.ts';
import { createClient } from './gemini-llm-connection.ts';
import type { RealtimeSettings } from './gemini-options.ts';
import type { LiveSocket } from './live-socket.ts';
import { useOwnSockets } from './live-socket.ts';

/** What the API takes: 16-bit, mono, at this rate in Hz. */
export const INPUT_SAMPLE_RATE_HZ = 16_000;
/** As base64, which makes four bytes of three. */
const WIRE_BYTES_PER_MS = ((INPUT_SAMPLE_RATE_HZ * Int16Array.BYTES_PER_ELEMENT) / 1000) * (4 / 3);

/** What a link is opened with. */
export interface LiveLinkParts {
  readonly settings: RealtimeSettings;
  readonly config: LiveConnectConfig;
  readonly context: ConnectContext;
  readonly onMessage: (link: LiveLink, message: unknown) => void;
  /** Something went wrong that the link outlives. */
  readonly onError: (link: LiveLink, error: ProviderError) => void;
  /** It was closed, by whomever. */
  readonly onClosed: (link: LiveLink, error: ProviderError) => void;
}

/** One socket of a Live session. A session can outlive it, on the next one. */
export class LiveLink {
  readonly #parts: LiveLinkParts;
  readonly #failed = Promise.withResolvers<never>();
  #session: Session | undefined;
  #socket: ProviderSocket | undefined;
  #uplink: AudioUplink | undefined;
  #writtenMs = 0;

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

  /** How much audio was to be sent on it, in milliseconds. */
  get writtenMs(): number {
    return this.#writtenMs;
  }

  /** What texts, audio and results are sent with. */
  get session(): Session {
    if (this.#session === undefined) throw new Error('the session is not open');
    return this.#session;
  }

  /**
   * Sends samples; what the network does not take any more is dropped, and told as an error. Returns
   * whether they were sent.
   */
  sendAudio(samples: Int16Array): boolean {
    const durationMs = (samples.length / INPUT_SAMPLE_RATE_HZ) * 1000;
    this.#writtenMs += durationMs;
    if (!this.#socket?.isOpen || !this.#uplink?.takes(durationMs)) return false;
    const { buffer, byteOffset, byteLength } = pcmBytes(samples);
    const data = Buffer.from(buffer, byteOffset, byteLength).toString('base64');
    const mimeType = `audio/pcm;rate=${INPUT_SAMPLE_RATE_HZ}`;
    this.session.sendRealtimeInput({ audio: { data, mimeType } });
    return true;
  }

  /** An offset of the service as one in all that was to be sent; undefined where that is not known. */
  writtenOffset(offsetMs: number | undefined): number | undefined {
    return this.#uplink?.writtenOffset(offsetMs);
  }

  /** Hangs up. Bounded in time; never rejects. */
  async close(): Promise<void> {
    await this.#socket?.close(this.#parts.settings.closeTimeoutMs);
  }

  async #open(): Promise<void> {
    const { settings, config, context } = this.#parts;
    const { clock, signal } = context;
    const { connectTimeoutMs, model } = settings;
    const abort = (): void => this.#failed.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    const cancel = clock.after(connectTimeoutMs, () =>
      this.#failed.reject(connectionErrors.connectTimeout(connectTimeoutMs)),
    );
    try {
      const sdk = await createClient(settings);
      signal.throwIfAborted();
      useOwnSockets(sdk, (socket) => this.#use(socket));
      const onmessage = (message: unknown): void => this.#parts.onMessage(this, message);
      const connecting = sdk.live.connect({ model, config, callbacks: { onmessage } });
      this.#session = await Promise.race([this.#failed.promise, connecting]);
    } catch (error) {
      const failure = geminiError(error, false);
      this.#socket?.break(failure);
      throw signal.aborted ? signal.reason : failure;
    } finally {
      cancel();
      signal.removeEventListener('abort', abort);
    }
  }

  #use({ client, receive }: LiveSocket): void {
    const { context, onError } = this.#parts;
    this.#socket = new ProviderSocket({
      client,
      context,
      errors: connectionErrors,
      // The service sends its JSON in binary frames.
      onMessage: (data) => {
        const json = data.toString();
        if (isObject(json)) receive(json);
        else onError(this, connectionErrors.malformed('it is not a JSON object'));
      },
      onClosed: (error) => {
        this.#failed.reject(error);
        if (this.#session) this.#parts.onClosed(this, error);
      },
    });
    this.#uplink = new AudioUplink({
      socket: this.#socket,
      errors: connectionErrors,
      bytesPerMs: WIRE_BYTES_PER_MS,
      onBacklog: (error) => onError(this, error),
    });
  }
}

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
