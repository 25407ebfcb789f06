import type { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';
import type { ConnectContext, Logger, TTSConnection } from '@vision-agents/core';
import { keepAliveFetch } from '@vision-agents/core';

import { malformedAnswer, requestError } from './elevenlabs-error.ts';
import type { TTSSettings } from './elevenlabs-options.ts';

/** Loads ElevenLabs' SDK, which takes a second and 160 MB: never in the middle of a call. */
export async function connectHttp(
  settings: TTSSettings,
  { signal, logger }: ConnectContext,
): Promise<TTSConnection> {
  const [{ ElevenLabsClient }, { fetcher }] = await Promise.all([
    import('@elevenlabs/elevenlabs-js'),
    import('@elevenlabs/elevenlabs-js/core/index.js'),
  ]);
  signal.throwIfAborted();
  const client = new ElevenLabsClient({
    apiKey: settings.apiKey,
    baseUrl: settings.baseUrl,
    fetch: keepAliveFetch(),
    // Waiting is core's: the SDK leaves the timer of its own time-out armed when a request fails.
    fetcher: (request) => {
      const untimed = { ...request };
      delete untimed.timeoutMs;
      return fetcher(untimed);
    },
  });
  return new HttpConnection(settings, client, logger);
}

/** A request for each text. */
class HttpConnection implements TTSConnection {
  readonly sampleRateHz: number;
  readonly #settings: TTSSettings;
  readonly #client: ElevenLabsClient;
  readonly #logger: Logger;

  constructor(settings: TTSSettings, client: ElevenLabsClient, logger: Logger) {
    this.sampleRateHz = settings.outputSampleRateHz;
    this.#settings = settings;
    this.#client = client;
    this.#logger = logger;
  }

  async *synthesize(
    text: string,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      const { data, rawResponse } = await this.#client.textToSpeech
        .stream(this.#settings.voiceId, speechRequest(text, this.#settings), {
          abortSignal: signal,
          maxRetries: 0,
        })
        .withRawResponse();
      // What is not audio is not the service, or not well: nobody should have to hear it as noise.
      if (/^(?:text\/|application\/json)/.test(rawResponse.headers.get('content-type') ?? '')) {
        await data.cancel();
        throw malformedAnswer();
      }
      this.#noteCost(Array.from(text).length, rawResponse.headers.get('character-cost'));
      yield* data;
    } catch (error) {
      throw requestError(error);
    }
  }

  /** Credits are not characters: a model may cost half of one each, and a text may be free. */
  #noteCost(characters: number, cost: string | null): void {
    const credits = Number(cost ?? Number.NaN);
    if (!Number.isFinite(credits) || credits === characters) return;
    this.#logger.debug({ characters, credits }, 'ElevenLabs charges otherwise than by character');
  }

  /** Nothing outlives a request. */
  async close(): Promise<void> {}
}

function speechRequest(text: string, settings: TTSSettings) {
  const { languageCode, voiceSettings, pronunciationDictionaries, textNormalization, seed } =
    settings;
  return {
    text,
    modelId: settings.model,
    outputFormat: `pcm_${settings.outputSampleRateHz}`,
    ...(languageCode !== undefined && { languageCode }),
    ...(voiceSettings && { voiceSettings }),
    ...(pronunciationDictionaries.length > 0 && {
      pronunciationDictionaryLocators: pronunciationDictionaries.map(({ id, versionId }) => ({
        pronunciationDictionaryId: id,
        versionId,
      })),
    }),
    ...(textNormalization !== undefined && { applyTextNormalization: textNormalization }),
    ...(seed !== undefined && { seed }),
    ...(!settings.enableLogging && { enableLogging: false }),
  } as const;
}
