import type { AudioFrame } from '../../src/index.ts';
import { MetricsCollector, Playout } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';

export const RATE_HZ = 16_000;

/** A clock that can jump: time passes without any timer being served. */
export class StallingClock extends ManualClock {
  #stalledMs = 0;
  /** How much later than asked each timer fires. */
  latenessMs = 0;

  stall(ms: number): void {
    this.#stalledMs += ms;
  }

  override now(): number {
    return super.now() + this.#stalledMs;
  }

  override after(delayMs: number, callback: () => void): () => void {
    return super.after(delayMs + this.latenessMs, callback);
  }
}

/** A playout with what left it. */
export class Line {
  readonly clock: StallingClock = new StallingClock();
  readonly collector: MetricsCollector = new MetricsCollector();
  readonly frames: { readonly atMs: number; readonly samples: Int16Array }[] = [];
  readonly playout: Playout;
  flushes = 0;
  /** Called while a frame is being sent. */
  onSend: () => void = () => undefined;

  constructor({ sampleRateHz = RATE_HZ, maxQueueMs }: LineOptions = {}) {
    this.playout = new Playout({
      provider: 'test',
      sampleRateHz,
      send: (samples) => {
        this.frames.push({ atMs: this.clock.now(), samples });
        this.onSend();
      },
      flushed: () => (this.flushes += 1),
      metrics: this.collector,
      clock: this.clock,
      ...(maxQueueMs !== undefined && { maxQueueMs }),
    });
  }

  get times(): number[] {
    return this.frames.map(({ atMs }) => atMs);
  }

  /** The loudness of each frame: whose it is. */
  get levels(): (number | undefined)[] {
    return this.frames.map(({ samples }) => samples[0]);
  }
}

/** How a line is made. */
export interface LineOptions {
  readonly sampleRateHz?: number;
  readonly maxQueueMs?: number;
}

/** Audio of one value, by which it is known again. */
export function tone(durationMs: number, level = 1000, sampleRateHz: number = RATE_HZ): AudioFrame {
  const samples = new Int16Array((durationMs * sampleRateHz) / 1000).fill(level);
  return { samples, sampleRateHz };
}
