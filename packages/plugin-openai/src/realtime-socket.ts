import type { ConnectContext, ProviderError } from '@vision-agents/core';
import {
  AudioUplink,
  pcmBytes,
  ProviderSocket,
  silence,
  untilAborted,
  WEB_SOCKET_OPTIONS,
} from '@vision-agents/core';
import type { OpenAIRealtimeWS } from 'openai/realtime/ws';
import type { RealtimeClientEvent, SessionUpdateEvent } from 'openai/resources/realtime/realtime';

import { createClient } from './openai-client.ts';
import { connectionErrors, PROVIDER, sessionError, wrongSession } from './openai-error.ts';
import type { Json } from './openai-wire.ts';
import { isObject, isString, known } from './openai-wire.ts';
import { connectionTo } from './plain-connection.ts';

/** What the API takes and sends: 16-bit, mono, at this rate in Hz. */
export const SESSION_SAMPLE_RATE_HZ = 24_000;
/** As base64, which makes four bytes of three. */
const WIRE_BYTES_PER_MS = ((SESSION_SAMPLE_RATE_HZ * 2) / 1000) * (4 / 3);
/** An event that was told already can come again; not an older one. */
const REMEMBERED_EVENTS = 32;

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
  /** An event of the session that is set up, told once. What it throws is an error that the session outlives. */
  readonly onEvent: (event: Json) => void;
  /** It has answered a ping. */
  readonly onPong?: () => void;
  /** Something went wrong that the session outlives. */
  readonly onError: (error: ProviderError) => void;
  /** A session that was open is closed, by whomever. */
  readonly onClosed: (error: ProviderError) => void;
}

/** One session of OpenAI's Realtime API, on the SDK's socket. */
export class RealtimeSocket {
  readonly #parts: RealtimeSocketParts;
  readonly #realtime: OpenAIRealtimeWS;
  readonly #socket: ProviderSocket;
  readonly #uplink: AudioUplink;
  readonly #setUp = Promise.withResolvers<void>();
  readonly #told: string[] = [];
  #state: 'opening' | 'open' | 'closed' = 'opening';

  private constructor(parts: RealtimeSocketParts, realtime: OpenAIRealtimeWS) {
    this.#parts = parts;
    this.#realtime = realtime;
    this.#setUp.promise.catch(() => undefined);
    // Without a listener the SDK lets the process die.
    realtime.on('error', (error) => this.#failed(error));
    realtime.on('event', (event) => this.#receive({ ...event }));
    if (parts.onPong) realtime.socket.on('pong', parts.onPong);
    this.#socket = new ProviderSocket({
      client: realtime.socket,
      context: parts.context,
      errors: connectionErrors,
      // The SDK reads them.
      onMessage: () => undefined,
      onClosed: (error) => this.#closed(error),
    });
    this.#uplink = new AudioUplink({
      socket: this.#socket,
      errors: connectionErrors,
      bytesPerMs: WIRE_BYTES_PER_MS,
      onBacklog: parts.onError,
    });
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
    const options = { ...WEB_SOCKET_OPTIONS, ...connectionTo(service.baseUrl) };
    const realtime = new OpenAIRealtimeWS({ ...target, options }, client);
    const socket = new RealtimeSocket(parts, realtime);
    await socket.#open();
    return socket;
  }

  /** Sends an event. Does nothing once the session is closed. */
  send(event: RealtimeClientEvent): void {
    // What is sent to a socket that is closing the SDK drops, or tells of as an error.
    if (this.#socket.isOpen) this.#realtime.send(event);
  }

  /** Whether it takes events. */
  get isOpen(): boolean {
    return this.#socket.isOpen;
  }

  /**
   * Sends samples; what the network does not take any more is dropped, and told as an error. Returns how
   * much was sent, in milliseconds.
   */
  sendAudio(samples: Int16Array): number {
    const durationMs = durationOf(samples);
    if (!this.#socket.isOpen || !this.#uplink.takes(durationMs)) return 0;
    this.#append(samples);
    return durationMs;
  }

  /** Sends silence that nobody has written; returns how much, in milliseconds. */
  sendSilence(durationMs: number): number {
    const { samples } = silence(durationMs, SESSION_SAMPLE_RATE_HZ);
    const addedMs = durationOf(samples);
    this.#uplink.added(addedMs);
    this.#append(samples);
    return addedMs;
  }

  /** Asks for a sign of life. */
  ping(): void {
    this.#realtime.socket.ping();
  }

  /** An offset in the audio that the service got as one in all that was to be sent; undefined where that is not known. */
  writtenOffset(offsetMs: number | undefined): number | undefined {
    return this.#uplink.writtenOffset(offsetMs);
  }

  /** Ends it at once, for this reason. */
  break(error: ProviderError): void {
    this.#socket.break(error);
  }

  /** Hangs up, at once or when the last result is there. Bounded in time; never rejects. */
  async close(lastResult?: Promise<unknown>): Promise<void> {
    await this.#socket.close(this.#parts.closeTimeoutMs, lastResult);
  }

  #append(samples: Int16Array): void {
    const { buffer, byteOffset, byteLength } = pcmBytes(samples);
    const audio = Buffer.from(buffer, byteOffset, byteLength).toString('base64');
    this.send({ type: 'input_audio_buffer.append', audio });
  }

  async #open(): Promise<void> {
    const { context, connectTimeoutMs } = this.#parts;
    const late = connectionErrors.connectTimeout(connectTimeoutMs);
    const cancel = context.clock.after(connectTimeoutMs, () => this.break(late));
    try {
      await untilAborted(this.#setUp.promise, context.signal);
    } catch (error) {
      this.break(late);
      throw error;
    } finally {
      cancel();
    }
  }

  #receive(event: Json): void {
    if (this.#state === 'closed') return;
    try {
      if (this.#isRepeated(event)) return;
      if (this.#state === 'open') this.#parts.onEvent(event);
      else this.#settle(event);
    } catch {
      // Out of a handler of the SDK's it would end the process.
      this.#parts.onError(connectionErrors.malformed('a field is of another type'));
    }
  }

  #settle(event: Json): void {
    const { type } = event;
    if (type === 'session.created') {
      this.send({ type: 'session.update', session: this.#parts.session });
    } else if (type === 'session.updated') {
      if (!this.#isAsAsked(event['session'])) return this.break(wrongSession());
      this.#state = 'open';
      this.#setUp.resolve();
    } else if (type === 'error') {
      this.break(sessionError(event['error'], 'the session was refused'));
    }
  }

  #isAsAsked(session: unknown): boolean {
    const type = isObject(session) ? session['type'] : undefined;
    return type === undefined || type === this.#parts.session.type;
  }

  #isRepeated(event: Json): boolean {
    const id = known(PROVIDER, event['event_id'], isString);
    if (id === undefined) return false;
    if (this.#told.includes(id)) return true;
    this.#told.push(id);
    if (this.#told.length > REMEMBERED_EVENTS) this.#told.shift();
    return false;
  }

  /** Of what the service tells, which is an event as well; of what cannot be read; and of the socket. */
  #failed({ cause }: { readonly cause?: unknown }): void {
    if (cause instanceof SyntaxError || cause instanceof TypeError) {
      this.#parts.onError(connectionErrors.malformed('no event'));
    }
  }

  #closed(error: ProviderError): void {
    const wasOpen = this.#state === 'open';
    this.#state = 'closed';
    this.#setUp.reject(error);
    if (wasOpen) this.#parts.onClosed(error);
  }
}

function durationOf(samples: Int16Array): number {
  return (samples.length / SESSION_SAMPLE_RATE_HZ) * 1000;
}
