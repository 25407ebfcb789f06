import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';

import type { RawData, WebSocket } from 'ws';

import type { Backstage } from '../backstage.ts';
import type { Fault, FaultOf } from '../faults.ts';
import { parseObject } from '../json.ts';
import { bufferOf } from '../raw-data.ts';
import type { FluxQuery } from './flux-query.ts';
import { FluxRecogniser } from './flux-recogniser.ts';
import { turnInfoMessage } from './flux-turn.ts';

/** The provider hangs up after 10 s without audio. */
const idleTimeoutMs = 10_000;
/** How far ahead of real time audio may be: a client may replay what it held back during a reconnect. */
const paceToleranceMs = 3000;

const streamFaults = [
  'reset',
  'clean-close',
  'provider-close',
  'error-message',
  'malformed-json',
  'wrong-types',
  'unknown-type',
  'stall',
] as const;

const idleReason =
  'Deepgram did not receive audio data or a text message within the timeout window. See https://dpgr.am/net0001';

/** Serves one connected client of `/v2/listen`. */
export class FluxConnection {
  readonly #backstage: Backstage;
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #recogniser: FluxRecogniser;
  readonly #bytesPerMs: number;
  readonly #requestId: string = randomUUID();
  readonly #struck = new Set<Fault>();
  readonly #idle: NodeJS.Timeout;
  #sequence = 0;
  #muted = false;
  #closing = false;
  #firstAudioAt: number | undefined;
  #receivedMs = 0;
  #tooFast = false;

  constructor(backstage: Backstage, ws: WebSocket, socket: Socket, query: FluxQuery) {
    this.#backstage = backstage;
    this.#ws = ws;
    this.#socket = socket;
    this.#bytesPerMs = (query.sampleRateHz * 2) / 1000;
    this.#recogniser = new FluxRecogniser(backstage, query, (info) =>
      this.#send(turnInfoMessage(info)),
    );
    this.#idle = setTimeout(() => this.#giveUp(), idleTimeoutMs);
    ws.on('error', () => ws.terminate());
    ws.on('message', (data, isBinary) => this.#receive(data, isBinary));
    ws.on('close', (code) => this.#closed(code));
    this.#send({ type: 'Connected' });
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#closing) return;
    if (isBinary) this.#hear(bufferOf(data));
    else this.#command(bufferOf(data).toString());
  }

  #hear(audio: Buffer): void {
    this.#idle.refresh();
    const ms = audio.length / this.#bytesPerMs;
    this.#receivedMs += ms;
    this.#backstage.truth.count('stt.audio_duration.ms', ms);
    this.#checkPace();
    this.#strike();
    if (!this.#closing) this.#recogniser.write(audio);
  }

  #checkPace(): void {
    const now = performance.now();
    this.#firstAudioAt ??= now;
    if (this.#tooFast || this.#receivedMs - (now - this.#firstAudioAt) < paceToleranceMs) return;
    this.#tooFast = true;
    this.#backstage.truth.problem('deepgram: audio was sent faster than real time');
  }

  #command(text: string): void {
    const message = parseObject(text);
    switch (message?.['type']) {
      case 'CloseStream': {
        this.#recogniser.flush();
        this.#close();
        return;
      }
      case 'Configure': {
        const { thresholds = {}, keyterms = [], language_hints: hints = [] } = message;
        this.#send({ type: 'ConfigureSuccess', thresholds, keyterms, language_hints: hints });
        return;
      }
      default: {
        const type = typeof message?.['type'] === 'string' ? message['type'].slice(0, 40) : 'text';
        this.#backstage.truth.problem(`deepgram: fatal ${type} message on Flux`);
        this.#backstage.truth.count('stt.errors');
        this.#send({
          type: 'Error',
          code: 'UNPARSABLE_CLIENT_MESSAGE',
          description:
            'Text message received from client did not match any of the formats we expect.',
        });
        this.#close(1011, 'UNPARSABLE_CLIENT_MESSAGE');
      }
    }
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
        this.#send({
          type: 'Error',
          code: 'INTERNAL_SERVER_ERROR',
          description: 'An internal server error occurred.',
        });
        this.#close(1011, 'INTERNAL_SERVER_ERROR');
        return;
      case 'malformed-json':
        this.#ws.send('{"type":"TurnInfo","event":');
        return;
      case 'wrong-types':
        this.#send({
          type: 'TurnInfo',
          event: 7,
          turn_index: 'zero',
          transcript: 42,
          words: 'none',
        });
        return;
      case 'unknown-type':
        this.#send({ type: 'Surprise', payload: { anything: true } });
        return;
      case 'stall':
        this.#muted = true;
        return;
    }
  }

  #send(message: Record<string, unknown>): void {
    const { type, ...rest } = message;
    const numbered = {
      type,
      request_id: this.#requestId,
      sequence_id: this.#sequence,
      ...rest,
    };
    if (this.#muted || this.#closing) return;
    this.#sequence += 1;
    this.#ws.send(JSON.stringify(numbered));
  }

  /** Without a code the client sees 1005, which is how Flux ends. */
  #close(code?: number, reason?: string): void {
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
    // Nobody says goodbye to who has stopped answering.
    if (!this.#closing && !this.#muted) {
      this.#backstage.truth.problem(`deepgram: closed (${code}) without CloseStream`);
    }
    this.#closing = true;
  }
}
