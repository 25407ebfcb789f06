import { describe, test } from 'vitest';

import type { TurnDetection, TurnFact } from '../../src/index.ts';
import { TurnDetector } from '../../src/index.ts';
import type { TurnDetectorHarness } from '../../src/testing/index.ts';
import { describeTurnDetector, tone } from '../../src/testing/index.ts';
import { expectCaught, forgottenTimer } from './expect-caught.ts';

const END_SAMPLES = 16 * 400;

/** Takes what is loud for speech, and 400 ms of silence for its end. Broken ones override a part. */
class FakeDetection implements TurnDetection {
  protected readonly report: (fact: TurnFact) => void;
  #samples = 0;
  #start: number | undefined;
  #end = 0;

  constructor(report: (fact: TurnFact) => void) {
    this.report = report;
  }

  send(samples: Int16Array): void {
    for (const sample of samples) this.#hear(sample);
  }

  async close(): Promise<void> {}

  #hear(sample: number): void {
    this.#samples += 1;
    if (sample !== 0) {
      this.#end = this.#samples;
      if (this.#start === undefined) this.started(this.#samples / 16);
      this.#start ??= this.#samples;
    } else if (this.#start !== undefined && this.#samples - this.#end >= END_SAMPLES) {
      this.ended(this.#end / 16);
      this.#start = undefined;
    }
  }

  protected started(offsetMs: number): void {
    this.report({ type: 'speech-start', offsetMs });
  }

  protected ended(speechEndMs: number): void {
    this.report({ type: 'turn-end', eager: false, speechEndMs });
  }
}

class ForgetsTimer extends FakeDetection {
  constructor(report: (fact: TurnFact) => void) {
    super(report);
    forgottenTimer();
  }
}

class WholeWindows extends FakeDetection {
  override send(samples: Int16Array): void {
    super.send(samples.subarray(0, samples.length - (samples.length % 320)));
  }
}

/** Takes the end of the silence for the end of the speech. */
class LateEnd extends FakeDetection {
  protected override ended(speechEndMs: number): void {
    super.ended(speechEndMs + 400);
  }
}

class StartsTwice extends FakeDetection {
  protected override started(offsetMs: number): void {
    super.started(offsetMs);
    super.started(offsetMs);
  }
}

class EndsTwice extends FakeDetection {
  protected override ended(speechEndMs: number): void {
    super.ended(speechEndMs);
    super.ended(speechEndMs);
  }
}

class OnlyOnce extends FakeDetection {
  #isDone = false;

  protected override ended(speechEndMs: number): void {
    if (!this.#isDone) super.ended(speechEndMs);
    this.#isDone = true;
  }
}

type Detection = new (report: (fact: TurnFact) => void) => TurnDetection;

class FakeTurnDetector extends TurnDetector {
  readonly provider = 'fake';
  readonly sampleRateHz = 16_000;
  readonly #detection: Detection;

  constructor(detection: Detection) {
    super();
    this.#detection = detection;
  }

  protected async connect(report: (fact: TurnFact) => void): Promise<TurnDetection> {
    return new this.#detection(report);
  }
}

/** Tells everybody what one of them did. */
class Shared extends FakeTurnDetector {
  readonly #reports: ((fact: TurnFact) => void)[] = [];

  constructor() {
    super(FakeDetection);
  }

  protected override async connect(report: (fact: TurnFact) => void): Promise<TurnDetection> {
    this.#reports.push(report);
    return new FakeDetection((fact) => this.#reports.forEach((each) => each(fact)));
  }
}

function harness(make: () => TurnDetector): TurnDetectorHarness {
  const words = tone({ durationMs: 1000 }).samples.map((sample) => sample || 1);
  const samples = new Int16Array(4800 + words.length + 9600);
  samples.set(words, 4800);
  const speech = { frame: { samples, sampleRateHz: 16_000 }, startMs: 300, endMs: 1300 };
  return { create: () => ({ detector: make(), speech }) };
}

function broken(detection: Detection): TurnDetectorHarness {
  return harness(() => new FakeTurnDetector(detection));
}

const CLOSING = 'can be closed twice, in the middle of speech, and tells nothing afterwards';

describeTurnDetector('a sound detector', { describe, test }, broken(FakeDetection));

describe('the suite of turn detectors', () => {
  expectCaught(describeTurnDetector, [
    ['forgets a timer', CLOSING, /handles that are left open: Timeout/, broken(ForgetsTimer)],
    [
      'loses audio in odd pieces',
      'hears the same in pieces of any size',
      /the turn ends|ms off/,
      broken(WholeWindows),
    ],
    [
      'counts the silence as speech',
      'tells where speech starts and where the turn ends',
      /the end of the speech is 400 ms off/,
      broken(LateEnd),
    ],
    [
      'tells the start twice',
      'tells where speech starts and where the turn ends',
      /one start/,
      broken(StartsTwice),
    ],
    [
      'tells the end twice',
      'measures a turn once',
      /turn\.trailing_silence\.ms .*: 2 ×/,
      broken(EndsTwice),
    ],
    ['stops after one turn', 'tells one turn after another', /the turn ends/, broken(OnlyOnce)],
    [
      'mixes people up',
      'listens to two people at once without mixing them up',
      /speech-start/,
      harness(() => new Shared()),
    ],
  ]);
});
