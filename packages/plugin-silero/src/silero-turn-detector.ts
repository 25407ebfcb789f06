import type { TurnDetection, TurnFact } from '@vision-agents/core';
import { TurnDetector as CoreTurnDetector } from '@vision-agents/core';

import { PROVIDER } from './silero-error.ts';
import { loadModel, SpeechMeter } from './silero-model.ts';
import type { TurnDetectorOptions, TurnDetectorSettings } from './silero-options.ts';
import { resolveTurnDetectorOptions } from './silero-options.ts';
import { SileroTurnDetection } from './silero-turn-detector-connection.ts';
import { SAMPLE_RATE_HZ } from './silero-wire.ts';
import { TurnBoundaries } from './turn-boundaries.ts';

/**
 * Finds turns by the silence between them, with Silero's voice activity detection, in this process.
 * One object serves any number of calls; the model is loaded once, when the first one opens.
 * @throws ConfigurationError when an option cannot work
 */
export class TurnDetector extends CoreTurnDetector {
  override readonly provider: string = PROVIDER;
  override readonly sampleRateHz: number = SAMPLE_RATE_HZ;
  readonly #settings: TurnDetectorSettings;

  constructor(options: TurnDetectorOptions = {}) {
    super();
    this.#settings = resolveTurnDetectorOptions(options);
  }

  protected override async connect(report: (fact: TurnFact) => void): Promise<TurnDetection> {
    const meter = new SpeechMeter(await loadModel(this.#settings.modelPath));
    return new SileroTurnDetection({
      probabilityOf: (samples) => meter.probabilityOf(samples),
      boundaries: new TurnBoundaries(this.#settings),
      report,
    });
  }
}
