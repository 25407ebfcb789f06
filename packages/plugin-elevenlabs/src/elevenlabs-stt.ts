import type { ConnectContext, STTConnection } from '@vision-agents/core';
import { STT as CoreSTT } from '@vision-agents/core';

import { PROVIDER } from './elevenlabs-error.ts';
import type { STTOptions, STTSettings } from './elevenlabs-options.ts';
import { resolveSTTOptions } from './elevenlabs-options.ts';
import { connectScribe } from './elevenlabs-stt-connection.ts';

/**
 * Speech to text by ElevenLabs Scribe, which ends turns itself or leaves that to a turn detector.
 * @throws ConfigurationError when constructed without a key or with options that cannot work
 */
export class STT extends CoreSTT {
  readonly provider: string = PROVIDER;
  readonly model: string;
  readonly detectsTurns: boolean;
  readonly sampleRateHz = 16_000;
  readonly #settings: STTSettings;

  constructor(options: STTOptions = {}) {
    super();
    this.#settings = resolveSTTOptions(options);
    this.model = this.#settings.model;
    this.detectsTurns = this.#settings.commitStrategy === 'vad';
  }

  protected connect(context: ConnectContext): Promise<STTConnection> {
    return connectScribe(this.#settings, this.sampleRateHz, context);
  }
}
