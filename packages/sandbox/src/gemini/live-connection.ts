import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';

import type { WebSocket } from 'ws';

import type { Backstage } from '../backstage.ts';
import type { Fault } from '../faults.ts';
import { giantMessage } from '../giant-message.ts';
import { parseObject } from '../json.ts';
import { OddDelivery } from '../odd-delivery.ts';
import { bufferOf } from '../raw-data.ts';
import { think, type ReplyHook } from './brain.ts';
import { outputBytesPerMs, speakAnswer } from './live-answer.ts';
import { LiveEar } from './live-ear.ts';
import { LiveSession, type LiveSessions } from './live-session.ts';
import { isObject, objectOf, readLiveSetup, type LiveSetup } from './live-setup.ts';

/** A client that sends no set-up for so long is hung up on. */
const setupTimeoutMs = 10_000;
const inputRateHz = 16_000;

const streamFaults = [
  'reset',
  'clean-close',
  'provider-close',
  'malformed-json',
  'wrong-types',
  'unknown-type',
  'stall',
  'giant-message',
  'slow-reader',
  'duplicate-messages',
] as const;

/** What a connection is made with. */
export interface LiveConnectionParts {
  ws: WebSocket;
  socket: Socket;
  sessions: LiveSessions;
  replyHook: ReplyHook | undefined;
}

/** An answer under way. */
interface Answering {
  abort: AbortController;
  /** Whether anything of it was sent. */
  hasBegun: boolean;
}

/** Serves one connected client of the Live API. */
export class LiveConnection {
  readonly #backstage: Backstage;
  readonly #parts: LiveConnectionParts;
  readonly #struck = new Set<Fault>();
  readonly #setupTimer: NodeJS.Timeout;
  /** Of what is neither audio nor a piece of a transcript: of these nobody can tell whether they have come before. */
  readonly #delivery: OddDelivery;
  #session: LiveSession | undefined;
  #setup: LiveSetup | undefined;
  #ear: LiveEar | undefined;
  #answering: Answering | undefined;
  #cutTimer: NodeJS.Timeout | undefined;
  #sentChunks = 0;
  #muted = false;
  #closing = false;

  constructor(backstage: Backstage, parts: LiveConnectionParts) {
    this.#backstage = backstage;
    this.#parts = parts;
    const { ws } = parts;
    this.#setupTimer = setTimeout(() => this.#violation('no setup came'), setupTimeoutMs);
    this.#delivery = new OddDelivery((message) => ws.send(Buffer.from(message)));
    ws.on('error', () => ws.terminate());
    ws.on('message', (data) => this.#receive(bufferOf(data).toString()));
    ws.on('close', () => this.#closed());
  }

  #receive(json: string): void {
    if (this.#closing) return;
    const message = parseObject(json);
    if (message === undefined) this.#violation('a message is not JSON');
    else if (this.#session === undefined) this.#open(message['setup']);
    else this.#command(this.#session, message);
  }

  #open(message: unknown): void {
    clearTimeout(this.#setupTimer);
    const { faults, truth, chordMs, delays } = this.#backstage;
    const fault = faults.take('gemini-live', [
      'no-setup-complete',
      'setup-refused',
      'setup-wrong-key',
    ])?.fault;
    if (fault === 'no-setup-complete') return;
    if (fault === 'setup-refused') return this.#close(1008, 'models/none is not found.');
    if (fault === 'setup-wrong-key') {
      return this.#close(1007, 'API key not valid. Please pass a valid API key.');
    }
    const setup = readLiveSetup(message);
    if (typeof setup === 'string') return this.#violation(setup);
    const { handle } = setup.resumption ?? {};
    const resumed = handle === undefined ? undefined : this.#parts.sessions.find(handle);
    if (handle !== undefined && resumed === undefined) {
      return this.#close(1008, 'BidiGenerateContent session not found');
    }
    if (setup.resumption === undefined) {
      truth.problem('gemini live: a session that cannot be resumed was set up');
    }
    this.#setup = setup;
    this.#session = resumed ?? new LiveSession(setup);
    this.#ear = new LiveEar({
      sampleRateHz: inputRateHz,
      chordMs,
      silenceMs: () => setup.silenceMs ?? delays.draw('endOfTurnMs'),
      onStart: (offsetMs) => this.#speechStarted(offsetMs),
      onEnd: (offsetMs, text, silenceMs) => this.#speechEnded(offsetMs, text, silenceMs),
    });
    this.#send({ setupComplete: { sessionId: randomUUID() } });
    this.#offerHandle();
    this.#announceCut();
  }

  #command(session: LiveSession, message: Record<string, unknown>): void {
    const { realtimeInput, clientContent, toolResponse } = message;
    if (isObject(realtimeInput)) this.#hear(session, realtimeInput);
    else if (isObject(clientContent)) this.#read(session, clientContent);
    else if (isObject(toolResponse)) this.#takeResults(session, toolResponse);
    else this.#violation('a message of an unknown kind');
  }

  #hear(session: LiveSession, { audio }: Record<string, unknown>): void {
    const { data, mimeType } = objectOf(audio);
    if (typeof data !== 'string' || mimeType !== `audio/pcm;rate=${inputRateHz}`) {
      this.#violation('audio that is not pcm of 16 kHz');
      return;
    }
    const bytes = Buffer.from(data, 'base64');
    this.#backstage.truth.count('realtime.audio.input.bytes', bytes.length);
    const durationMs = bytes.length / ((inputRateHz * 2) / 1000);
    this.#backstage.truth.count('realtime.audio.input.duration.ms', durationMs);
    session.listened(durationMs);
    this.#ear?.write(bytes);
  }

  #read(session: LiveSession, { turns, turnComplete }: Record<string, unknown>): void {
    for (const turn of Array.isArray(turns) ? turns : []) {
      if (isObject(turn)) session.contents.push(turn);
    }
    if (turnComplete !== true) return;
    this.#interrupt(session);
    void this.#answer(session, performance.now(), 0);
  }

  #takeResults(session: LiveSession, { functionResponses }: Record<string, unknown>): void {
    for (const response of Array.isArray(functionResponses) ? functionResponses : []) {
      const { id, name, response: result } = objectOf(response);
      const taken =
        typeof id === 'string' &&
        typeof name === 'string' &&
        session.answer({ id, name, response: objectOf(result) });
      if (taken) this.#backstage.truth.count('llm.tool_calls');
      else this.#backstage.truth.problem('gemini live: a result that nobody waits for');
    }
    if (session.openCalls.length === 0) void this.#answer(session, performance.now(), 0);
  }

  #speechStarted(offsetMs: number): void {
    this.#send({
      voiceActivity: { voiceActivityType: 'ACTIVITY_START', audioOffset: secondsOf(offsetMs) },
    });
    if (this.#session) this.#interrupt(this.#session);
  }

  #speechEnded(offsetMs: number, text: string, silenceMs: number): void {
    const { truth } = this.#backstage;
    this.#send({
      voiceActivity: { voiceActivityType: 'ACTIVITY_END', audioOffset: secondsOf(offsetMs) },
    });
    if (text === '' || !this.#session) return;
    if (this.#setup?.transcribesInput === true) {
      truth.count('realtime.transcriptions.user');
      // In pieces, as they come from the service, which seldom says which is the last.
      for (const piece of text.match(/\S+\s*/gu) ?? []) {
        this.#send({ serverContent: { inputTranscription: { text: piece } } });
      }
    }
    this.#session.heard(text);
    void this.#answer(this.#session, performance.now(), silenceMs);
  }

  async #answer(session: LiveSession, startedAt: number, silenceMs: number): Promise<void> {
    const { truth, faults } = this.#backstage;
    const abort = new AbortController();
    const answering: Answering = { abort, hasBegun: false };
    this.#answering = answering;
    const reply = (await this.#parts.replyHook?.(session.request)) ?? think(session.request);
    if (abort.signal.aborted || this.#closing) return;
    const { text = '', thinkMs = 0, toolCalls = [] } = reply;
    const isOdd = faults.take('gemini-live', ['odd-sized-audio']) !== undefined;
    const isEmpty = faults.take('gemini-live', ['empty']) !== undefined;
    let said = '';
    const spoken = { text, startedAt, thinkMs, isOdd, signal: abort.signal };
    const spokenMs =
      text === '' || isEmpty
        ? 0
        : await speakAnswer(this.#backstage, {
            ...spoken,
            onFirst: (firstMs) => {
              if (silenceMs === 0) return;
              truth.latency('realtime.time_to_first_audio.ms', silenceMs + firstMs);
            },
            send: (audio, words) => {
              answering.hasBegun = true;
              said += words;
              return this.#sendAudio(audio, words);
            },
          });
    session.said(said.trim());
    if (abort.signal.aborted || this.#closing) {
      if (answering.hasBegun) this.#account('aborted');
      if (answering.hasBegun && !this.#closing) this.#endTurn(session, spokenMs);
      return;
    }
    if (said !== '') truth.count('realtime.transcriptions.agent');
    if (toolCalls.length > 0) {
      this.#send({ toolCall: { functionCalls: session.issue(toolCalls) } });
      return;
    }
    this.#answering = undefined;
    this.#account('completed');
    this.#send({ serverContent: { generationComplete: true } });
    this.#endTurn(session, spokenMs);
  }

  #sendAudio(audio: Buffer, words: string): boolean {
    const { truth, faults } = this.#backstage;
    const fault = faults.take('gemini-live', streamFaults, this.#sentChunks, this.#struck)?.fault;
    if (fault !== undefined && !this.#survives(fault)) return false;
    const data = audio.toString('base64');
    this.#send({
      serverContent: {
        modelTurn: { parts: [{ inlineData: { mimeType: 'audio/pcm;rate=24000', data } }] },
      },
    });
    if (words !== '' && this.#setup?.transcribesOutput === true) {
      this.#send({ serverContent: { outputTranscription: { text: words } } });
    }
    if (!this.#muted) {
      truth.count('realtime.audio.output.bytes', audio.length);
      truth.count('realtime.audio.output.duration.ms', audio.length / outputBytesPerMs);
    }
    this.#sentChunks += 1;
    return true;
  }

  /** Suffers a fault; false when the answer ends with it. */
  #survives(fault: (typeof streamFaults)[number]): boolean {
    switch (fault) {
      case 'reset':
        this.#closing = true;
        this.#parts.socket.resetAndDestroy();
        return false;
      case 'clean-close':
        this.#close(1000, '');
        return false;
      case 'provider-close':
        this.#close(1011, 'Internal error encountered.');
        return false;
      case 'malformed-json':
        this.#parts.ws.send(Buffer.from('{"serverContent":{"modelTurn":'));
        return true;
      case 'wrong-types':
        this.#send({ serverContent: { modelTurn: { parts: 'none' }, outputTranscription: 7 } });
        return true;
      case 'unknown-type':
        this.#send({ surprise: { anything: true } });
        return true;
      case 'stall':
        this.#muted = true;
        return true;
      case 'slow-reader':
        this.#muted = true;
        this.#parts.ws.pause();
        return true;
      case 'giant-message':
        this.#parts.ws.send(Buffer.from(giantMessage('socket', { surprise: {} })));
        return true;
      case 'duplicate-messages':
        this.#delivery.change('twice');
        return true;
    }
  }

  /** Somebody speaks, or a text came: what is being said ends, and open calls are taken back. */
  #interrupt(session: LiveSession): void {
    const answering = this.#answering;
    this.#answering = undefined;
    const ids = session.cancel();
    if (ids.length > 0) this.#send({ toolCallCancellation: { ids } });
    if (answering === undefined) return;
    answering.abort.abort();
    if (answering.hasBegun) this.#send({ serverContent: { interrupted: true } });
  }

  #endTurn(session: LiveSession, spokenMs: number): void {
    const { text, heard, spoken } = session.usage(spokenMs);
    const prompt = text + heard;
    this.#send({
      serverContent: { turnComplete: true },
      usageMetadata: {
        promptTokenCount: prompt,
        responseTokenCount: spoken,
        totalTokenCount: prompt + spoken,
        promptTokensDetails: [
          { modality: 'TEXT', tokenCount: text },
          { modality: 'AUDIO', tokenCount: heard },
        ],
        responseTokensDetails: [{ modality: 'AUDIO', tokenCount: spoken }],
      },
    });
    if (!this.#muted) {
      this.#backstage.truth.count('realtime.tokens.input', prompt);
      this.#backstage.truth.count('realtime.tokens.output', spoken);
    }
    this.#offerHandle();
    this.#announceCut();
  }

  #account(outcome: 'completed' | 'aborted'): void {
    this.#backstage.truth.count('realtime.responses');
    this.#backstage.truth.outcome('realtime.responses', outcome);
  }

  #offerHandle(): void {
    if (!this.#session || this.#setup?.resumption === undefined) return;
    const newHandle = this.#parts.sessions.handleFor(this.#session);
    this.#send({ sessionResumptionUpdate: { newHandle, resumable: true } });
  }

  /** The service warns before it cuts a socket. */
  #announceCut(): void {
    const { faults } = this.#backstage;
    const fault = faults.take('gemini-live', ['go-away'], this.#sentChunks, this.#struck);
    if (fault === undefined) return;
    const { timeLeftMs = 6000 } = fault;
    this.#send({ goAway: { timeLeft: secondsOf(timeLeftMs) } });
    this.#cutTimer = setTimeout(() => {
      this.#backstage.truth.problem(
        'gemini live: a session was still there when its time was over',
      );
      this.#close(1011, 'Deadline expired before operation could complete.');
    }, timeLeftMs);
  }

  /** The service sends its JSON in binary frames. */
  #send(message: Record<string, unknown>): void {
    if (this.#muted || this.#closing) return;
    const json = JSON.stringify(message);
    const { modelTurn, inputTranscription, outputTranscription } = objectOf(
      message['serverContent'],
    );
    const isPiece = modelTurn ?? inputTranscription ?? outputTranscription;
    if (isPiece === undefined) this.#delivery.deliver(json);
    else this.#parts.ws.send(Buffer.from(json));
  }

  #violation(text: string): void {
    this.#backstage.truth.count('realtime.errors');
    this.#backstage.truth.problem(`gemini live: ${text}`);
    this.#close(1007, text);
  }

  #close(code: number, reason: string): void {
    this.#closing = true;
    this.#parts.ws.close(code, reason);
  }

  #closed(): void {
    this.#closing = true;
    clearTimeout(this.#setupTimer);
    clearTimeout(this.#cutTimer);
    this.#answering?.abort.abort();
  }
}

function secondsOf(ms: number): string {
  return `${(ms / 1000).toFixed(3)}s`;
}
