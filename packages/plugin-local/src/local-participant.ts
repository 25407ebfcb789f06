import { randomUUID } from 'node:crypto';

import type { AudioFrame, Participant, SessionEndReason } from '@vision-agents/core';
import { pcmBytes, pcmSamples, Resampler } from '@vision-agents/core';
import type { RawData, WebSocket } from 'ws';

import type { ServerMessage, SocketQuery } from './local-wire.ts';
import {
  CLOSE_INVALID_DATA,
  CLOSE_NORMAL,
  encodeServerMessage,
  parseClientMessage,
} from './local-wire.ts';

/** The rate at which the agent's voice reaches {@link LocalParticipant.play}, in Hz. */
export const VOICE_RATE_HZ = 24_000;

const PING_INTERVAL_MS = 10_000;
const MAX_MISSED_PINGS = 2;
/** A socket that holds more audio than this, in seconds, is not being read: what is added would only be late. */
const MAX_UNSENT_S = 2;

/** What a participant's socket reports. `left` comes once, and nothing comes after it. */
export interface ParticipantEvents {
  audio(from: LocalParticipant, frame: AudioFrame): void;
  /** Something arrived that the protocol does not know. */
  ignored(from: LocalParticipant): void;
  /** Something arrived that breaks the protocol; the socket is being closed. */
  violated(from: LocalParticipant, problem: string): void;
  left(from: LocalParticipant): void;
}

/** Somebody in a call: one WebSocket. */
export class LocalParticipant {
  readonly identity: Participant;
  readonly #cameAtMs: number = performance.now();
  readonly #socket: WebSocket;
  readonly #sampleRateHz: number;
  readonly #events: ParticipantEvents;
  readonly #closed = Promise.withResolvers<void>();
  readonly #pings: NodeJS.Timeout;
  #resampler: Resampler;
  #missedPings = 0;
  #hasLeft = false;
  #droppedMs = 0;

  constructor(socket: WebSocket, query: SocketQuery, events: ParticipantEvents) {
    this.identity = {
      id: randomUUID(),
      ...(query.name !== undefined && { name: query.name }),
    };
    this.#socket = socket;
    this.#sampleRateHz = query.sampleRateHz;
    this.#resampler = new Resampler(VOICE_RATE_HZ, query.sampleRateHz);
    this.#events = events;
    this.#pings = setInterval(() => this.#ping(), PING_INTERVAL_MS);
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('pong', () => {
      this.#missedPings = 0;
    });
    // Whatever the error, 'close' follows; without a listener it would end the process.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(this.#pings);
      this.#leave();
      this.#closed.resolve();
    });
  }

  /** How long this participant has been there, in milliseconds. */
  get waitedMs(): number {
    return performance.now() - this.#cameAtMs;
  }

  /** How much of the agent's voice this participant missed because it read too slowly, in milliseconds. */
  get droppedMs(): number {
    return this.#droppedMs;
  }

  /**
   * Sends a piece of the agent's voice, or drops it when the socket is not being read. Returns how
   * much was dropped, in milliseconds.
   */
  play(samples: Int16Array): number {
    if (this.#hasLeft) return 0;
    if (this.#socket.bufferedAmount > MAX_UNSENT_S * this.#sampleRateHz * 2) {
      const droppedMs = (samples.length / VOICE_RATE_HZ) * 1000;
      this.#droppedMs += droppedMs;
      return droppedMs;
    }
    this.#socket.send(pcmBytes(this.#resampler.push(samples)));
    return 0;
  }

  /** Tells it to forget what it has not played. */
  flush(): void {
    // What the filter still holds is part of what is forgotten.
    this.#resampler = new Resampler(VOICE_RATE_HZ, this.#sampleRateHz);
    this.send({ type: 'flush' });
  }

  send(message: ServerMessage): void {
    if (!this.#hasLeft) this.#socket.send(encodeServerMessage(message));
  }

  /** Says that the call is over and closes the socket; the server cuts it if that takes too long. Never rejects. */
  end(reason: SessionEndReason): Promise<void> {
    this.send({ type: 'ended', reason });
    this.#close(CLOSE_NORMAL);
    return this.#closed.promise;
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#hasLeft || !Buffer.isBuffer(data)) return;
    if (!isBinary) {
      if (parseClientMessage(data.toString()) === undefined) this.#events.ignored(this);
      else void this.end('hangup');
    } else if (data.length % 2 === 1) {
      this.#events.violated(this, 'a binary message held half a sample');
      this.#close(CLOSE_INVALID_DATA);
    } else {
      this.#events.audio(this, { samples: pcmSamples(data), sampleRateHz: this.#sampleRateHz });
    }
  }

  #ping(): void {
    if (this.#missedPings >= MAX_MISSED_PINGS) {
      this.#socket.terminate();
      return;
    }
    this.#missedPings += 1;
    this.#socket.ping();
  }

  #close(code: number): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.close(code);
    this.#leave();
  }

  #leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#events.left(this);
  }
}
