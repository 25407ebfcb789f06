import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';

import type { WebSocket } from 'ws';

import type { Backstage } from '../backstage.ts';
import type { Fault } from '../faults.ts';
import { parseObject } from '../json.ts';
import { bufferOf } from '../raw-data.ts';

/** The two kinds of sessions at `/v1/realtime`, by the names under which they have their faults. */
export type SessionProvider = 'openai-realtime' | 'openai-transcription';

/** A message of a client. */
export type ClientEvent = Record<string, unknown> & { type: string };

/** What a client did wrong, as the service tells it. */
export interface ClientError {
  code: string | null;
  message: string;
  /** The field that is wrong. */
  param?: string;
}

/** What a channel is made with. */
export interface RealtimeChannelParts {
  backstage: Backstage;
  provider: SessionProvider;
  ws: WebSocket;
  socket: Socket;
}

/** Events from and to one connected client of `/v1/realtime`. */
export class RealtimeChannel {
  readonly backstage: Backstage;
  readonly provider: SessionProvider;
  /** What struck this connection already. */
  readonly struck: Set<Fault> = new Set<Fault>();
  /** How many chunks of audio were sent. */
  sentChunks = 0;
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  #muted = false;
  #repeats = false;
  #closing = false;

  constructor({ backstage, provider, ws, socket }: RealtimeChannelParts) {
    this.backstage = backstage;
    this.provider = provider;
    this.#ws = ws;
    this.#socket = socket;
    ws.on('error', () => ws.terminate());
  }

  /** Whether nothing is taken or sent any more. */
  get isClosing(): boolean {
    return this.#closing;
  }

  /** Whether the client gets nothing any more, without knowing it. */
  get isMuted(): boolean {
    return this.#muted;
  }

  /** Hands over what the client sends, and tells when it is gone. */
  listen(onEvent: (event: ClientEvent) => void, onClosed: () => void): void {
    this.#ws.on('message', (data) => {
      if (this.#closing) return;
      const event = parseObject(bufferOf(data).toString());
      if (event !== undefined && isEvent(event)) onEvent(event);
      else this.refuse({ code: 'invalid_event', message: 'A message is no event.' });
    });
    this.#ws.on('close', (code) => {
      // Nobody says goodbye to who does not do as documented.
      if (code === 1006 && !this.#closing && this.struck.size === 0) {
        this.backstage.truth.problem(`${this.provider}: a session was cut without a close`);
      }
      this.#closing = true;
      onClosed();
    });
  }

  /** Sends an event, with an id of its own. */
  send(type: string, fields: Record<string, unknown> = {}): void {
    this.sendText(JSON.stringify({ type, event_id: `event_${randomUUID()}`, ...fields }));
  }

  /** Sends anything, as it is. */
  sendText(text: string): void {
    if (this.#muted || this.#closing) return;
    for (let copies = this.#repeats ? 2 : 1; copies > 0; copies -= 1) this.#ws.send(text);
  }

  /** Tells the client what it did wrong; the session goes on. */
  refuse({ code, message, param }: ClientError, event?: ClientEvent): void {
    this.backstage.truth.count(
      this.provider === 'openai-realtime' ? 'realtime.errors' : 'stt.errors',
    );
    this.backstage.truth.problem(`${this.provider}: ${message}`);
    this.sendError({ type: 'invalid_request_error', code, message, param }, event);
  }

  /** An `error` event, which may be about an event of the client. */
  sendError(
    error: { type: string; code: string | null; message: string; param?: string | undefined },
    event?: ClientEvent,
  ): void {
    const { param = null } = error;
    this.send('error', { error: { ...error, param, event_id: event?.['event_id'] ?? null } });
  }

  /** The client gets nothing more, and is not told. */
  mute(): void {
    this.#muted = true;
  }

  /** Everything is sent twice from now on. */
  repeat(): void {
    this.#repeats = true;
  }

  /** Reads no more, not even pings. */
  pause(): void {
    this.#ws.pause();
  }

  /** Cuts the connection. */
  reset(): void {
    this.#closing = true;
    this.#socket.resetAndDestroy();
  }

  /** Hangs up. */
  close(code: number, reason = ''): void {
    this.#closing = true;
    this.#ws.close(code, reason);
  }
}

function isEvent(message: Record<string, unknown>): message is ClientEvent {
  return typeof message['type'] === 'string';
}
