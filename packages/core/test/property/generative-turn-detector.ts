import type { TurnDetection, TurnFact } from '../../src/index.ts';
import { TurnDetector } from '../../src/index.ts';

/** A detection of one participant's turns, which finds what the conversation says. */
export interface GenerativeDetection {
  readonly report: (fact: TurnFact) => void;
  /** How much audio it was given. */
  heardMs: number;
}

/** A turn detector that knows whom each of its detections listens to. */
export class GenerativeTurnDetector extends TurnDetector {
  readonly provider = 'generative';
  readonly sampleRateHz = 16_000;
  joining = '';
  readonly #open = new Map<string, GenerativeDetection>();

  get openDetections(): number {
    return this.#open.size;
  }

  detectionOf(participantId: string): GenerativeDetection | undefined {
    return this.#open.get(participantId);
  }

  protected connect(report: (fact: TurnFact) => void): Promise<TurnDetection> {
    const participantId = this.joining;
    const detection: GenerativeDetection = { report, heardMs: 0 };
    this.#open.set(participantId, detection);
    return Promise.resolve({
      send: (samples: Int16Array) => {
        detection.heardMs += samples.length / 16;
      },
      close: () => {
        if (this.#open.get(participantId) === detection) this.#open.delete(participantId);
        return Promise.resolve();
      },
    });
  }
}
