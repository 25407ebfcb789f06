import type { TurnDetection, TurnFact } from '../../src/index.ts';
import { TurnDetector } from '../../src/index.ts';

/** A detector that finds what the test reports, in the newest stream that was opened. */
export class FakeTurnDetector extends TurnDetector {
  readonly provider = 'fake-vad';
  readonly sampleRateHz = 16_000;
  /** The samples that came, in all streams. */
  sampleCount = 0;
  /** Streams that are open. */
  openCount = 0;
  #report: ((fact: TurnFact) => void) | undefined;

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
