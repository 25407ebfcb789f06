import type { ConnectContext, TTSConnection } from '@vision-agents/core';
import { WarmSocket } from '@vision-agents/core';

import type { TTSSettings } from './deepgram-options.ts';
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

/** Speaks the texts of a call. */
class SpeechConnection implements TTSConnection {
  readonly sampleRateHz: number;
  readonly #settings: TTSSettings;
  readonly #context: ConnectContext;
  readonly #warm: WarmSocket<SpeechSocket>;

  constructor(settings: TTSSettings, context: ConnectContext) {
    this.sampleRateHz = settings.outputSampleRateHz;
    this.#settings = settings;
    this.#context = context;
    this.#warm = new WarmSocket({ context, open: () => this.#openSocket() });
  }

  /**
   * Opens a socket where none can be used.
   * @throws ProviderError; the reason of the context's signal when that is aborted
   */
  async warmUp(): Promise<void> {
    await this.#warm.get();
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
    return this.#warm.close();
  }

  async #speak(speech: Speech): Promise<void> {
    try {
      for (;;) {
        const socket = await this.#warm.get();
        // Those who waited for one socket may be more than it takes.
        if (!speech.isWanted || socket.speak(speech)) return;
      }
    } catch (error) {
      speech.audio.fail(error);
    }
  }

  async #openSocket(): Promise<SpeechSocket> {
    const { client, protocol } = await openSpeech(this.#settings, this.#context);
    const socket = new SpeechSocket({
      client,
      protocol,
      context: this.#context,
      onGivenUp: (speeches) => this.#startAnew(speeches),
    });
    await socket.opened(this.#settings.connectTimeoutMs);
    return socket;
  }

  #startAnew(speeches: readonly Speech[]): void {
    for (const speech of speeches) void this.#speak(speech);
    // The next text shall not wait for the handshake; who asks for it hears of a failure.
    this.warmUp().catch(() => undefined);
  }
}
