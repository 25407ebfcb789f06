import type { ConnectContext, TTSConnection } from '@vision-agents/core';
import { TTS as CoreTTS } from '@vision-agents/core';
import type OpenAI from 'openai';

import { createClient } from './openai-client.ts';
import { PROVIDER } from './openai-error.ts';
import type { TTSOptions, TTSSettings } from './openai-options.ts';
import { resolveTTSOptions } from './openai-options.ts';
import { SpeechConnection } from './openai-tts-connection.ts';

/**
 * Text to speech by OpenAI, streamed over HTTP, a request a text. One object serves any number of calls
 * and keeps its connections open between turns.
 * @throws ConfigurationError when an option cannot work or there is no key
 */
export class TTS extends CoreTTS {
  override readonly provider: string = PROVIDER;
  override readonly model: string;
  readonly #settings: TTSSettings;
  readonly #client: Promise<OpenAI>;

  constructor(options: TTSOptions = {}) {
    super(options);
    this.#settings = resolveTTSOptions(options);
    this.model = this.#settings.model;
    // Loading the SDK takes longer than first audio may: it is begun before there is a call.
    this.#client = createClient(this.#settings);
    // The first stream says so; until then it is nobody's unhandled rejection.
    this.#client.catch(() => undefined);
  }

  protected override async connect({ signal }: ConnectContext): Promise<TTSConnection> {
    const { audio } = await this.#client;
    signal.throwIfAborted();
    return new SpeechConnection(audio.speech, this.#settings);
  }
}
