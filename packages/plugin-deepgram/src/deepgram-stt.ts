import type { ConnectContext, STTConnection } from '@vision-agents/core';
import { STT as CoreSTT } from '@vision-agents/core';

import { PROVIDER } from './deepgram-error.ts';
import type { STTOptions, STTSettings } from './deepgram-options.ts';
import { resolveSTTOptions } from './deepgram-options.ts';
import { connectFlux } from './deepgram-stt-connection.ts';

/**
 * Speech to text by Deepgram Flux, which also tells where turns start and end.
 * @throws ConfigurationError when constructed without a key or with options that cannot work
 */
export class STT extends CoreSTT {
  readonly provider: string = PROVIDER;
  readonly model: string;
  readonly detectsTurns = true;
  readonly sampleRateHz = 16_000;
  readonly #settings: STTSettings;

  constructor(options: STTOptions = {}) {
    super();
    this.#settings = resolveSTTOptions(options);
    this.model = this.#settings.model;
  }

  protected connect(context: ConnectContext): Promise<STTConnection> {
    return connectFlux(this.#settings, this.sampleRateHz, context);
  }
}
