import type { ConnectContext, STTConnection } from '@vision-agents/core';
import { STT as CoreSTT } from '@vision-agents/core';

import { PROVIDER } from './deepgram-error.ts';
import type { STTOptions, STTSettings } from './deepgram-options.ts';
import { resolveSTTOptions } from './deepgram-options.ts';
import { connectFlux, connectNova } from './deepgram-stt-connection.ts';

/**
 * Speech to text by Deepgram, by Flux or by Nova, as the model says. Both also tell where turns start
 * and end; Nova can be told not to.
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
    const { model, protocol } = this.#settings;
    this.model = model;
    this.detectsTurns = protocol.name === 'flux' || protocol.endpointingMs !== undefined;
  }

  protected connect(context: ConnectContext): Promise<STTConnection> {
    const { protocol } = this.#settings;
    switch (protocol.name) {
      case 'flux':
        return connectFlux(this.#settings, protocol, this.sampleRateHz, context);
      case 'nova':
        return connectNova(this.#settings, protocol, this.sampleRateHz, context);
    }
  }
}
