import type { ConnectContext, ReusableSocket } from '@vision-agents/core';
import {
  AsyncQueue,
  InterruptedError,
  KeepAlive,
  ProviderError,
  ProviderSocket,
  WEB_SOCKET_OPTIONS,
} from '@vision-agents/core';
import { WebSocket } from 'ws';

import { connectionErrors, messageError, neverFinalError } from './elevenlabs-error.ts';
import type { TTSSettings } from './elevenlabs-options.ts';
import {
  encodeClose,
  encodeKeepAlive,
  encodeSpeech,
  parseSpeechMessage,
  socketUrl,
} from './elevenlabs-wire.ts';

/** ElevenLabs closes a socket on which more contexts are open. */
const MAX_CONTEXTS = 5;
/** How long a context that is no longer wanted may take to tell that it is final. */
const DRAIN_TIMEOUT_MS = 5000;
/** A third of the time after which ElevenLabs hangs up on who says nothing. */
const KEEP_ALIVE_AFTER_MS = 60_000;
/** How long ElevenLabs may take to answer a close. */
const CLOSE_TIMEOUT_MS = 2000;

/** One text that is being spoken. */
interface Speech {
  readonly contextId: string;
  readonly text: string;
  readonly audio: AsyncQueue<Uint8Array>;
  /** Set once nobody listens any more: what still comes is counted. */
  cancelDrain?: () => void;
}

/** One socket, from its opening to the close, and what is spoken on it. */
export class SpeechSocket implements ReusableSocket {
  readonly #settings: TTSSettings;
  readonly #context: ConnectContext;
  readonly #client: WebSocket;
  readonly #socket: ProviderSocket;
  /** What ElevenLabs knows of, by context. */
  readonly #open = new Map<string, Speech>();
  readonly #queued: Speech[] = [];
  /** Contexts that ElevenLabs was told to close, and did not: they keep their places. */
  readonly #lost = new Set<Speech>();
  #failure: unknown;
  #count = 0;
  #keepAlive: KeepAlive | undefined;

  constructor(settings: TTSSettings, context: ConnectContext) {
    this.#settings = settings;
    this.#context = context;
    const headers = { 'xi-api-key': settings.apiKey };
    this.#client = new WebSocket(socketUrl(settings), { ...WEB_SOCKET_OPTIONS, headers });
    this.#socket = new ProviderSocket({
      client: this.#client,
      context,
      errors: connectionErrors,
      onMessage: (data) => this.#receive(data.toString()),
      onClosed: (error) => {
        this.#keepAlive?.stop();
        this.#failAll(error);
      },
    });
  }

  /**
   * Resolves when it is open.
   * @throws ProviderError; the reason of the context's signal when that is aborted
   */
  async opened(): Promise<void> {
    await this.#socket.opened(this.#settings.connectTimeoutMs);
    this.#keepAlive = new KeepAlive({
      clock: this.#context.clock,
      afterMs: KEEP_ALIVE_AFTER_MS,
      send: () => this.#sayStillHere(),
    });
  }

  get closed(): Promise<void> {
    return this.#socket.closed;
  }

  get condition(): ReusableSocket['condition'] {
    const isLost = !this.#socket.isOpen || this.#failure !== undefined || this.#lost.size > 0;
    return isLost ? 'lost' : 'usable';
  }

  /** Speaks a text, at once or as soon as fewer than {@link MAX_CONTEXTS} are being spoken. */
  async *speak(text: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    const contextId = `speech-${(this.#count += 1)}`;
    const speech: Speech = { contextId, text, audio: new AsyncQueue() };
    const abandon = (): void => this.#abandon(speech, isTimeout(signal.reason));
    signal.addEventListener('abort', abandon, { once: true });
    this.#queued.push(speech);
    this.#startQueued();
    try {
      yield* speech.audio;
    } finally {
      signal.removeEventListener('abort', abandon);
      abandon();
      speech.audio.end();
    }
  }

  /** A socket with lost places closes by itself when the texts that it has are over. */
  finish(): void {}

  /** Idempotent; bounded in time; never throws. */
  async close(): Promise<void> {
    this.#failure ??= new InterruptedError();
    for (const speech of this.#queued.splice(0)) speech.audio.fail(this.#failure);
    for (const speech of this.#open.values()) this.#abandon(speech);
    // What ElevenLabs has sent by then still arrives, and belongs to its text.
    this.#keepAlive?.stop();
    await this.#socket.close(CLOSE_TIMEOUT_MS);
  }

  #startQueued(): void {
    while (this.#open.size < MAX_CONTEXTS) {
      const speech = this.#queued.shift();
      if (!speech) return;
      const { contextId, text } = speech;
      this.#open.set(contextId, speech);
      this.#send(encodeSpeech(contextId, text, this.#settings));
    }
  }

  #send(messages: readonly string[]): void {
    for (const message of messages) this.#client.send(message);
    this.#keepAlive?.sent();
  }

  /** Only a socket on which nothing is said has to be kept. */
  #sayStillHere(): void {
    if (this.#open.size === 0 && this.condition === 'usable') this.#send(encodeKeepAlive());
  }

  /** Nobody listens any more; the context keeps its place until ElevenLabs says that it is gone. */
  #abandon(speech: Speech, hasWaitedInVain = false): void {
    const place = this.#queued.indexOf(speech);
    if (place !== -1) {
      this.#queued.splice(place, 1);
      speech.audio.end();
    }
    if (speech.cancelDrain || !this.#open.has(speech.contextId)) return;
    this.#client.send(encodeClose(speech.contextId));
    // The next text would wait in vain as well, if nothing is read any more.
    const drainMs = hasWaitedInVain ? 0 : DRAIN_TIMEOUT_MS;
    speech.cancelDrain = this.#context.clock.after(drainMs, () => this.#lose(speech));
    if (hasWaitedInVain) this.#lost.add(speech);
  }

  /** To ElevenLabs the context may still be open: one more than it allows would end all of them. */
  #lose(speech: Speech): void {
    speech.audio.end();
    this.#lost.add(speech);
    if (this.#lost.size === MAX_CONTEXTS) this.#break(neverFinalError(DRAIN_TIMEOUT_MS));
    else this.#closeWhenSpent();
  }

  /** A socket with lost places gets no more texts, and ends with those that it has. */
  #closeWhenSpent(): void {
    const { size } = this.#lost;
    if (size === 0 || this.#open.size > size || this.#queued.length > 0) return;
    this.#failure ??= new InterruptedError();
    void this.#socket.close(CLOSE_TIMEOUT_MS);
  }

  #release(speech: Speech): void {
    speech.cancelDrain?.();
    speech.audio.end();
    this.#open.delete(speech.contextId);
    this.#lost.delete(speech);
    this.#startQueued();
    this.#closeWhenSpent();
  }

  #receive(json: string): void {
    const message = parseSpeechMessage(json);
    switch (message.type) {
      case 'speech': {
        const speech = this.#open.get(message.contextId);
        if (!speech) return;
        if (message.audio.length > 0) speech.audio.push(message.audio);
        if (!message.final) return;
        this.#release(speech);
        return;
      }
      case 'error':
        this.#break(messageError(message.name));
        return;
      case 'malformed':
        this.#break(connectionErrors.malformed(message.problem));
        return;
      case 'ignored':
        this.#context.logger.debug({}, 'ignored a message of ElevenLabs');
    }
  }

  /** What is wrong with one message may be wrong with any context: a new socket is a clean slate. */
  #break(error: ProviderError): void {
    this.#failAll(error);
    this.#socket.break(error);
  }

  #failAll(error: unknown): void {
    this.#failure ??= error;
    const speeches = [...this.#open.values(), ...this.#queued];
    this.#open.clear();
    this.#queued.length = 0;
    for (const speech of speeches) {
      speech.cancelDrain?.();
      speech.audio.fail(this.#failure);
    }
  }
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof ProviderError && reason.type === 'timeout';
}
