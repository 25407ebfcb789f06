import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { AudioFeed } from '../../src/connection/audio-feed.ts';
import { frameDurationMs } from '../../src/index.ts';
import type { AudioFrame } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';

const FRAME_MS = 100;
const LOUD = 1000;
const KEPT_MS = 15_000;

/** What can happen to a feed. Times to forget are so long before now. */
type Step =
  | { readonly type: 'hear'; readonly frames: number; readonly isLoud: boolean }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'attach' }
  | { readonly type: 'detach' }
  | { readonly type: 'forget'; readonly agoMs: number }
  | { readonly type: 'forget-sent' };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      type: fc.constant('hear'),
      frames: fc.integer({ min: 1, max: 60 }),
      isLoud: fc.boolean(),
    }),
    fc.record({ type: fc.constant('wait'), ms: fc.integer({ min: 1, max: 300 }) }),
    fc.constant<Step>({ type: 'attach' }),
    fc.constant<Step>({ type: 'detach' }),
    fc.record({ type: fc.constant('forget'), agoMs: fc.integer({ min: 0, max: 2000 }) }),
    fc.constant<Step>({ type: 'forget-sent' }),
  ),
  { maxLength: 30 },
);

interface Heard {
  readonly frame: AudioFrame;
  readonly heardAtMs: number;
  isKnown: boolean;
}

/** A feed whose frames can be told from each other, and what each of its connections got. */
class Fed {
  readonly clock: ManualClock = new ManualClock();
  readonly feed: AudioFeed = new AudioFeed(this.clock);
  readonly heard: Heard[] = [];
  readonly problems: string[] = [];
  #got: number[] = [];
  #liveTimes = 0;
  #forgottenMs = 0;
  #isAttached = false;

  async perform(step: Step): Promise<void> {
    switch (step.type) {
      case 'hear':
        for (let count = 0; count < step.frames; count += 1) await this.#hear(step.isLoud);
        break;
      case 'wait':
        await this.clock.advance(step.ms);
        break;
      case 'attach':
        this.attach();
        break;
      case 'detach':
        this.feed.detach();
        this.#isAttached = false;
        this.#got = [];
        break;
      case 'forget': {
        const untilMs = this.clock.now() - step.agoMs;
        const lastMs = this.#isAttached ? (this.#got.at(-1) ?? 0) : untilMs;
        const knownMs = Math.min(untilMs, lastMs);
        this.#forgottenMs = Math.max(this.#forgottenMs, knownMs);
        for (const one of this.heard) one.isKnown ||= one.heardAtMs <= knownMs;
        this.feed.forget(untilMs);
        break;
      }
      case 'forget-sent':
        for (const heardAtMs of this.#got) this.#find(heardAtMs).isKnown = true;
        this.feed.forgetSent();
        break;
    }
  }

  attach(): void {
    this.#got = [];
    this.#liveTimes = 0;
    this.#isAttached = true;
    const listener = {
      write: (frame: AudioFrame, heardAtMs: number): void => this.#write(frame, heardAtMs),
    };
    this.feed.attach(listener, () => (this.#liveTimes += 1));
  }

  /** After a while the connection has all that nobody understood, and what came since it is there. */
  check(): void {
    const newest = this.heard.slice(-KEPT_MS / FRAME_MS);
    for (const { frame, heardAtMs, isKnown } of newest) {
      const isLoud = frame.samples[0] !== 0;
      if (isLoud && !isKnown && !this.#got.includes(heardAtMs)) {
        this.problems.push(`${heardAtMs} was lost`);
      }
    }
    if (this.#liveTimes !== 1) this.problems.push(`it was live ${this.#liveTimes} times`);
  }

  #find(heardAtMs: number): Heard {
    const found = this.heard.find((one) => one.heardAtMs === heardAtMs);
    if (!found) throw new Error('nobody said that');
    return found;
  }

  async #hear(isLoud: boolean): Promise<void> {
    await this.clock.advance(FRAME_MS);
    const samples = new Int16Array(FRAME_MS * 8).fill(isLoud ? LOUD : 0);
    const frame = { samples, sampleRateHz: 8000 };
    const heardAtMs = this.clock.now();
    this.heard.push({ frame, heardAtMs, isKnown: false });
    this.feed.hear(frame, heardAtMs);
  }

  #write(frame: AudioFrame, heardAtMs: number): void {
    const last = this.#got.at(-1) ?? 0;
    const original = this.#find(heardAtMs);
    const keptMs = Math.min(FRAME_MS, heardAtMs - this.#forgottenMs);
    if (heardAtMs <= last) this.problems.push(`${heardAtMs} came after ${last}`);
    if (original.isKnown) this.problems.push(`${heardAtMs} was known`);
    if (frameDurationMs(frame) !== keptMs) this.problems.push(`${heardAtMs} is not ${keptMs} ms`);
    this.#got.push(heardAtMs);
  }
}

test('each connection gets what nobody has understood, once and in order', async () => {
  const property = fc.asyncProperty(steps, async (plan) => {
    const fed = new Fed();
    for (const step of plan) await fed.perform(step);
    fed.attach();
    await fed.clock.advance(1000);
    fed.check();
    expect(fed.problems).toEqual([]);
    fed.feed.detach();
    expect(fed.clock.pendingTimers).toBe(0);
  });
  await fc.assert(property, { seed: 20_261_124, numRuns: 500 });
}, 60_000);

describe('a feed', () => {
  test('sends no more than a second at once', async () => {
    const fed = new Fed();
    await fed.perform({ type: 'hear', frames: 50, isLoud: true });
    const written: number[] = [];
    fed.feed.attach({ write: () => written.push(fed.clock.now()) }, () => undefined);
    await fed.clock.advance(1000);
    const startMs = written[0] ?? 0;
    const expected = [0, 50, 100, 150, 200].flatMap((ms) =>
      Array.from({ length: 10 }, () => startMs + ms),
    );
    expect(written).toEqual(expected);
  });

  test('is live at once where there is nothing to send again', () => {
    const { feed } = new Fed();
    let isLive = false;
    feed.attach({ write: () => undefined }, () => (isLive = true));
    expect([isLive, feed.isLive]).toEqual([true, true]);
    feed.detach();
    expect(feed.isLive).toBe(false);
  });
});
