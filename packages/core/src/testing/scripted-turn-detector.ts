import type { TurnDetection, TurnFact } from '../turn-detection/turn-detector.ts';
import { TurnDetector } from '../turn-detection/turn-detector.ts';

/** A detector that finds what the test reports, in the newest stream that was opened. */
export class ScriptedTurnDetector extends TurnDetector {
  readonly provider = 'scripted';
  readonly sampleRateHz = 16_000;
  /** The samples that came, in all streams. */
  sampleCount = 0;
  /** Streams that are open. */
  openCount = 0;
  #report: ((fact: TurnFact) => void) | undefined;

  /** Reports facts, as the provider would. */
  report(...facts: TurnFact[]): void {
    for (const fact of facts) this.#report?.(fact);
  }

  protected connect(report: (fact: TurnFact) => void): Promise<TurnDetection> {
    this.#report = report;
    this.openCount += 1;
    return Promise.resolve({
      send: (samples: Int16Array) => {
        this.sampleCount += samples.length;
      },
      close: () => {
        this.openCount -= 1;
        return Promise.resolve();
      },
    });
  }
}
