import type { ConnectContext, TTSConnection } from '@vision-agents/core';
import { InterruptedError } from '@vision-agents/core';

import type { TTSSettings } from './deepgram-options.ts';
import { openSocket } from './open-socket.ts';
import { openSpeech } from './speech-protocol.ts';
import { Speech, SpeechSocket } from './speech-socket.ts';

/**
 * Connects to `speak`, so that the first text does not wait for the handshake.
 * @throws ProviderError; the reason of the context's signal when that is aborted
 */
export async function connectSpeech(
  settings: TTSSettings,
  context: ConnectContext,
): Promise<TTSConnection> {
  const connection = new SpeechConnection(settings, context);
  await connection.warmUp();
  return connection;
}

/** A call's one socket, and its successor once it is lost, given up or used up. */
class SpeechConnection implements TTSConnection {
  readonly sampleRateHz: number;
  readonly #settings: TTSSettings;
  readonly #context: ConnectContext;
  /** The one that takes texts, and those that speak their last. */
  readonly #sockets = new Set<SpeechSocket>();
  #socket: SpeechSocket | undefined;
  #opening: Promise<SpeechSocket> | undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: TTSSettings, context: ConnectContext) {
    this.sampleRateHz = settings.outputSampleRateHz;
    this.#settings = settings;
    this.#context = context;
  }

  /** A socket that can be used: the one there is, or a new one, for all who ask meanwhile. */
  async warmUp(): Promise<SpeechSocket> {
    if (this.#closing) throw new InterruptedError();
    if (this.#socket?.usable) return this.#socket;
    this.#socket?.finish();
    this.#opening ??= this.#openSocket().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  async *synthesize(
    text: string,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const speech = new Speech(text);
    const abandon = (): void => speech.abandon();
    signal.addEventListener('abort', abandon, { once: true });
    try {
      // Not awaited: what was not sent yet can be given up at once.
      void this.#speak(speech);
      yield* speech.audio;
    } finally {
      signal.removeEventListener('abort', abandon);
      abandon();
      speech.audio.end();
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #speak(speech: Speech): Promise<void> {
    try {
      for (;;) {
        const socket = await this.warmUp();
        // Those who waited for one socket may be more than it takes.
        if (!speech.isWanted || socket.speak(speech)) return;
      }
    } catch (error) {
      speech.audio.fail(error);
    }
  }

  async #openSocket(): Promise<SpeechSocket> {
    const context = this.#context;
    context.signal.throwIfAborted();
    const { socket, protocol } = await openSpeech(this.#settings, context);
    const speechSocket = new SpeechSocket({
      socket,
      protocol,
      context,
      onGivenUp: (speeches) => this.#startAnew(speeches),
    });
    await openSocket(socket, this.#settings.connectTimeoutMs, context);
    this.#sockets.add(speechSocket);
    void speechSocket.closed.then(() => this.#sockets.delete(speechSocket));
    this.#socket = speechSocket;
    return speechSocket;
  }

  #startAnew(speeches: readonly Speech[]): void {
    for (const speech of speeches) void this.#speak(speech);
    // The next text shall not wait for the handshake; who asks for it hears of a failure.
    this.warmUp().catch(() => undefined);
  }

  async #close(): Promise<void> {
    // The signal that core aborts first has ended an opening; its error is told to who waits for it.
    await this.#opening?.catch(() => undefined);
    await Promise.all([...this.#sockets].map((socket) => socket.close()));
  }
}
