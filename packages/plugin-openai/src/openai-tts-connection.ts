import type { TTSConnection } from '@vision-agents/core';
import type OpenAI from 'openai';

import { malformedAnswer, openAIError, PROVIDER } from './openai-error.ts';
import type { TTSSettings } from './openai-options.ts';

/** What OpenAI's `pcm` is: 16-bit, little-endian, mono, at this rate in Hz. */
const SAMPLE_RATE_HZ = 24_000;

/** A request for each text. */
export class SpeechConnection implements TTSConnection {
  readonly sampleRateHz: number = SAMPLE_RATE_HZ;
  readonly #speech: OpenAI['audio']['speech'];
  readonly #settings: TTSSettings;

  constructor(speech: OpenAI['audio']['speech'], settings: TTSSettings) {
    this.#speech = speech;
    this.#settings = settings;
  }

  async *synthesize(
    text: string,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { model, voice, instructions, speed } = this.#settings;
    try {
      const response = await this.#speech.create(
        {
          model,
          // A voice of one's own goes by an id, in an object.
          voice: voice.startsWith('voice_') ? { id: voice } : voice,
          input: text,
          response_format: 'pcm',
          ...(instructions !== undefined && { instructions }),
          ...(speed !== undefined && { speed }),
        },
        { signal },
      );
      // Some servers say with status 200 what went wrong; nobody should have to hear that as noise.
      if (/^(?:text\/|application\/json)/.test(response.headers.get('content-type') ?? '')) {
        await response.body?.cancel();
        throw malformedAnswer(PROVIDER);
      }
      yield* response.body ?? [];
    } catch (error) {
      throw openAIError(PROVIDER, error, false);
    }
  }

  /** Nothing outlives a request. */
  async close(): Promise<void> {}
}
