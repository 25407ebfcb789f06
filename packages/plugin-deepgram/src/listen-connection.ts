import type { ConnectContext, ProviderError, STTConnection, STTFact } from '@vision-agents/core';
import { AsyncQueue, pcmBytes } from '@vision-agents/core';
import { WebSocket } from 'ws';

import { AudioGaps } from './audio-gaps.ts';
import {
  backlogError,
  closedError,
  fatalError,
  malformedError,
  stallError,
} from './deepgram-error.ts';
import type { STTSettings } from './deepgram-options.ts';
import { parseJson } from './deepgram-wire.ts';
import type { ListenProtocol } from './listen-protocol.ts';

/** How much audio may wait in the socket: beyond that it is too old to be worth sending. */
const BACKLOG_LIMIT_MS = 2000;

/** Without audio for so long there is nothing to answer, as when a microphone is switched off. */
const PAUSE_MS = 1000;

/** Without audio for so long it is said that more will come; Deepgram hangs up after 10 s. */
const KEEP_ALIVE_MS = 4000;

/** What a connection can tell Deepgram; undefined where the version has no such message. */
interface ListenCommands {
  audio(bytes: Uint8Array): void;
  closeStream(): void;
  readonly finalize?: () => void;
  readonly keepAlive?: () => void;
}

/** What a connection is made of. */
interface ListenParts {
  readonly socket: WebSocket;
  readonly commands: ListenCommands;
  readonly protocol: ListenProtocol;
  readonly sampleRateHz: number;
  readonly settings: STTSettings;
  readonly context: ConnectContext;
}

/** One stream of `listen`, from the opening of its socket to the close. */
export class ListenConnection implements STTConnection {
  readonly #parts: ListenParts;
  readonly #facts = new AsyncQueue<STTFact>();
  readonly #gaps = new AudioGaps();
  readonly #closed = Promise.withResolvers<void>();
  readonly #abort = (): void => {
    this.#facts.end();
    void this.close();
  };
  #socketClosed: (() => void) | undefined;
  #socketError: unknown;
  #closing: Promise<void> | undefined;
  #cancelKeepAlive: (() => void) | undefined;
  #isBacklogged = false;
  #lastSentAtMs: number;
  #unansweredSinceMs: number | undefined;

  constructor(parts: ListenParts) {
    this.#parts = parts;
    const { socket, context } = parts;
    this.#lastSentAtMs = context.clock.now();
    socket.on('message', (data: Buffer, isBinary) =>
      this.#receive(isBinary ? undefined : parseJson(data.toString())),
    );
    socket.once('open', () => {
      this.#socketClosed = context.socketOpened();
      if (parts.commands.keepAlive) this.#keepAlive(KEEP_ALIVE_MS);
    });
    socket.on('error', (error) => (this.#socketError = error));
    socket.once('close', (code, reason) => this.#finish(code, reason.toString()));
    context.signal.addEventListener('abort', this.#abort, { once: true });
  }

  send(samples: Int16Array): void {
    if (!this.#isOpen) return;
    const durationMs = (samples.length / this.#parts.sampleRateHz) * 1000;
    this.#checkStall();
    if (this.#hasRoom()) {
      this.#gaps.sent(durationMs);
      this.#parts.commands.audio(pcmBytes(samples));
    } else {
      this.#gaps.lost(durationMs);
    }
  }

  flush(): void {
    if (this.#isOpen) this.#parts.commands.finalize?.();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncIterator](): AsyncIterator<STTFact, undefined> {
    return this.#facts[Symbol.asyncIterator]();
  }

  get #isOpen(): boolean {
    return !this.#closing && this.#parts.socket.readyState === WebSocket.OPEN;
  }

  /** One timer that looks now and then, not one a frame. */
  #keepAlive(afterMs: number): void {
    const { clock } = this.#parts.context;
    this.#cancelKeepAlive = clock.after(afterMs, () => {
      const silentMs = clock.now() - this.#lastSentAtMs;
      const isDue = silentMs >= KEEP_ALIVE_MS;
      if (isDue && this.#isOpen) this.#parts.commands.keepAlive?.();
      this.#keepAlive(isDue ? KEEP_ALIVE_MS : KEEP_ALIVE_MS - silentMs);
    });
  }

  /** Deepgram reports about every second of audio, of silence too; looking here needs no timer. */
  #checkStall(): void {
    const { context, settings } = this.#parts;
    const nowMs = context.clock.now();
    if (nowMs - this.#lastSentAtMs > PAUSE_MS) this.#unansweredSinceMs = undefined;
    this.#lastSentAtMs = nowMs;
    this.#unansweredSinceMs ??= nowMs;
    if (nowMs - this.#unansweredSinceMs < settings.stallTimeoutMs) return;
    this.#fail(stallError(settings.stallTimeoutMs));
  }

  #hasRoom(): boolean {
    const { socket, sampleRateHz } = this.#parts;
    const limitBytes = (BACKLOG_LIMIT_MS / 1000) * sampleRateHz * Int16Array.BYTES_PER_ELEMENT;
    if (socket.bufferedAmount === 0) this.#isBacklogged = false;
    if (socket.bufferedAmount < limitBytes) return true;
    if (!this.#isBacklogged) {
      this.#facts.push({ type: 'error', error: backlogError(BACKLOG_LIMIT_MS) });
    }
    this.#isBacklogged = true;
    return false;
  }

  #receive(message: unknown): void {
    this.#unansweredSinceMs = undefined;
    const reading = this.#parts.protocol.read(message);
    switch (reading.type) {
      case 'facts':
        for (const fact of reading.facts) this.#facts.push(this.#withOurOffsets(fact));
        return;
      case 'error':
        this.#fail(fatalError(reading.code));
        return;
      case 'malformed':
        this.#facts.push({ type: 'error', error: malformedError(reading.problem) });
        return;
      case 'ignored':
        this.#parts.context.logger.debug({ type: reading.name }, 'ignored a message of Deepgram');
    }
  }

  #fail(error: ProviderError): void {
    this.#facts.fail(error);
    this.#parts.socket.terminate();
  }

  #withOurOffsets(fact: STTFact): STTFact {
    switch (fact.type) {
      case 'speech-start':
        return { ...fact, offsetMs: this.#gaps.writtenOffset(fact.offsetMs) };
      case 'transcript':
        return {
          ...fact,
          speechStartMs: this.#gaps.writtenOffset(fact.speechStartMs),
          speechEndMs: this.#gaps.writtenOffset(fact.speechEndMs),
        };
      case 'turn-end':
      case 'turn-resumed':
      case 'audio-added':
      case 'error':
        return fact;
    }
  }

  async #close(): Promise<void> {
    const { commands, socket, settings, context } = this.#parts;
    // Deepgram answers with the last results and a close; closing first would lose them.
    if (socket.readyState === WebSocket.OPEN) commands.closeStream();
    const cancelTimeout = context.clock.after(settings.closeTimeoutMs, () => socket.terminate());
    await this.#closed.promise;
    cancelTimeout();
  }

  #finish(code: number, reason: string): void {
    this.#parts.context.signal.removeEventListener('abort', this.#abort);
    this.#cancelKeepAlive?.();
    this.#socketClosed?.();
    if (this.#closing) {
      const last = this.#parts.protocol.unfinished();
      for (const fact of last) this.#facts.push(this.#withOurOffsets(fact));
      this.#facts.end();
    } else {
      this.#facts.fail(closedError(code, reason, this.#socketError));
    }
    this.#closed.resolve();
  }
}
