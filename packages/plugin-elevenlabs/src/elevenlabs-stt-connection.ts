import type { ConnectContext, ProviderError, STTConnection, STTFact } from '@vision-agents/core';
import {
  AsyncQueue,
  AudioUplink,
  KeepAlive,
  pcmBytes,
  ProviderSocket,
  SoundWatch,
  StallWatch,
  untilAborted,
} from '@vision-agents/core';
import { WebSocket } from 'ws';

import { connectionErrors, sessionError, wrongRateError } from './elevenlabs-error.ts';
import type { STTSettings } from './elevenlabs-options.ts';
import type { ScribeSession } from './scribe-session.ts';
import { startScribe } from './scribe-session.ts';
import { ScribeTranscripts } from './scribe-transcripts.ts';
import type { ScribeDetails, ScribeMessage } from './scribe-wire.ts';
import { parseScribeMessage } from './scribe-wire.ts';

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
/** So much longer than the silence that ends a turn Scribe may say nothing of what can be heard. */
const HEARING_MS = 2000;

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
  await connection.started();
  return connection;
}

/** One session of Scribe, from the opening of its socket to the close. */
class ScribeConnection implements STTConnection {
  readonly #parts: ScribeConnectionParts;
  readonly #facts = new AsyncQueue<STTFact>();
  readonly #transcripts: ScribeTranscripts;
  readonly #socket: ProviderSocket;
  readonly #uplink: AudioUplink;
  /** In silence Scribe says nothing: it has to be asked for a sign of life. */
  readonly #signs: StallWatch;
  readonly #commits: StallWatch;
  /** Who answers pings need not hear: where Scribe ends turns, only a commit finds out. */
  readonly #sound: SoundWatch | undefined;
  readonly #started = Promise.withResolvers<void>();
  readonly #abort = (): void => {
    this.#facts.end();
    void this.close();
  };
  #pings: KeepAlive | undefined;
  #keepAlive: KeepAlive | undefined;
  #closing: Promise<void> | undefined;
  /** Resolves the close's wait for the last words. */
  #lastWordsCame: (() => void) | undefined;
  #cancelDetails: (() => void) | undefined;
  #uncommittedMs = 0;
  /** How many commits of ours have no transcript yet. */
  #openCommits = 0;
  #lastSpeechEndMs = 0;

  constructor(parts: ScribeConnectionParts) {
    this.#parts = parts;
    const { client, settings, context, sampleRateHz } = parts;
    this.#transcripts = new ScribeTranscripts({
      detectsTurns: settings.commitStrategy === 'vad',
      hasDetails: settings.includeTimestamps || settings.includeLanguageDetection,
    });
    // Whoever waits for the start hears of its failure; after that the facts tell of it.
    this.#started.promise.catch(() => undefined);
    this.#socket = new ProviderSocket({
      client,
      context,
      errors: connectionErrors,
      onMessage: (data) => this.#receive(data.toString()),
      onClosed: (error) => this.#closed(error),
    });
    this.#uplink = new AudioUplink({
      socket: this.#socket,
      errors: connectionErrors,
      // Base64 makes four bytes of three.
      bytesPerMs: (sampleRateHz * Int16Array.BYTES_PER_ELEMENT * 4) / 3 / 1000,
      onBacklog: (error) => this.#facts.push({ type: 'error', error }),
    });
    const watch = {
      clock: context.clock,
      timeoutMs: settings.stallTimeoutMs,
      onStall: () => this.#fail(connectionErrors.stalled(settings.stallTimeoutMs)),
    };
    this.#signs = new StallWatch(watch);
    this.#commits = new StallWatch(watch);
    if (settings.commitStrategy === 'vad') {
      this.#sound = new SoundWatch({
        clock: context.clock,
        afterMs: settings.vadSilenceMs + HEARING_MS,
        restMs: settings.stallTimeoutMs,
        ask: () => this.#askForWords(),
      });
    }
    client.on('pong', () => this.#hear());
    context.signal.addEventListener('abort', this.#abort, { once: true });
  }

  /**
   * Resolves when Scribe says that the session has started.
   * @throws ProviderError; the reason of the context's signal when that is aborted
   */
  async started(): Promise<void> {
    const { settings, context } = this.#parts;
    const { connectTimeoutMs } = settings;
    const giveUp = (): void => this.#fail(connectionErrors.connectTimeout(connectTimeoutMs));
    const cancelTimeout = context.clock.after(connectTimeoutMs, giveUp);
    try {
      await this.#socket.opened(connectTimeoutMs);
      await untilAborted(this.#started.promise, context.signal);
    } catch (error) {
      this.#parts.client.terminate();
      await this.#socket.closed;
      throw error;
    } finally {
      cancelTimeout();
    }
  }

  send(samples: Int16Array): boolean {
    const { client } = this.#parts;
    // Who has said goodbye may stay on the line: the SDK's socket would wait for 30 s.
    if (!this.#closing && client.readyState === WebSocket.CLOSING) client.terminate();
    if (this.#closing || !this.#socket.isOpen) return false;
    const durationMs = (samples.length / this.#parts.sampleRateHz) * 1000;
    const isTaken = this.#uplink.takes(durationMs);
    if (isTaken) {
      this.#transmit(samples, durationMs);
      this.#sound?.sent(samples, durationMs);
    }
    return isTaken;
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
    this.#keepAlive?.sent();
    this.#uncommittedMs += durationMs;
    this.#parts.stream.send({ audioBase64, commit });
  }

  #transmitSilence(durationMs: number, commit = false): void {
    const samples = new Int16Array(Math.ceil((durationMs / 1000) * this.#parts.sampleRateHz));
    const addedMs = (samples.length / this.#parts.sampleRateHz) * 1000;
    this.#uplink.added(addedMs);
    if (addedMs > 0) this.#facts.push({ type: 'audio-added', durationMs: addedMs });
    this.#transmit(samples, addedMs, commit);
  }

  #commit(): void {
    if (this.#socket.isOpen && this.#uncommittedMs > 0) this.#demandTranscript();
  }

  #askForWords(): void {
    if (this.#closing || !this.#socket.isOpen) return;
    this.#transcripts.asked();
    this.#demandTranscript();
  }

  #demandTranscript(): void {
    this.#transmitSilence(Math.max(0, MIN_COMMIT_MS - this.#uncommittedMs), true);
    this.#uncommittedMs = 0;
    this.#openCommits += 1;
    this.#commits.asked();
  }

  #hear(): void {
    this.#signs.answered();
    this.#pings?.sent();
  }

  #ask(): void {
    this.#signs.asked();
    this.#parts.client.ping();
  }

  #receive(json: string): void {
    this.#hear();
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
        this.#facts.push({ type: 'error', error: connectionErrors.malformed(message.problem) });
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
    const { clock } = this.#parts.context;
    this.#keepAlive ??= new KeepAlive({
      clock,
      afterMs: KEEP_ALIVE_AFTER_MS,
      send: () => this.#transmitSilence(KEEP_ALIVE_MS),
    });
    this.#pings ??= new KeepAlive({ clock, afterMs: PING_AFTER_MS, send: () => this.#ask() });
    this.#started.resolve();
  }

  #failed({ name }: Extract<ScribeMessage, { type: 'error' }>): void {
    const error = sessionError(name);
    if (name !== 'commit_throttled') {
      this.#fail(error);
      return;
    }
    // The one error that a session outlives. When closing it says that there was nothing left to tell, and
    // who was only asked whether it hears has answered.
    const isAsked = this.#transcripts.throttled();
    if (!isAsked && !this.#closing) this.#facts.push({ type: 'error', error });
    this.#commitsOver(1);
    this.#lookForWords();
  }

  #committed(): void {
    this.#cancelDetails?.();
    this.#cancelDetails = undefined;
    if (this.#parts.settings.commitStrategy === 'vad') {
      this.#uncommittedMs = 0;
      this.#openCommits = 0;
    }
    this.#lookForWords();
    if (!this.#transcripts.awaitsDetails) return;
    this.#cancelDetails = this.#parts.context.clock.after(DETAILS_TIMEOUT_MS, () => {
      this.#tell(this.#transcripts.withoutDetails());
      this.#lookForWords();
    });
  }

  #commitsOver(count: number): void {
    this.#openCommits = Math.max(0, this.#openCommits - count);
  }

  /** The wait for the words of one commit is not that for the next. */
  #lookForWords(): void {
    this.#commits.answered();
    if (this.#openCommits > 0) this.#commits.asked();
    else if (!this.#transcripts.awaitsDetails) this.#lastWordsCame?.();
  }

  /** Times that contradict those before are of another clock than we think: then they are unknown. */
  #withOurOffsets(details: ScribeDetails): ScribeDetails {
    const speechStartMs = this.#uplink.writtenOffset(details.speechStartMs);
    const speechEndMs = this.#uplink.writtenOffset(details.speechEndMs);
    const isConsistent = speechStartMs !== undefined && speechStartMs >= this.#lastSpeechEndMs;
    if (!isConsistent) return { ...details, speechStartMs: undefined, speechEndMs: undefined };
    this.#lastSpeechEndMs = speechEndMs ?? this.#lastSpeechEndMs;
    return { ...details, speechStartMs, speechEndMs };
  }

  #tell(facts: readonly STTFact[]): void {
    this.#commitsOver(facts.filter((fact) => fact.type === 'transcript' && fact.final).length);
    for (const fact of facts) this.#facts.push(fact);
    if (!this.#closing) this.#sound?.heard(this.#transcripts.isTurnOpen);
  }

  #fail(error: ProviderError): void {
    this.#started.reject(error);
    this.#facts.fail(error);
    this.#socket.break(error);
  }

  async #close(): Promise<void> {
    const { settings, context } = this.#parts;
    this.#keepAlive?.stop();
    this.#pings?.stop();
    this.#sound?.stop();
    this.#signs.stop();
    // What nobody wants any more is not asked for.
    const lastWords = context.signal.aborted ? undefined : this.#lastWords();
    await this.#socket.close(settings.closeTimeoutMs, lastWords);
  }

  /** Scribe forgets at a close what was not committed. */
  async #lastWords(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lastWordsCame = resolve;
    if (this.#uncommittedMs >= MIN_COMMIT_MS || this.#transcripts.isUnfinished) this.#commit();
    if (this.#openCommits === 0 && !this.#transcripts.awaitsDetails) return;
    await promise;
  }

  #closed(error: ProviderError): void {
    const { signal } = this.#parts.context;
    signal.removeEventListener('abort', this.#abort);
    this.#keepAlive?.stop();
    this.#pings?.stop();
    this.#sound?.stop();
    this.#signs.stop();
    this.#commits.stop();
    this.#cancelDetails?.();
    this.#started.reject(error);
    if (this.#closing) {
      this.#tell(this.#transcripts.unfinished());
      this.#facts.end();
    } else {
      this.#facts.fail(error);
    }
  }
}
