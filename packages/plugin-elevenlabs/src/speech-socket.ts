import type { ConnectContext, ProviderError } from '@vision-agents/core';
import { AsyncQueue, InterruptedError } from '@vision-agents/core';
import { WebSocket } from 'ws';

import { closedError, malformedError, messageError, neverFinalError } from './elevenlabs-error.ts';
import type { TTSSettings } from './elevenlabs-options.ts';
import {
  encodeClose,
  encodeKeepAlive,
  encodeSpeech,
  parseSpeechMessage,
  socketUrl,
} from './elevenlabs-wire.ts';
import { openSocket } from './open-socket.ts';

/** ElevenLabs closes a socket on which more contexts are open. */
const MAX_CONTEXTS = 5;
/** How long a context that is no longer wanted may take to tell that it is final. */
const DRAIN_TIMEOUT_MS = 5000;
/** A third of the time after which ElevenLabs hangs up on who says nothing. */
const KEEP_ALIVE_AFTER_MS = 60_000;
/** How long ElevenLabs may take to answer a close. */
const CLOSE_TIMEOUT_MS = 1000;

/** One text that is being spoken. */
interface Speech {
  readonly contextId: string;
  readonly text: string;
  readonly audio: AsyncQueue<Uint8Array>;
  /** Set once nobody listens any more: what still comes is counted. */
  cancelDrain?: () => void;
}

/** One socket, from its opening to the close, and what is spoken on it. */
export class SpeechSocket {
  readonly #settings: TTSSettings;
  readonly #context: ConnectContext;
  readonly #socket: WebSocket;
  /** What ElevenLabs knows of, by context. */
  readonly #open = new Map<string, Speech>();
  readonly #queued: Speech[] = [];
  /** Contexts that ElevenLabs was told to close, and did not: they keep their places. */
  readonly #lost = new Set<Speech>();
  readonly #closed = Promise.withResolvers<void>();
  #socketError: unknown;
  #failure: unknown;
  #count = 0;
  #cancelKeepAlive: (() => void) | undefined;

  constructor(settings: TTSSettings, context: ConnectContext) {
    this.#settings = settings;
    this.#context = context;
    const options = {
      headers: { 'xi-api-key': settings.apiKey },
      perMessageDeflate: false,
      closeTimeout: CLOSE_TIMEOUT_MS,
    };
    this.#socket = new WebSocket(socketUrl(settings), options);
    this.#socket.once('open', () => void this.#closed.promise.then(context.socketOpened()));
    this.#socket.on('error', (error) => (this.#socketError = error));
    this.#socket.on('message', (data: Buffer) => this.#receive(data.toString()));
    this.#socket.once('close', (code) => {
      this.#cancelKeepAlive?.();
      this.#failAll(closedError(code, this.#socketError));
      this.#closed.resolve();
    });
  }

  /** Resolves when the socket can be used; rejects, closed, when it cannot. */
  async opened(): Promise<void> {
    await openSocket(this.#socket, this.#settings.connectTimeoutMs, this.#context);
    this.#keepAlive();
  }

  /** Resolves when the socket is closed. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Whether another text can be spoken here. */
  get usable(): boolean {
    const isOpen = this.#socket.readyState === WebSocket.OPEN;
    return isOpen && this.#failure === undefined && this.#lost.size === 0;
  }

  /** Speaks a text, at once or as soon as fewer than {@link MAX_CONTEXTS} are being spoken. */
  async *speak(text: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    const contextId = `speech-${(this.#count += 1)}`;
    const speech: Speech = { contextId, text, audio: new AsyncQueue() };
    const abandon = (): void => this.#abandon(speech);
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

  /** Idempotent; bounded in time; never throws. */
  async close(): Promise<void> {
    this.#failure ??= new InterruptedError();
    for (const speech of this.#queued.splice(0)) speech.audio.fail(this.#failure);
    for (const speech of this.#open.values()) this.#abandon(speech);
    // What ElevenLabs has sent by then still arrives, and belongs to its text.
    this.#socket.close(1000);
    await this.#closed.promise;
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
    for (const message of messages) this.#socket.send(message);
    this.#keepAlive();
  }

  /** Counts anew with each text: only a socket on which nothing is said has to be kept. */
  #keepAlive(): void {
    this.#cancelKeepAlive?.();
    this.#cancelKeepAlive = this.#context.clock.after(KEEP_ALIVE_AFTER_MS, () => {
      if (this.#open.size === 0 && this.usable) this.#send(encodeKeepAlive());
      else this.#keepAlive();
    });
  }

  /** Nobody listens any more; the context keeps its place until ElevenLabs says that it is gone. */
  #abandon(speech: Speech): void {
    const place = this.#queued.indexOf(speech);
    if (place !== -1) {
      this.#queued.splice(place, 1);
      speech.audio.end();
    }
    if (speech.cancelDrain || !this.#open.has(speech.contextId)) return;
    this.#socket.send(encodeClose(speech.contextId));
    speech.cancelDrain = this.#context.clock.after(DRAIN_TIMEOUT_MS, () => this.#lose(speech));
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
    this.#socket.close(1000);
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
        this.#break(malformedError(message.problem));
        return;
      case 'ignored':
        this.#context.logger.debug({}, 'ignored a message of ElevenLabs');
    }
  }

  /** What is wrong with one message may be wrong with any context: a new socket is a clean slate. */
  #break(error: ProviderError): void {
    this.#failAll(error);
    this.#socket.terminate();
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
