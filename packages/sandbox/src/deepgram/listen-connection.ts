import type { Socket } from 'node:net';

import type { RawData, WebSocket } from 'ws';

import type { Backstage } from '../backstage.ts';
import type { Fault, FaultOf } from '../faults.ts';
import { giantMessage } from '../giant-message.ts';
import { parseObject } from '../json.ts';
import { OddDelivery } from '../odd-delivery.ts';
import { bufferOf } from '../raw-data.ts';

/** The provider hangs up after 10 s without audio or a text message. */
const idleTimeoutMs = 10_000;
/** How far ahead of real time audio may be: a client may send again what was lost with a connection. */
const paceToleranceMs = 16_000;

const streamFaults = [
  'reset',
  'clean-close',
  'provider-close',
  'error-message',
  'malformed-json',
  'wrong-types',
  'unknown-type',
  'stall',
  'giant-message',
  'slow-reader',
  'duplicate-messages',
  'reordered-messages',
] as const;

const idleReason =
  'Deepgram did not receive audio data or a text message within the timeout window. See https://dpgr.am/net0001';

/** What a connection lets its dialect do. */
export interface ListenLink {
  send(message: Record<string, unknown>): void;
  /** Without a code the client sees 1005. */
  close(code?: number, reason?: string): void;
  /** The client is to blame, and counted as such; the connection is over. */
  blame(problem: string): void;
}

/** What differs between the versions of `listen`. */
export interface ListenDialect {
  hear(audio: Buffer): void;
  /** Does what a text message asks for; an unknown one ends the connection. */
  command(type: string, message: Record<string, unknown>): void;
  /** Sends a message with all that this version adds to each. */
  send(message: Record<string, unknown>): void;
  /** Messages that should not be, for the faults of their names. */
  readonly broken: { readonly malformed: string; readonly wrongTypes: Record<string, unknown> };
}

/** Serves one connected client of `listen`, in either version: its audio, its pace, its silence, its faults. */
export class ListenConnection {
  readonly #backstage: Backstage;
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #dialect: ListenDialect;
  readonly #bytesPerMs: number;
  readonly #struck = new Set<Fault>();
  readonly #idle: NodeJS.Timeout;
  readonly #delivery: OddDelivery;
  #muted = false;
  #closing = false;
  #firstAudioAt: number | undefined;
  #receivedMs = 0;
  #tooFast = false;

  constructor(
    backstage: Backstage,
    ws: WebSocket,
    socket: Socket,
    sampleRateHz: number,
    dialect: (link: ListenLink) => ListenDialect,
  ) {
    this.#backstage = backstage;
    this.#ws = ws;
    this.#socket = socket;
    this.#bytesPerMs = (sampleRateHz * 2) / 1000;
    this.#idle = setTimeout(() => this.#giveUp(), idleTimeoutMs / backstage.hurry);
    this.#delivery = new OddDelivery((message) => ws.send(message));
    ws.on('error', () => ws.terminate());
    ws.on('message', (data, isBinary) => this.#receive(data, isBinary));
    ws.on('close', (code) => this.#closed(code));
    this.#dialect = dialect({
      send: (message) => this.#send(message),
      close: (code, reason) => this.#close(code, reason),
      blame: (problem) => this.#blame(problem),
    });
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#closing) return;
    this.#idle.refresh();
    if (isBinary) this.#hear(bufferOf(data));
    else this.#command(bufferOf(data).toString());
  }

  #hear(audio: Buffer): void {
    const ms = audio.length / this.#bytesPerMs;
    this.#receivedMs += ms;
    this.#backstage.truth.count('stt.audio_duration.ms', ms);
    this.#checkPace();
    this.#strike();
    if (!this.#closing) this.#dialect.hear(audio);
  }

  #checkPace(): void {
    const now = performance.now();
    this.#firstAudioAt ??= now;
    const elapsedMs = (now - this.#firstAudioAt) * this.#backstage.hurry;
    if (this.#tooFast || this.#receivedMs - elapsedMs < paceToleranceMs) return;
    this.#tooFast = true;
    this.#backstage.truth.problem('deepgram: audio was sent faster than real time');
  }

  #command(text: string): void {
    const message = parseObject(text) ?? {};
    const { type } = message;
    this.#dialect.command(typeof type === 'string' ? type.slice(0, 40) : 'text', message);
  }

  #blame(problem: string): void {
    this.#backstage.truth.problem(`deepgram: ${problem}`);
    this.#backstage.truth.count('stt.errors');
  }

  #strike(): void {
    const fault = this.#backstage.faults.take(
      'deepgram',
      streamFaults,
      this.#receivedMs,
      this.#struck,
    );
    if (fault !== undefined) this.#suffer(fault);
  }

  #suffer(fault: FaultOf<'deepgram'> & { fault: (typeof streamFaults)[number] }): void {
    switch (fault.fault) {
      case 'reset':
        this.#closing = true;
        this.#socket.resetAndDestroy();
        return;
      case 'clean-close':
        this.#close(1000);
        return;
      case 'provider-close':
        this.#close(
          fault.code ?? 1011,
          fault.reason ?? 'NET-0000: Deepgram could not send a result in time.',
        );
        return;
      case 'error-message':
        this.#dialect.send({
          type: 'Error',
          code: 'INTERNAL_SERVER_ERROR',
          description: 'An internal server error occurred.',
        });
        this.#close(1011, 'INTERNAL_SERVER_ERROR');
        return;
      case 'malformed-json':
        this.#ws.send(this.#dialect.broken.malformed);
        return;
      case 'wrong-types':
        this.#dialect.send(this.#dialect.broken.wrongTypes);
        return;
      case 'unknown-type':
        this.#dialect.send({ type: 'Surprise', payload: { anything: true } });
        return;
      case 'stall':
        this.#muted = true;
        return;
      case 'slow-reader':
        // Reads no more, pings neither, so that it answers none.
        this.#muted = true;
        clearTimeout(this.#idle);
        this.#ws.pause();
        return;
      case 'giant-message':
        this.#ws.send(giantMessage('socket', { type: 'Surprise' }));
        return;
      case 'duplicate-messages':
        this.#delivery.change('twice');
        return;
      case 'reordered-messages':
        this.#delivery.change('swapped');
        return;
    }
  }

  #send(message: Record<string, unknown>): void {
    if (this.#muted || this.#closing) return;
    this.#delivery.deliver(JSON.stringify(message));
  }

  #close(code?: number, reason?: string): void {
    this.#delivery.release();
    this.#closing = true;
    clearTimeout(this.#idle);
    this.#ws.close(code, reason);
  }

  #giveUp(): void {
    this.#backstage.truth.count('stt.errors');
    this.#backstage.truth.problem('deepgram: no audio for 10 s');
    this.#close(1011, idleReason);
  }

  #closed(code: number): void {
    clearTimeout(this.#idle);
    // Nobody says goodbye to who has stopped answering, or sends what is too large.
    if (!this.#closing && !this.#muted && code !== 1009) {
      this.#backstage.truth.problem(`deepgram: closed (${code}) without CloseStream`);
    }
    this.#closing = true;
  }
}
