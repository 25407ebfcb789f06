import type { ConnectContext, ProviderError, STTConnection, STTFact } from '@vision-agents/core';
import { AsyncQueue, pcmBytes } from '@vision-agents/core';
import { WebSocket } from 'ws';

import {
  backlogError,
  closedError,
  connectTimeoutError,
  malformedError,
  sessionError,
  stallError,
  wrongRateError,
} from './elevenlabs-error.ts';
import type { STTSettings } from './elevenlabs-options.ts';
import { openSocket } from './open-socket.ts';
import { Outstanding } from './outstanding.ts';
import type { ScribeSession } from './scribe-session.ts';
import { startScribe } from './scribe-session.ts';
import { ScribeTranscripts } from './scribe-transcripts.ts';
import type { ScribeDetails, ScribeMessage } from './scribe-wire.ts';
import { parseScribeMessage } from './scribe-wire.ts';
import { SentAudio } from './sent-audio.ts';

/** How much audio may wait in the socket: beyond that it is too old to be worth sending. */
const BACKLOG_LIMIT_MS = 2000;
/** Scribe ends a session that gets no audio for longer, as when a microphone is switched off. */
const KEEP_ALIVE_AFTER_MS = 5000;
/** Silence that keeps a session alive, and ends a turn that was cut off from its own. */
const KEEP_ALIVE_MS = 1000;
/** Scribe refuses a commit of less audio. */
const MIN_COMMIT_MS = 300;
/** How long a transcript is held back for the times of its words. */
const DETAILS_TIMEOUT_MS = 500;
/** After so long without a message Scribe is asked for a sign of life. */
const PING_AFTER_MS = 1000;

interface ScribeConnectionParts extends ScribeSession {
  readonly sampleRateHz: number;
  readonly settings: STTSettings;
  readonly context: ConnectContext;
}

/**
 * Starts a session of Scribe with ElevenLabs' SDK.
 * @throws ProviderError; the reason of the context's signal when that is aborted
 */
export async function connectScribe(
  settings: STTSettings,
  sampleRateHz: number,
  context: ConnectContext,
): Promise<STTConnection> {
  const session = await startScribe(settings, sampleRateHz, context);
  const connection = new ScribeConnection({ ...session, sampleRateHz, settings, context });
  const untilMs = context.clock.now() + settings.connectTimeoutMs;
  await openSocket(session.socket, settings.connectTimeoutMs, context);
  await connection.started(untilMs);
  return connection;
}

/** One session of Scribe, from the opening of its socket to the close. */
class ScribeConnection implements STTConnection {
  readonly #parts: ScribeConnectionParts;
  readonly #facts = new AsyncQueue<STTFact>();
  readonly #transcripts: ScribeTranscripts;
  readonly #audio = new SentAudio();
  readonly #signs: Outstanding;
  readonly #commits: Outstanding;
  readonly #started = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  readonly #abort = (): void => {
    this.#facts.end();
    void this.close();
  };
  #socketClosed: (() => void) | undefined;
  #socketError: unknown;
  #closing: Promise<void> | undefined;
  /** Resolves the close's wait for the last words. */
  #lastWordsCame: (() => void) | undefined;
  #cancelKeepAlive: (() => void) | undefined;
  #cancelDetails: (() => void) | undefined;
  #isBacklogged = false;
  #lastSentAtMs: number;
  #uncommittedMs = 0;
  #lastSpeechEndMs = 0;

  constructor(parts: ScribeConnectionParts) {
    this.#parts = parts;
    const { socket, settings, context } = parts;
    const { clock } = context;
    this.#signs = new Outstanding(clock);
    this.#commits = new Outstanding(clock);
    this.#lastSentAtMs = clock.now();
    this.#transcripts = new ScribeTranscripts({
      detectsTurns: settings.commitStrategy === 'vad',
      hasDetails: settings.includeTimestamps || settings.includeLanguageDetection,
    });
    // Whoever waits for the start hears of its failure; after that the facts tell of it.
    this.#started.promise.catch(() => undefined);
    socket.on('message', (data: Buffer) => this.#receive(data.toString()));
    socket.on('pong', () => this.#signs.answered());
    socket.once('open', () => (this.#socketClosed = context.socketOpened()));
    socket.on('error', (error) => (this.#socketError = error));
    socket.once('close', (code) => this.#finish(code));
    context.signal.addEventListener('abort', this.#abort, { once: true });
  }

  /** Resolves when Scribe says that the session has started; rejects, closed, when it does not in time. */
  async started(untilMs: number): Promise<void> {
    const { settings, context } = this.#parts;
    const giveUp = (): void => this.#fail(connectTimeoutError(settings.connectTimeoutMs));
    const cancelTimeout = context.clock.after(Math.max(0, untilMs - context.clock.now()), giveUp);
    await this.#started.promise.finally(cancelTimeout);
  }

  send(samples: Int16Array): void {
    const { socket, sampleRateHz } = this.#parts;
    if (this.#closing) return;
    if (socket.readyState === WebSocket.OPEN) this.#checkStall();
    // Who has said goodbye may stay on the line for long: that is not waited for.
    if (socket.readyState === WebSocket.CLOSING) socket.terminate();
    if (socket.readyState !== WebSocket.OPEN) return;
    const durationMs = (samples.length / sampleRateHz) * 1000;
    if (this.#hasRoom()) {
      this.#audio.sent(durationMs);
      this.#transmit(samples, durationMs);
    } else {
      this.#audio.lost(durationMs);
    }
  }

  /** Where Scribe finds the ends of turns itself, it is not told them. */
  flush(): void {
    if (this.#parts.settings.commitStrategy === 'manual') this.#commit();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncIterator](): AsyncIterator<STTFact, undefined> {
    return this.#facts[Symbol.asyncIterator]();
  }

  #transmit(samples: Int16Array, durationMs: number, commit = false): void {
    const { buffer, byteOffset, byteLength } = pcmBytes(samples);
    const audioBase64 = Buffer.from(buffer, byteOffset, byteLength).toString('base64');
    this.#lastSentAtMs = this.#parts.context.clock.now();
    this.#uncommittedMs += durationMs;
    this.#parts.stream.send({ audioBase64, commit });
  }

  #transmitSilence(durationMs: number, commit = false): void {
    const samples = new Int16Array(Math.ceil((durationMs / 1000) * this.#parts.sampleRateHz));
    const addedMs = (samples.length / this.#parts.sampleRateHz) * 1000;
    this.#audio.added(addedMs);
    if (addedMs > 0) this.#facts.push({ type: 'audio-added', durationMs: addedMs });
    this.#transmit(samples, addedMs, commit);
  }

  #commit(): void {
    const { socket } = this.#parts;
    if (socket.readyState !== WebSocket.OPEN || this.#uncommittedMs === 0) return;
    this.#transmitSilence(Math.max(0, MIN_COMMIT_MS - this.#uncommittedMs), true);
    this.#uncommittedMs = 0;
    this.#commits.asked();
  }

  /** In silence Scribe says nothing: it has to be asked. Looking here needs no timer. */
  #checkStall(): void {
    const { socket, settings } = this.#parts;
    const { stallTimeoutMs } = settings;
    if (this.#signs.waitedMs >= stallTimeoutMs || this.#commits.waitedMs >= stallTimeoutMs) {
      this.#fail(stallError(stallTimeoutMs));
    } else if (this.#signs.quietMs >= PING_AFTER_MS) {
      this.#signs.asked();
      socket.ping();
    }
  }

  #hasRoom(): boolean {
    const { socket, sampleRateHz } = this.#parts;
    // Base64 makes four bytes of three.
    const bytesAMs = (sampleRateHz * Int16Array.BYTES_PER_ELEMENT * 4) / 3 / 1000;
    if (socket.bufferedAmount === 0) this.#isBacklogged = false;
    if (socket.bufferedAmount < BACKLOG_LIMIT_MS * bytesAMs) return true;
    if (!this.#isBacklogged) {
      this.#facts.push({ type: 'error', error: backlogError(BACKLOG_LIMIT_MS) });
    }
    this.#isBacklogged = true;
    return false;
  }

  #keepAlive(waitMs: number): void {
    const { clock } = this.#parts.context;
    this.#cancelKeepAlive = clock.after(waitMs, () => {
      const idleMs = clock.now() - this.#lastSentAtMs;
      if (idleMs >= KEEP_ALIVE_AFTER_MS && this.#parts.socket.readyState === WebSocket.OPEN) {
        this.#transmitSilence(KEEP_ALIVE_MS);
        this.#keepAlive(KEEP_ALIVE_AFTER_MS);
      } else {
        this.#keepAlive(Math.max(1, KEEP_ALIVE_AFTER_MS - idleMs));
      }
    });
  }

  #receive(json: string): void {
    this.#signs.answered();
    const message = parseScribeMessage(json);
    switch (message.type) {
      case 'started':
        this.#start(message.sampleRateHz);
        return;
      case 'partial':
        this.#tell(this.#transcripts.partial(message.text));
        return;
      case 'committed':
        this.#tell(this.#transcripts.committed(message.text));
        this.#committed();
        return;
      case 'details':
        this.#tell(this.#transcripts.details(this.#withOurOffsets(message)));
        this.#committed();
        return;
      case 'error':
        this.#failed(message);
        return;
      case 'malformed':
        this.#facts.push({ type: 'error', error: malformedError(message.problem) });
        return;
      case 'ignored':
        this.#parts.context.logger.debug({ type: message.name }, 'ignored a message of ElevenLabs');
    }
  }

  #start(rateHz: number | undefined): void {
    const { sampleRateHz } = this.#parts;
    if (rateHz !== undefined && rateHz !== sampleRateHz) {
      this.#fail(wrongRateError(rateHz, sampleRateHz));
      return;
    }
    this.#keepAlive(KEEP_ALIVE_AFTER_MS);
    this.#started.resolve();
  }

  #failed({ name }: Extract<ScribeMessage, { type: 'error' }>): void {
    const error = sessionError(name);
    if (name !== 'commit_throttled') {
      this.#fail(error);
      return;
    }
    // The one error that a session outlives. When closing it says that there was nothing left to tell.
    if (!this.#closing) this.#facts.push({ type: 'error', error });
    this.#commits.answered();
    this.#lastWordsCame?.();
  }

  #committed(): void {
    this.#cancelDetails?.();
    this.#cancelDetails = undefined;
    this.#commits.answered();
    if (this.#parts.settings.commitStrategy === 'vad') this.#uncommittedMs = 0;
    if (!this.#transcripts.awaitsDetails) {
      this.#lastWordsCame?.();
      return;
    }
    this.#cancelDetails = this.#parts.context.clock.after(DETAILS_TIMEOUT_MS, () => {
      this.#tell(this.#transcripts.withoutDetails());
      this.#lastWordsCame?.();
    });
  }

  /** Times that contradict those before are of another clock than we think: then they are unknown. */
  #withOurOffsets(details: ScribeDetails): ScribeDetails {
    const speechStartMs = this.#audio.writtenOffset(details.speechStartMs);
    const speechEndMs = this.#audio.writtenOffset(details.speechEndMs);
    const isConsistent = speechStartMs !== undefined && speechStartMs >= this.#lastSpeechEndMs;
    if (!isConsistent) return { ...details, speechStartMs: undefined, speechEndMs: undefined };
    this.#lastSpeechEndMs = speechEndMs ?? this.#lastSpeechEndMs;
    return { ...details, speechStartMs, speechEndMs };
  }

  #tell(facts: readonly STTFact[]): void {
    for (const fact of facts) this.#facts.push(fact);
  }

  #fail(error: ProviderError): void {
    this.#started.reject(error);
    this.#facts.fail(error);
    this.#parts.socket.terminate();
  }

  async #close(): Promise<void> {
    const { socket, settings, context } = this.#parts;
    const cancelTimeout = context.clock.after(settings.closeTimeoutMs, () => socket.terminate());
    this.#cancelKeepAlive?.();
    // What nobody wants any more is not asked for.
    if (!context.signal.aborted) await this.#lastWords();
    socket.close(1000);
    await this.#closed.promise;
    cancelTimeout();
  }

  /** Scribe forgets at a close what was not committed. */
  async #lastWords(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lastWordsCame = resolve;
    if (this.#uncommittedMs >= MIN_COMMIT_MS || this.#transcripts.isUnfinished) this.#commit();
    if (!this.#commits.isAsked && !this.#transcripts.awaitsDetails) return;
    await Promise.race([promise, this.#closed.promise]);
  }

  #finish(code: number): void {
    this.#parts.context.signal.removeEventListener('abort', this.#abort);
    this.#socketClosed?.();
    this.#cancelKeepAlive?.();
    this.#cancelDetails?.();
    const error = closedError(code, this.#socketError);
    this.#started.reject(
      this.#parts.context.signal.aborted ? this.#parts.context.signal.reason : error,
    );
    if (this.#closing) {
      this.#tell(this.#transcripts.unfinished());
      this.#facts.end();
    } else {
      this.#facts.fail(error);
    }
    this.#closed.resolve();
  }
}
