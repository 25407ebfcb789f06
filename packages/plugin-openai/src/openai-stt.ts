import type { ConnectContext, STTConnection } from '@vision-agents/core';
import { STT as CoreSTT } from '@vision-agents/core';

import { PROVIDER } from './openai-error.ts';
import type { STTOptions } from './openai-options.ts';
import { connectTranscription } from './openai-stt-connection.ts';
import type { STTSettings } from './openai-stt-options.ts';
import { resolveSTTOptions } from './openai-stt-options.ts';
import { SESSION_SAMPLE_RATE_HZ } from './realtime-socket.ts';

/**
 * Speech to text by OpenAI, in a Realtime session for transcription, which ends turns itself or leaves
 * that to a turn detector.
 * @throws ConfigurationError when constructed without a key or with options that cannot work
 */
export class STT extends CoreSTT {
  readonly provider: string = PROVIDER;
  readonly model: string;
  readonly detectsTurns: boolean;
  readonly sampleRateHz: number = SESSION_SAMPLE_RATE_HZ;
  readonly #settings: STTSettings;

  constructor(options: STTOptions = {}) {
    super();
    this.#settings = resolveSTTOptions(options);
    this.model = this.#settings.model;
    this.detectsTurns = this.#settings.turnDetection !== undefined;
  }

  protected connect(context: ConnectContext): Promise<STTConnection> {
    return connectTranscription(this.#settings, context);
  }
}
