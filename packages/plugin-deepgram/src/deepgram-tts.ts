import type { ConnectContext, TTSConnection } from '@vision-agents/core';
import { TTS as CoreTTS } from '@vision-agents/core';

import { PROVIDER } from './deepgram-error.ts';
import type { TTSOptions, TTSSettings } from './deepgram-options.ts';
import { resolveTTSOptions } from './deepgram-options.ts';
import { connectSpeech } from './deepgram-tts-connection.ts';

/**
 * Text to speech by Deepgram, with a voice of Flux or of Aura.
 * @throws ConfigurationError when constructed without a key or with options that cannot work
 */
export class TTS extends CoreTTS {
  readonly provider: string = PROVIDER;
  readonly model: string;
  readonly #settings: TTSSettings;

  constructor(options: TTSOptions = {}) {
    super(options);
    this.#settings = resolveTTSOptions(options);
    this.model = this.#settings.model;
  }

  protected connect(context: ConnectContext): Promise<TTSConnection> {
    return connectSpeech(this.#settings, context);
  }
}
