import type { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';
import type { ConnectContext, TTSConnection } from '@vision-agents/core';

import { requestError } from './elevenlabs-error.ts';
import type { TTSSettings } from './elevenlabs-options.ts';

/** Loads ElevenLabs' SDK, which takes a second and 160 MB: never in the middle of a call. */
export async function connectHttp(
  settings: TTSSettings,
  { signal }: ConnectContext,
): Promise<TTSConnection> {
  const [{ ElevenLabsClient }, { fetcher }] = await Promise.all([
    import('@elevenlabs/elevenlabs-js'),
    import('@elevenlabs/elevenlabs-js/core/index.js'),
  ]);
  signal.throwIfAborted();
  const client = new ElevenLabsClient({
    apiKey: settings.apiKey,
    baseUrl: settings.baseUrl,
    // Waiting is core's: the SDK leaves the timer of its own time-out armed when a request fails.
    fetcher: (request) => {
      const untimed = { ...request };
      delete untimed.timeoutMs;
      return fetcher(untimed);
    },
  });
  return new HttpConnection(settings, client);
}

/** A request for each text. */
class HttpConnection implements TTSConnection {
  readonly sampleRateHz: number;
  readonly #settings: TTSSettings;
  readonly #client: ElevenLabsClient;

  constructor(settings: TTSSettings, client: ElevenLabsClient) {
    this.sampleRateHz = settings.outputSampleRateHz;
    this.#settings = settings;
    this.#client = client;
  }

  async *synthesize(
    text: string,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { voiceId, model, outputSampleRateHz, languageCode, voiceSettings } = this.#settings;
    try {
      yield* await this.#client.textToSpeech.stream(
        voiceId,
        {
          text,
          modelId: model,
          outputFormat: `pcm_${outputSampleRateHz}`,
          ...(languageCode !== undefined && { languageCode }),
          ...(voiceSettings && { voiceSettings }),
        },
        {
          abortSignal: signal,
          maxRetries: 0,
        },
      );
    } catch (error) {
      throw requestError(error);
    }
  }

  /** Nothing outlives a request. */
  async close(): Promise<void> {}
}
