import type { ConnectContext, ProviderError, STTConnection, STTFact } from '@vision-agents/core';
import { AsyncQueue, KeepAlive, moveOffsets, SoundWatch, StallWatch } from '@vision-agents/core';

import { connectionErrors, endsSession, sessionError } from './openai-error.ts';
import type { STTSettings } from './openai-stt-options.ts';
import type { Json } from './openai-wire.ts';
import { RealtimeSocket } from './realtime-socket.ts';
import { detectionOf, encodeTranscriptionSession } from './transcription-session.ts';
import { TranscriptionTurns } from './transcription-turns.ts';
import { parseTranscriptionEvent } from './transcription-wire.ts';

/** OpenAI refuses a commit of less audio. */
const MIN_COMMIT_MS = 100;
/** After so long without an event OpenAI is asked for a sign of life. */
const PING_AFTER_MS = 1000;
/** So long OpenAI may say nothing of what can be heard, or of an utterance. */
const HEARING_MS = 2000;
/** By this an error tells that it is about the question whether OpenAI hears. */
const QUESTION_ID = 'hearing';

/** What a connection is made of. */
interface TranscriptionParts {
  readonly socket: RealtimeSocket;
  readonly settings: STTSettings;
  readonly context: ConnectContext;
}

/**
 * Opens a session for transcription. It needs nothing to be kept alive: OpenAI ends it after an hour,
 * whatever was said.
 * @throws ProviderError; the reason of the context's signal when that is aborted
 */
export async function connectTranscription(
  settings: STTSettings,
  context: ConnectContext,
): Promise<STTConnection> {
  const { apiKey, baseUrl, connectTimeoutMs, closeTimeoutMs } = settings;
  let connection: TranscriptionConnection | undefined;
  // What comes together with the set-up comes before there is a connection to take it.
  const early: ((connection: TranscriptionConnection) => void)[] = [];
  const tell = (what: (connection: TranscriptionConnection) => void): void => {
    if (connection) what(connection);
    else early.push(what);
  };
  const socket = await RealtimeSocket.open({
    service: { apiKey, baseUrl },
    target: { intent: 'transcription' },
    session: encodeTranscriptionSession(settings),
    connectTimeoutMs,
    closeTimeoutMs,
    context,
    onEvent: (event) => tell((one) => one.receive(event)),
    onPong: () => connection?.pong(),
    onError: (error) => tell((one) => one.tell([{ type: 'error', error }])),
    onClosed: (error) => tell((one) => one.closed(error)),
  });
  connection = new TranscriptionConnection({ socket, settings, context });
  for (const what of early) what(connection);
  return connection;
}

/** One session, from when it is set up to the close. */
class TranscriptionConnection implements STTConnection {
  readonly #parts: TranscriptionParts;
  readonly #facts = new AsyncQueue<STTFact>();
  readonly #turns: TranscriptionTurns;
  /** In silence OpenAI says nothing: it has to be asked for a sign of life. */
  readonly #signs: StallWatch;
  readonly #pings: KeepAlive;
  readonly #transcripts: StallWatch;
  /** Who answers pings need not hear: where OpenAI ends turns, it is asked. */
  readonly #sound: SoundWatch | undefined;
  readonly #questions: StallWatch;
  readonly #abort = (): void => {
    this.#facts.end();
    void this.close();
  };
  #closing: Promise<void> | undefined;
  /** Resolves the close's wait for the last words. */
  #lastWordsCame: (() => void) | undefined;
  /** All audio that was sent. */
  #sentMs = 0;
  #uncommittedMs = 0;
  /** How much was sent before each commit of ours of which OpenAI has said nothing yet. */
  #commits: number[] = [];

  constructor(parts: TranscriptionParts) {
    this.#parts = parts;
    const { clock, signal } = parts.context;
    const { stallTimeoutMs: timeoutMs } = parts.settings;
    this.#turns = new TranscriptionTurns(detectionOf(parts.settings));
    const onStall = (): void => this.#fail(connectionErrors.stalled(timeoutMs));
    this.#signs = new StallWatch({ clock, timeoutMs, onStall });
    this.#transcripts = new StallWatch({ clock, timeoutMs, onStall });
    this.#questions = new StallWatch({ clock, timeoutMs, onStall });
    if (this.#detectsTurns) {
      this.#sound = new SoundWatch({
        clock,
        afterMs: HEARING_MS,
        restMs: timeoutMs,
        ask: () => this.#askWhetherItHears(),
      });
    }
    this.#pings = new KeepAlive({ clock, afterMs: PING_AFTER_MS, send: () => this.#ping() });
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  send(samples: Int16Array): boolean {
    const { socket } = this.#parts;
    if (this.#closing || !socket.isOpen) return false;
    const sentMs = socket.sendAudio(samples);
    this.#sentMs += sentMs;
    this.#uncommittedMs += sentMs;
    if (sentMs > 0) this.#sound?.sent(samples, sentMs);
    return sentMs > 0;
  }

  /** Where OpenAI finds the ends of turns itself, it is not told them. */
  flush(): void {
    if (!this.#detectsTurns && !this.#closing) this.#commit();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncIterator](): AsyncIterator<STTFact, undefined> {
    return this.#facts[Symbol.asyncIterator]();
  }

  /** Takes an event of the session. */
  receive(json: Json): void {
    this.pong();
    this.#questions.answered();
    const event = parseTranscriptionEvent(json);
    switch (event.type) {
      case 'error':
        if (event.eventId === QUESTION_ID) this.#heard();
        else this.#failed(sessionError(event.error, 'the session reported an error'));
        return;
      case 'malformed':
        this.tell([{ type: 'error', error: connectionErrors.malformed(event.problem) }]);
        return;
      case 'ignored':
        this.#parts.context.logger.debug({ type: event.name }, 'ignored an event of OpenAI');
        return;
      case 'updated':
        this.#heard();
        return;
      case 'committed':
        this.tell(this.#turns.read(event));
        this.#committed(event.itemId);
        break;
      case 'completed':
      case 'failed':
        this.#transcripts.answered();
        this.tell(this.#turns.read(event));
        break;
      case 'speech-started':
      case 'speech-stopped':
      case 'delta':
        this.tell(this.#turns.read(event));
    }
    this.#heard();
    this.#lookForTranscripts();
  }

  /** Takes a sign of life. */
  pong(): void {
    this.#signs.answered();
    this.#pings.sent();
  }

  tell(facts: readonly STTFact[]): void {
    const move = (offsetMs: number | undefined) => this.#parts.socket.writtenOffset(offsetMs);
    for (const fact of facts) this.#facts.push(moveOffsets(fact, move));
  }

  /** The session is over. */
  closed(error: ProviderError): void {
    this.#parts.context.signal.removeEventListener('abort', this.#abort);
    this.#stopWatching();
    if (this.#closing) {
      this.tell(this.#turns.unfinished());
      this.#facts.end();
    } else {
      this.#facts.fail(error);
    }
  }

  #ping(): void {
    this.#signs.asked();
    this.#parts.socket.ping();
  }

  /**
   * A commit would write down a noise, for which OpenAI charges, and cut a sentence in two: it is asked for
   * something that changes nothing, and that it has to answer.
   */
  #askWhetherItHears(): void {
    this.#questions.asked();
    const session = { type: 'transcription' } as const;
    this.#parts.socket.send({ type: 'session.update', event_id: QUESTION_ID, session });
  }

  #heard(): void {
    this.#sound?.heard(this.#turns.isUnfinished);
  }

  #commit(): void {
    const { socket } = this.#parts;
    if (!socket.isOpen || this.#uncommittedMs === 0) return;
    if (this.#uncommittedMs < MIN_COMMIT_MS) {
      const durationMs = socket.sendSilence(MIN_COMMIT_MS - this.#uncommittedMs);
      this.#sentMs += durationMs;
      this.tell([{ type: 'audio-added', durationMs }]);
    }
    socket.send({ type: 'input_audio_buffer.commit' });
    this.#uncommittedMs = 0;
    this.#commits.push(this.#sentMs);
    this.#transcripts.asked();
  }

  get #isAwaited(): boolean {
    return this.#commits.length > 0 || this.#turns.isAwaited;
  }

  get #detectsTurns(): boolean {
    return this.#parts.settings.turnDetection !== undefined;
  }

  #committed(itemId: string): void {
    const audioEndMs = this.#commits.shift();
    if (audioEndMs !== undefined) this.#turns.endsAt(itemId, audioEndMs);
    if (this.#detectsTurns) this.#uncommittedMs = 0;
  }

  /** The wait for one transcript is not that for the next. */
  #lookForTranscripts(): void {
    if (!this.#isAwaited) this.#lastWordsCame?.();
    else if (!this.#closing) this.#transcripts.asked();
  }

  #failed(error: ProviderError): void {
    if (endsSession(error)) {
      this.#fail(error);
      return;
    }
    const isOfCommit = error.providerCode === 'input_audio_buffer_commit_empty';
    if (isOfCommit) this.#commits = [];
    // When closing that says that there was nothing left to tell.
    if (!isOfCommit || !this.#closing) this.tell([{ type: 'error', error }]);
    if (!this.#isAwaited) this.#transcripts.answered();
    this.#lookForTranscripts();
  }

  #fail(error: ProviderError): void {
    this.#facts.fail(error);
    this.#parts.socket.break(error);
  }

  async #close(): Promise<void> {
    const { socket, context } = this.#parts;
    // What nobody wants any more is not asked for.
    const lastWords = context.signal.aborted ? undefined : this.#lastWords();
    this.#stopWatching();
    await socket.close(lastWords);
  }

  #stopWatching(): void {
    this.#pings.stop();
    this.#signs.stop();
    this.#transcripts.stop();
    this.#sound?.stop();
    this.#questions.stop();
  }

  /** OpenAI forgets at a close what was not committed. */
  #lastWords(): Promise<void> | undefined {
    const isHeard = !this.#detectsTurns && this.#uncommittedMs >= MIN_COMMIT_MS;
    if (isHeard || this.#turns.isUnfinished) this.#commit();
    if (!this.#isAwaited) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lastWordsCame = resolve;
    return promise;
  }
}
