import type { Socket } from 'node:net';

import type { WebSocket } from 'ws';

import type { Backstage } from '../backstage.ts';
import { bytesOf, cut, pieceCount } from '../elevenlabs/output-format.ts';
import type { FaultOf } from '../faults.ts';
import { giantMessage } from '../giant-message.ts';
import { parseObject } from '../json.ts';
import { OddDelivery } from '../odd-delivery.ts';
import { bufferOf } from '../raw-data.ts';
import { onSchedule } from '../schedule.ts';
import { speak } from '../voice/speak.ts';
import { warning, type SpeakDialect } from './speak-dialect.ts';
import type { SpeakQuery } from './speak-query.ts';
import { SpeakTurn } from './speak-turn.ts';

/** Aura takes so many flushes within {@link flushWindowMs}. */
const maxFlushes = 20;
const flushWindowMs = 60_000;

const pieceFaults = [
  'speak-reset',
  'speak-clean-close',
  'speak-provider-close',
  'speak-error-message',
  'speak-malformed-json',
  'speak-wrong-types',
  'speak-unknown-type',
  'speak-warning',
  'speak-empty-audio',
  'speak-stall',
  'speak-mute',
  'speak-giant-message',
  'speak-slow-reader',
  'speak-duplicate-messages',
] as const;

type PieceFault = FaultOf<'deepgram'> & { fault: (typeof pieceFaults)[number] };

/** Serves one connected client of `speak`, in either version: one turn at a time, in their order. */
export class SpeakConnection {
  readonly #backstage: Backstage;
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #query: SpeakQuery;
  readonly #dialect: SpeakDialect;
  readonly #flushes: number[] = [];
  /** Of what is not audio, which has neither order nor identity. */
  readonly #delivery: OddDelivery;
  /** Flushed and not yet over; the first is being spoken. */
  readonly #turns: SpeakTurn[] = [];
  #gathering: SpeakTurn | undefined;
  /** The last that was over, for a cut that comes too late. */
  #spoken: SpeakTurn | undefined;
  #queue: Promise<void> = Promise.resolve();
  #audioMs = 0;
  #characters = 0;
  /**
   * `ending`: the client has said goodbye, and gets what is still to come. `mute`: nothing more is said
   * here, and nobody owes it a goodbye.
   */
  #state: 'open' | 'ending' | 'mute' | 'closing' = 'open';

  constructor(
    backstage: Backstage,
    ws: WebSocket,
    socket: Socket,
    query: SpeakQuery,
    dialect: SpeakDialect,
  ) {
    this.#backstage = backstage;
    this.#ws = ws;
    this.#socket = socket;
    this.#query = query;
    this.#dialect = dialect;
    this.#delivery = new OddDelivery((message) => ws.send(message));
    ws.on('error', () => ws.terminate());
    ws.on('close', (code) => this.#closed(code));
    ws.on('message', (data) => this.#receive(bufferOf(data).toString()));
    this.#send(dialect.connected(query.model));
  }

  #receive(json: string): void {
    if (this.#state === 'closing' || this.#state === 'ending') return;
    const message = parseObject(json) ?? {};
    const { type, text } = message;
    if (type === 'Speak' && typeof text === 'string') this.#add(text);
    else if (type === 'Flush') this.#flush();
    else if (type === this.#dialect.cut) this.#cut();
    else if (type === 'Close') void this.#sayGoodbye();
    else this.#violation(typeof type === 'string' ? type.slice(0, 40) : 'text');
  }

  #add(text: string): void {
    this.#gathering ??= new SpeakTurn(this.#backstage);
    this.#gathering.add(text);
    this.#characters += Array.from(text).length;
  }

  #flush(): void {
    const turn = this.#gathering;
    if (turn === undefined) {
      this.#send(warning('NO_ACTIVE_SPEECH', 'There is nothing to flush.'));
      return;
    }
    if (this.#dialect.version === 'v1' && !this.#mayFlush()) {
      this.#backstage.truth.problem('deepgram: more than 20 flushes in 60 s');
      this.#send(warning('EXCESSIVE_FLUSH', 'No more flushes can be processed for now.'));
      return;
    }
    this.#gathering = undefined;
    this.#turns.push(turn);
    turn.flushedAt = performance.now();
    this.#send(this.#dialect.flushReceived(turn));
    this.#queue = this.#queue.then(() => this.#generate(turn));
  }

  #mayFlush(): boolean {
    const now = performance.now();
    this.#flushes.push(now);
    if (this.#flushes.length > maxFlushes + 1) this.#flushes.shift();
    const [oldest = now] = this.#flushes;
    return this.#flushes.length <= maxFlushes || now - oldest >= flushWindowMs;
  }

  /** Aura forgets all it was given; Flux cuts the turn that is being spoken, and the next begins. */
  #cut(): void {
    const [active] = this.#turns;
    const message = this.#dialect.wasCut(active, this.#audioMs);
    if (active === undefined) this.#spoken?.settle('aborted');
    if (message['type'] !== 'Warning') {
      const isAll = this.#dialect.version === 'v1';
      const turns = isAll ? this.#turns.splice(0) : this.#turns.splice(0, 1);
      for (const turn of turns) turn.cut();
      if (isAll) this.#gathering?.cut();
      if (isAll) this.#gathering = undefined;
    }
    this.#send(message);
  }

  async #generate(turn: SpeakTurn): Promise<void> {
    if (turn.abort.signal.aborted) return;
    const { truth, faults, chordMs } = this.#backstage;
    const { sampleRateHz } = this.#query;
    const waitedMs = performance.now() - turn.flushedAt;
    this.#send(this.#dialect.started(turn));
    const isEmpty = faults.take('deepgram', ['speak-no-audio'], 0, turn.struck) !== undefined;
    if (isEmpty) this.#send(warning('NO_SYNTHESIZABLE_TEXT', 'There is nothing to say.'));
    const isOdd = faults.take('deepgram', ['speak-odd-sized-audio'], 0, turn.struck) !== undefined;
    const text = isEmpty ? '' : turn.text.trim();
    const audio = text === '' ? Buffer.alloc(0) : bytesOf(speak(text, { sampleRateHz, chordMs }));
    const pieces = cut(audio, pieceCount(audio, sampleRateHz), isOdd ? 'odd' : 'even');
    const schedule = {
      startedAt: turn.flushedAt,
      firstMs: turn.firstMs,
      lastMs: turn.lastMs,
      count: pieces.length,
      signal: turn.abort.signal,
    };
    for await (const index of onSchedule(schedule)) {
      const fault = faults.take('deepgram', pieceFaults, index, turn.struck);
      if (fault !== undefined && !(await this.#suffer(fault, turn))) return;
      const piece = pieces[index] ?? Buffer.alloc(0);
      if (!this.#sendAudio(piece)) return;
      const ms = piece.length / (sampleRateHz * 0.002);
      this.#audioMs += ms;
      turn.audioMs += ms;
      truth.count('tts.audio_duration.ms', ms);
      const firstMs = Math.max(turn.firstMs, waitedMs);
      if (index === 0) truth.latency('tts.time_to_first_audio.ms', firstMs);
    }
    if (turn.abort.signal.aborted) return;
    this.#finish(turn, Math.max(turn.lastMs, waitedMs), isEmpty);
  }

  #finish(turn: SpeakTurn, lastMs: number, isEmpty: boolean): void {
    const { truth, faults } = this.#backstage;
    const isEndless = faults.take('deepgram', ['speak-never-ends'], 0, turn.struck) !== undefined;
    turn.settle(isEndless || isEmpty ? 'failed' : 'completed');
    if (isEndless) return;
    if (!isEmpty) truth.latency('tts.latency.ms', lastMs);
    this.#turns.shift();
    this.#spoken = turn;
    this.#send(this.#dialect.spoken(turn));
  }

  /** Returns whether the turn goes on. */
  async #suffer(fault: PieceFault, turn: SpeakTurn): Promise<boolean> {
    switch (fault.fault) {
      case 'speak-unknown-type':
        this.#send({ type: 'Surprise', payload: { anything: true } });
        return true;
      case 'speak-warning':
        this.#send(warning('SYNTHESIS_RETRYING', 'A request failed and is tried again.'));
        return true;
      case 'speak-empty-audio':
        this.#sendAudio(Buffer.alloc(0));
        return true;
      case 'speak-duplicate-messages':
        this.#delivery.change('twice');
        return true;
      case 'speak-stall':
      case 'speak-mute':
      case 'speak-slow-reader':
        if (fault.fault !== 'speak-stall') this.#state = 'mute';
        if (fault.fault === 'speak-slow-reader') this.#ws.pause();
        await cutOff(turn);
        return false;
      case 'speak-malformed-json':
        this.#ws.send('{"type":"Flushed","sequence_id":');
        this.#state = 'mute';
        break;
      case 'speak-giant-message':
        this.#ws.send(giantMessage('socket', { type: 'Surprise' }));
        this.#state = 'mute';
        break;
      case 'speak-wrong-types':
        this.#send({ type: 7, sequence_id: 'zero', speech_id: 42 });
        this.#state = 'mute';
        break;
      case 'speak-reset':
        this.#state = 'closing';
        this.#socket.resetAndDestroy();
        break;
      case 'speak-clean-close':
        this.#close(1000);
        break;
      case 'speak-provider-close':
        this.#close(
          fault.code ?? 1011,
          fault.reason ?? 'NET-0000: Deepgram could not send a result in time.',
        );
        break;
      case 'speak-error-message':
        this.#send({ type: 'Error', code: 'NET-0004', description: 'Something went wrong.' });
        this.#close(1011, 'NET-0004');
        break;
    }
    turn.settle('failed');
    return false;
  }

  #violation(type: string): void {
    this.#backstage.truth.problem(`deepgram: unknown ${type} message to speak`);
    this.#backstage.truth.count('tts.errors');
    this.#send({ type: 'Error', code: 'MESSAGE-0000', description: 'Unknown message.' });
    this.#close(1008, 'MESSAGE-0000');
  }

  async #sayGoodbye(): Promise<void> {
    if (this.#gathering !== undefined) {
      this.#backstage.truth.problem('deepgram: closed with text that was not flushed');
    }
    if (this.#state === 'mute') return;
    this.#state = 'ending';
    await this.#queue;
    this.#send(this.#dialect.goodbye(this.#audioMs, this.#characters));
    this.#close(1000);
  }

  #send(message: Record<string, unknown> | undefined): void {
    if (message !== undefined && this.#canSend) this.#delivery.deliver(JSON.stringify(message));
  }

  #sendAudio(audio: Buffer): boolean {
    const canSend = this.#canSend;
    if (canSend) this.#ws.send(audio);
    return canSend;
  }

  get #canSend(): boolean {
    const isTalking = this.#state === 'open' || this.#state === 'ending';
    return isTalking && this.#ws.readyState === this.#ws.OPEN;
  }

  #close(code: number, reason?: string): void {
    if (this.#state !== 'closing') this.#ws.close(code, reason);
    this.#state = 'closing';
  }

  #closed(code: number): void {
    if (this.#state === 'open') {
      this.#backstage.truth.problem(`deepgram: closed (${code}) without Close`);
    }
    this.#state = 'closing';
    for (const turn of this.#turns) turn.cut();
    this.#gathering?.cut();
  }
}

/** Resolves when a turn is no longer wanted. */
function cutOff({ abort: { signal } }: SpeakTurn): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
