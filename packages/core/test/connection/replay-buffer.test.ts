import { describe, expect, test } from 'vitest';

import { ReplayBuffer } from '../../src/connection/replay-buffer.ts';
import { frameDurationMs } from '../../src/index.ts';

const FRAME_MS = 20;
const SAMPLES_A_MS = 16;

/** A buffer, and what the connections got of it. */
class Heard {
  readonly buffer = new ReplayBuffer();
  #nowMs = 0;

  /** Frames that sound so loud. */
  hear(ms: number, level: number): void {
    for (let passed = 0; passed < ms; passed += FRAME_MS) {
      this.#nowMs += FRAME_MS;
      const samples = new Int16Array(FRAME_MS * SAMPLES_A_MS).fill(level);
      this.buffer.push({ samples, sampleRateHz: SAMPLES_A_MS * 1000 }, this.#nowMs);
    }
  }

  /** From when until when what a new connection gets was heard. */
  replay(limitMs: number = Number.POSITIVE_INFINITY): [fromMs: number, toMs: number] | undefined {
    this.buffer.rewind();
    return this.write(limitMs);
  }

  write(limitMs: number = Number.POSITIVE_INFINITY): [fromMs: number, toMs: number] | undefined {
    const starts: number[] = [];
    const ends: number[] = [];
    this.buffer.write(limitMs, (frame, heardAtMs) => {
      starts.push(heardAtMs - frameDurationMs(frame));
      ends.push(heardAtMs);
    });
    // Each begins where the one before ended.
    if (starts.slice(1).join() !== ends.slice(0, -1).join()) throw new Error('out of order');
    const [from] = starts;
    const to = ends.at(-1);
    return from === undefined || to === undefined ? undefined : [from, to];
  }
}

describe('what is kept', () => {
  test('is nothing without samples, of which there could be any number', () => {
    const buffer = new ReplayBuffer();
    const none = { samples: new Int16Array(0), sampleRateHz: 16_000 };
    for (let count = 0; count < 100; count += 1) buffer.push(none, count);
    const written: number[] = [];
    buffer.write(1000, (_, heardAtMs) => written.push(heardAtMs));
    expect(written).toEqual([]);
  });

  test('is what was heard, with a little of the silence before it', () => {
    const heard = new Heard();
    heard.hear(5000, 0);
    expect(heard.replay()).toEqual([4500, 5000]);
    heard.hear(1000, 2000);
    heard.hear(3000, 0);
    expect(heard.replay()).toEqual([4500, 9000]);
  });

  test('are the newest fifteen seconds', () => {
    const heard = new Heard();
    heard.hear(40_000, 2000);
    expect(heard.replay()).toEqual([25_000, 40_000]);
    heard.hear(14_000, 0);
    expect(heard.replay()).toEqual([39_000, 54_000]);
    heard.hear(2000, 0);
    expect(heard.replay()).toEqual([55_500, 56_000]);
  });

  test('counts as silence below -50 dB of full scale', () => {
    const heard = new Heard();
    heard.hear(2000, 99);
    expect(heard.replay()).toEqual([1500, 2000]);
    heard.hear(FRAME_MS, 100);
    heard.hear(2000, 99);
    expect(heard.replay()).toEqual([1500, 4020]);
  });
});

describe('what is forgotten', () => {
  test('ends in the middle of a frame where a word does', () => {
    const heard = new Heard();
    heard.hear(1000, 2000);
    heard.buffer.forget(710);
    expect(heard.replay()).toEqual([710, 1000]);
    heard.buffer.forget(715);
    expect(heard.replay()).toEqual([715, 1000]);
  });

  test('takes the silence with it that is left before the next sound', () => {
    const heard = new Heard();
    heard.hear(1000, 2000);
    heard.hear(2000, 0);
    heard.hear(200, 2000);
    heard.buffer.forget(1000);
    expect(heard.replay()).toEqual([2500, 3200]);
    heard.buffer.forget(3200);
    expect(heard.replay()).toBeUndefined();
    heard.hear(1000, 0);
    expect(heard.replay()).toEqual([3700, 4200]);
  });

  test('is nothing where the time lies before all of it', () => {
    const heard = new Heard();
    heard.hear(400, 2000);
    heard.buffer.forget(0);
    expect(heard.replay()).toEqual([0, 400]);
  });

  test('are not frames that come late, at the moment of those that are known', () => {
    const buffer = new ReplayBuffer();
    const frame = { samples: new Int16Array(320).fill(2000), sampleRateHz: 16_000 };
    for (let count = 0; count < 4; count += 1) buffer.push(frame, 1000);
    buffer.write(40, () => undefined);
    buffer.forgetWritten(1000);
    let left = 0;
    buffer.write(Number.POSITIVE_INFINITY, () => (left += 1));
    expect(left).toBe(2);
  });

  test('is what was written, and no more', () => {
    const heard = new Heard();
    heard.hear(400, 2000);
    expect(heard.replay(100)).toEqual([0, 100]);
    heard.buffer.forgetWritten();
    expect(heard.write()).toEqual([100, 400]);
    heard.buffer.forgetWritten();
    expect(heard.replay()).toBeUndefined();
  });
});

describe('a connection', () => {
  test('gets each frame once, in pieces and as new ones come', () => {
    const heard = new Heard();
    heard.hear(400, 2000);
    expect(heard.replay(100)).toEqual([0, 100]);
    expect(heard.write(100)).toEqual([100, 200]);
    heard.hear(100, 2000);
    expect(heard.write()).toEqual([200, 500]);
    expect(heard.write()).toBeUndefined();
    heard.buffer.forget(300);
    heard.hear(100, 2000);
    expect(heard.write()).toEqual([500, 600]);
  });

  test('misses what it did not get in time', () => {
    const heard = new Heard();
    heard.hear(15_000, 2000);
    expect(heard.replay(100)).toEqual([0, 100]);
    heard.hear(1000, 2000);
    expect(heard.write()).toEqual([1000, 16_000]);
  });
});
