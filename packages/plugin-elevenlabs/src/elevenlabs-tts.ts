import type { ConnectContext, TTSConnection } from '@vision-agents/core';
import { TTS as CoreTTS } from '@vision-agents/core';

import { PROVIDER } from './elevenlabs-error.ts';
import { connectHttp } from './elevenlabs-http-connection.ts';
import type { TTSOptions, TTSSettings } from './elevenlabs-options.ts';
import { resolveTTSOptions } from './elevenlabs-options.ts';
import { connectSocket } from './elevenlabs-tts-connection.ts';

/**
 * Text to speech by ElevenLabs.
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
    switch (this.#settings.transport) {
      case 'websocket':
        return connectSocket(this.#settings, context);
      case 'http':
        return connectHttp(this.#settings, context);
    }
  }
}
