import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';

import type { WebSocket } from 'ws';

import type { Backstage } from '../backstage.ts';
import type { Fault, FaultOf } from '../faults.ts';
import { giantMessage } from '../giant-message.ts';
import { parseObject } from '../json.ts';
import { OddDelivery } from '../odd-delivery.ts';
import { bufferOf } from '../raw-data.ts';
import type { HeardWord } from '../voice/words.ts';
import { textOf, timestampsMessage } from './scribe-message.ts';
import type { ScribeQuery } from './scribe-query.ts';
import { ScribeRecogniser } from './scribe-recogniser.ts';

/** A session without audio for so long is ended. */
const idleTimeoutMs = 10_000;
/** How far ahead of real time audio may be: a client may send again what was lost with a connection. */
const paceToleranceMs = 16_000;
/** A commit of less audio is refused. */
const minCommitMs = 300;

const openingFaults = ['scribe-refused-session', 'scribe-no-session'] as const;

const streamFaults = [
  'scribe-error-message',
  'scribe-malformed-json',
  'scribe-wrong-types',
  'scribe-unknown-type',
  'scribe-warning',
  'scribe-reset',
  'scribe-clean-close',
  'scribe-provider-close',
  'scribe-stall',
  'scribe-slow-reader',
  'scribe-giant-message',
  'scribe-duplicate-messages',
] as const;

/** Serves one connected client of `/v1/speech-to-text/realtime`. */
export class ScribeConnection {
  readonly #backstage: Backstage;
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #query: ScribeQuery;
  readonly #recogniser: ScribeRecogniser;
  readonly #struck = new Set<Fault>();
  readonly #idle: NodeJS.Timeout;
  readonly #delivery: OddDelivery;
  readonly #answers = new Set<NodeJS.Timeout>();
  #state: 'open' | 'muted' | 'closing' = 'open';
  #firstAudioAt: number | undefined;
  #receivedMs = 0;
  #tooFast = false;

  constructor(backstage: Backstage, ws: WebSocket, socket: Socket, query: ScribeQuery) {
    this.#backstage = backstage;
    this.#ws = ws;
    this.#socket = socket;
    this.#query = query;
    this.#recogniser = new ScribeRecogniser(backstage, query, {
      onPartial: (text) => this.#send({ message_type: 'partial_transcript', text }),
      onCommitted: (words) => this.#vadCommitted(words),
    });
    this.#idle = setTimeout(() => this.#giveUp(), idleTimeoutMs / backstage.hurry);
    this.#delivery = new OddDelivery((message) => ws.send(message));
    ws.on('error', () => ws.terminate());
    ws.on('message', (data) => this.#receive(bufferOf(data).toString()));
    ws.on('close', (code) => this.#closed(code));
    this.#start();
  }

  #start(): void {
    const fault = this.#backstage.faults.take('elevenlabs', openingFaults);
    if (fault?.fault === 'scribe-refused-session') {
      this.#reject(fault.name ?? 'auth_error', 'The session was refused.');
    } else if (fault?.fault === 'scribe-no-session') {
      this.#state = 'muted';
    } else {
      const { config } = this.#query;
      this.#send({ message_type: 'session_started', session_id: randomUUID(), config });
    }
  }

  #receive(json: string): void {
    if (this.#state === 'closing') return;
    const message = parseObject(json);
    const { audio_base_64: base64, commit = false, sample_rate: rate } = message ?? {};
    if (message?.['message_type'] !== 'input_audio_chunk') {
      this.#violation('input_error', 'a message is not an input_audio_chunk');
    } else if (typeof base64 !== 'string' || typeof commit !== 'boolean') {
      this.#violation('input_error', 'a message has a field of the wrong type');
    } else if (rate !== undefined && rate !== this.#query.sampleRateHz) {
      this.#violation('input_error', 'sample_rate is not that of audio_format');
    } else if (message['previous_text'] !== undefined && this.#receivedMs > 0) {
      this.#violation('input_error', 'previous_text is not with the first chunk');
    } else {
      this.#hear(Buffer.from(base64, 'base64'));
      if (commit && this.#isOpen()) this.#commit();
    }
  }

  #hear(audio: Buffer): void {
    if (audio.length === 0) return;
    this.#idle.refresh();
    const ms = audio.length / (this.#query.sampleRateHz * 0.002);
    this.#receivedMs += ms;
    this.#backstage.truth.count('stt.audio_duration.ms', ms);
    this.#checkPace();
    const fault = this.#backstage.faults.take(
      'elevenlabs',
      streamFaults,
      this.#receivedMs,
      this.#struck,
    );
    if (fault !== undefined) this.#suffer(fault);
    if (this.#isOpen()) this.#recogniser.write(audio);
  }

  #checkPace(): void {
    const now = performance.now();
    this.#firstAudioAt ??= now;
    const elapsedMs = (now - this.#firstAudioAt) * this.#backstage.hurry;
    if (this.#tooFast || this.#receivedMs - elapsedMs < paceToleranceMs) return;
    this.#tooFast = true;
    this.#backstage.truth.problem('elevenlabs: audio was sent faster than real time');
  }

  /** The client's own commit is answered after a delay; Scribe's own has the delay in its audio time. */
  #commit(): void {
    const { truth, delays } = this.#backstage;
    if (this.#recogniser.uncommittedMs < minCommitMs) {
      truth.problem('elevenlabs: less than 0.3 s of audio were committed');
      truth.count('stt.errors');
      this.#send({ message_type: 'commit_throttled', error: 'Less than 0.3 s of audio.' });
      return;
    }
    const delayMs = delays.draw('commitMs');
    const latencyMs = this.#recogniser.silenceMs + delayMs;
    const words = this.#recogniser.take();
    const answer = setTimeout(() => {
      this.#answers.delete(answer);
      this.#committed(words, latencyMs);
    }, delayMs);
    this.#answers.add(answer);
  }

  #vadCommitted(words: readonly HeardWord[]): void {
    const [first] = words;
    const last = words.at(-1);
    if (first === undefined || last === undefined) return;
    const { truth } = this.#backstage;
    const silenceMs = this.#recogniser.audioMs - last.endMs;
    if (!this.#committed(words, silenceMs)) return;
    truth.latency('turn.trailing_silence.ms', silenceMs);
    truth.latency('turn.duration.ms', last.endMs - first.startMs);
  }

  /** Returns whether there were words to tell. */
  #committed(heard: readonly HeardWord[], latencyMs: number): boolean {
    const { truth, faults } = this.#backstage;
    const { hasTimestamps, detectsLanguage, languageCode } = this.#query;
    const isEmptied = faults.take('elevenlabs', ['scribe-empty-transcript']) !== undefined;
    const words = isEmptied ? [] : heard;
    if (words.length > 0) {
      truth.count('stt.transcripts');
      if (hasTimestamps) truth.latency('stt.latency.ms', latencyMs);
    }
    this.#send({ message_type: 'committed_transcript', text: textOf(words) });
    if (!hasTimestamps && !detectsLanguage) return words.length > 0;
    if (faults.take('elevenlabs', ['scribe-no-timestamps']) !== undefined) return words.length > 0;
    const language = languageCode ?? (detectsLanguage ? 'en' : null);
    this.#send(timestampsMessage(words, language, hasTimestamps));
    return words.length > 0;
  }

  #suffer(fault: FaultOf<'elevenlabs'> & { fault: (typeof streamFaults)[number] }): void {
    switch (fault.fault) {
      case 'scribe-error-message':
        this.#reject(fault.name ?? 'transcriber_error', 'Something went wrong.');
        return;
      case 'scribe-malformed-json':
        this.#ws.send('{"message_type":"partial_transcript","text":');
        return;
      case 'scribe-wrong-types':
        this.#send({ message_type: 'partial_transcript', text: 42 });
        return;
      case 'scribe-unknown-type':
        this.#send({ message_type: 'surprise', payload: { anything: true } });
        return;
      case 'scribe-warning':
        this.#send({ message_type: 'warning', warning: 'This will change.' });
        return;
      case 'scribe-reset':
        this.#state = 'closing';
        this.#socket.resetAndDestroy();
        return;
      case 'scribe-clean-close':
        this.#close(1000);
        return;
      case 'scribe-provider-close':
        this.#close(fault.code ?? 1011);
        return;
      case 'scribe-stall':
        this.#state = 'muted';
        return;
      case 'scribe-slow-reader':
        // Reads no more, pings neither, so that it answers none.
        this.#state = 'muted';
        clearTimeout(this.#idle);
        this.#ws.pause();
        return;
      case 'scribe-giant-message':
        this.#ws.send(giantMessage('socket', { message_type: 'surprise' }));
        // Who hangs up on that owes no goodbye.
        this.#state = 'muted';
        return;
      case 'scribe-duplicate-messages':
        this.#delivery.change('twice');
    }
  }

  #violation(name: string, text: string): void {
    this.#backstage.truth.problem(`elevenlabs: ${text}`);
    this.#backstage.truth.count('stt.errors');
    this.#reject(name, text);
  }

  #giveUp(): void {
    this.#backstage.truth.count('stt.errors');
    this.#backstage.truth.problem('elevenlabs: no audio for 10 s');
    this.#reject('insufficient_audio_activity', 'No audio was received in time.', 1000);
  }

  #reject(name: string, error: string, code = 1008): void {
    this.#send({ message_type: name, error });
    // A throttled commit is the one error that a session outlives.
    if (name !== 'commit_throttled') this.#close(code);
  }

  #send(message: Record<string, unknown>): void {
    if (this.#isOpen()) this.#delivery.deliver(JSON.stringify(message));
  }

  #isOpen(): boolean {
    return this.#state === 'open';
  }

  #close(code: number): void {
    this.#state = 'closing';
    this.#release();
    this.#ws.close(code);
  }

  #closed(code: number): void {
    this.#release();
    // Nobody says goodbye to who has stopped answering.
    if (this.#state === 'open' && code === 1006) {
      this.#backstage.truth.problem('elevenlabs: a Scribe session was cut without a close');
    }
    this.#state = 'closing';
  }

  #release(): void {
    clearTimeout(this.#idle);
    for (const answer of this.#answers) clearTimeout(answer);
  }
}
