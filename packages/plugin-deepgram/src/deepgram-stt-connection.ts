import type { DeepgramClient } from '@deepgram/sdk';
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
import type { Transport } from './deepgram-transport.ts';
import { openTransport } from './deepgram-transport.ts';
import type { FluxTurnInfo } from './deepgram-wire.ts';
import { parseFluxMessage } from './deepgram-wire.ts';
import { FluxTurns } from './flux-turns.ts';
import { openSocket } from './open-socket.ts';

/** How much audio may wait in the socket: beyond that it is too old to be worth sending. */
const BACKLOG_LIMIT_MS = 2000;

/** Without audio for so long there is nothing to answer, as when a microphone is switched off. */
const PAUSE_MS = 1000;

type FluxStream = Awaited<ReturnType<DeepgramClient['listen']['v2']['connect']>>;

interface FluxConnectionParts {
  readonly stream: FluxStream;
  readonly socket: WebSocket;
  readonly sampleRateHz: number;
  readonly settings: STTSettings;
  readonly context: ConnectContext;
}

/**
 * Connects to Flux with Deepgram's SDK over a socket of ours.
 * @throws ProviderError; the reason of the context's signal when that is aborted
 */
export async function connectFlux(
  settings: STTSettings,
  sampleRateHz: number,
  context: ConnectContext,
): Promise<STTConnection> {
  const { DeepgramClient } = await import('@deepgram/sdk');
  const { signal } = context;
  signal.throwIfAborted();
  const created = Promise.withResolvers<Transport>();
  const client = new DeepgramClient({
    apiKey: settings.apiKey,
    baseUrl: settings.baseUrl,
    maxRetries: 0,
    transportFactory: (url, headers) => {
      try {
        const transport = openTransport(url, headers);
        created.resolve(transport);
        return transport.face;
      } catch (error) {
        created.reject(error);
        throw error;
      }
    },
  });
  const stream = await client.listen.v2.connect({
    ...query(settings, sampleRateHz),
    reconnectAttempts: 0,
    // Ours must be the one that strikes, since the SDK's is reported as a close without a reason.
    connectionTimeoutInSeconds: settings.connectTimeoutMs / 1000 + 1,
  });
  stream.connect();
  const { socket } = await created.promise;
  const connection = new FluxConnection({ stream, socket, sampleRateHz, settings, context });
  await openSocket(socket, settings.connectTimeoutMs, context);
  return connection;
}

function query(settings: STTSettings, sampleRateHz: number) {
  return {
    model: settings.model,
    encoding: 'linear16',
    sample_rate: sampleRateHz,
    eot_threshold: settings.eotThreshold,
    eager_eot_threshold: settings.eagerEotThreshold,
    eot_timeout_ms: settings.eotTimeoutMs,
    keyterm: [...settings.keyterms],
    language_hint: [...settings.languageHints],
  };
}

/** One stream of `/v2/listen`, from the opening of its socket to the close. */
class FluxConnection implements STTConnection {
  readonly #parts: FluxConnectionParts;
  readonly #facts = new AsyncQueue<STTFact>();
  readonly #turns = new FluxTurns();
  readonly #gaps = new AudioGaps();
  readonly #closed = Promise.withResolvers<void>();
  readonly #abort = (): void => {
    this.#facts.end();
    void this.close();
  };
  #socketClosed: (() => void) | undefined;
  #socketError: unknown;
  #closing: Promise<void> | undefined;
  #isBacklogged = false;
  #lastSentAtMs = 0;
  #unansweredSinceMs: number | undefined;

  constructor(parts: FluxConnectionParts) {
    this.#parts = parts;
    const { stream, socket, context } = parts;
    stream.on('message', (message) => this.#receive(message));
    socket.once('open', () => (this.#socketClosed = context.socketOpened()));
    socket.on('error', (error) => (this.#socketError = error));
    socket.once('close', (code, reason) => this.#finish(code, reason.toString()));
    context.signal.addEventListener('abort', this.#abort, { once: true });
  }

  send(samples: Int16Array): void {
    const { stream, socket, sampleRateHz } = this.#parts;
    if (this.#closing || socket.readyState !== WebSocket.OPEN) return;
    const durationMs = (samples.length / sampleRateHz) * 1000;
    this.#checkStall();
    if (this.#hasRoom()) {
      this.#gaps.sent(durationMs);
      stream.sendMedia(pcmBytes(samples));
    } else {
      this.#gaps.lost(durationMs);
    }
  }

  /** Flux finds the ends of turns itself, and takes the message that would force one for an error. */
  flush(): void {}

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncIterator](): AsyncIterator<STTFact, undefined> {
    return this.#facts[Symbol.asyncIterator]();
  }

  /** Flux reports about every 250 ms of audio, of silence too; looking here needs no timer. */
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

  #receive(json: unknown): void {
    this.#unansweredSinceMs = undefined;
    const message = parseFluxMessage(json);
    switch (message.type) {
      case 'turn':
        for (const fact of this.#turns.facts(this.#withOurOffsets(message))) this.#facts.push(fact);
        return;
      case 'error':
        this.#fail(fatalError(message.code));
        return;
      case 'malformed':
        this.#facts.push({ type: 'error', error: malformedError(message.problem) });
        return;
      case 'ignored':
        this.#parts.context.logger.debug({ type: message.name }, 'ignored a message of Deepgram');
    }
  }

  #fail(error: ProviderError): void {
    this.#facts.fail(error);
    this.#parts.socket.terminate();
  }

  #withOurOffsets(info: FluxTurnInfo): FluxTurnInfo {
    return {
      ...info,
      speechStartMs: this.#gaps.writtenOffset(info.speechStartMs),
      speechEndMs: this.#gaps.writtenOffset(info.speechEndMs),
    };
  }

  async #close(): Promise<void> {
    const { stream, socket, settings, context } = this.#parts;
    // Deepgram answers with the last results and a close; closing first would lose them.
    if (socket.readyState === WebSocket.OPEN) stream.sendCloseStream({ type: 'CloseStream' });
    const cancelTimeout = context.clock.after(settings.closeTimeoutMs, () => socket.terminate());
    await this.#closed.promise;
    cancelTimeout();
  }

  #finish(code: number, reason: string): void {
    this.#parts.context.signal.removeEventListener('abort', this.#abort);
    this.#socketClosed?.();
    if (this.#closing) {
      for (const fact of this.#turns.unfinished()) this.#facts.push(fact);
      this.#facts.end();
    } else {
      this.#facts.fail(closedError(code, reason, this.#socketError));
    }
    this.#closed.resolve();
  }
}
