import type { ConnectContext, TTSConnection } from '@vision-agents/core';
import { InterruptedError } from '@vision-agents/core';

import type { TTSSettings } from './elevenlabs-options.ts';
import { SpeechSocket } from './speech-socket.ts';

/**
 * Connects to the multi-context socket, so that the first text does not wait for the handshake.
 * @throws ProviderError; the reason of the context's signal when that is aborted
 */
export async function connectSocket(
  settings: TTSSettings,
  context: ConnectContext,
): Promise<TTSConnection> {
  const connection = new SocketConnection(settings, context);
  await connection.warmUp();
  return connection;
}

/** A call's one socket, and its successor once it is lost or spent. */
class SocketConnection implements TTSConnection {
  readonly sampleRateHz: number;
  readonly #settings: TTSSettings;
  readonly #context: ConnectContext;
  /** Those that are open: the one that is used, and such as still speak what they were given. */
  readonly #sockets = new Set<SpeechSocket>();
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
    for (const socket of this.#sockets) if (socket.usable) return socket;
    this.#opening ??= this.#openSocket().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  async *synthesize(
    text: string,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const socket = await this.warmUp();
    if (!signal.aborted) yield* socket.speak(text, signal);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #openSocket(): Promise<SpeechSocket> {
    this.#context.signal.throwIfAborted();
    const socket = new SpeechSocket(this.#settings, this.#context);
    await socket.opened();
    this.#sockets.add(socket);
    void socket.closed.then(() => this.#sockets.delete(socket));
    return socket;
  }

  async #close(): Promise<void> {
    // The signal that core aborts first has ended an opening; its error is told to who waits for it.
    await this.#opening?.catch(() => undefined);
    await Promise.all([...this.#sockets].map((socket) => socket.close()));
  }
}
