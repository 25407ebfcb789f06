import { expect, test } from 'vitest';

import { SoundWatch } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';

const FRAME_MS = 20;
const AFTER_MS = 2000;
const REST_MS = 10_000;

/** A watch, and the times at which it asked. */
function watching() {
  const clock = new ManualClock();
  const startMs = clock.now();
  const askedAtMs: number[] = [];
  const watch = new SoundWatch({
    clock,
    afterMs: AFTER_MS,
    restMs: REST_MS,
    ask: () => askedAtMs.push(clock.now() - startMs),
  });
  /** Audio of a level, frame by frame in real time. */
  const send = async (durationMs: number, level: number): Promise<void> => {
    for (let sentMs = 0; sentMs < durationMs; sentMs += FRAME_MS) {
      watch.sent(new Int16Array(320).fill(level), FRAME_MS);
      expect(clock.pendingTimers).toBeLessThanOrEqual(1);
      await clock.advance(FRAME_MS);
    }
  };
  return { clock, watch, askedAtMs, send };
}

test('who can be heard, and of whom nothing is said, is asked about, however short it was', async () => {
  const { clock, askedAtMs, send } = watching();
  await send(200, 1000);
  expect(clock.pendingTimers).toBe(1);
  await send(AFTER_MS, 0);
  expect(askedAtMs).toEqual([180 + AFTER_MS]);
  await send(60_000, 0);
  expect(askedAtMs).toHaveLength(1);
  expect(clock.pendingTimers).toBe(0);
});

test('silence, and a click in it, are not asked about', async () => {
  const { clock, askedAtMs, send } = watching();
  await send(60_000, 99);
  await send(180, 1000);
  await send(60_000, 0);
  expect(askedAtMs).toEqual([]);
  expect(clock.pendingTimers).toBe(0);
});

test('a noise that goes on is asked about now and then', async () => {
  const { watch, askedAtMs, send } = watching();
  for (let second = 0; second < 30; second += 1) {
    const before = askedAtMs.length;
    await send(1000, 1000);
    if (askedAtMs.length > before) watch.heard(false);
  }
  expect(askedAtMs).toHaveLength(3);
  const [first = 0, second = 0] = askedAtMs;
  expect(second - first).toBe(REST_MS);
});

test('who says something in time is not asked', async () => {
  const { watch, askedAtMs, send } = watching();
  for (let second = 0; second < 30; second += 1) {
    await send(1000, 1000);
    watch.heard(true);
  }
  expect(askedAtMs).toEqual([]);
});

test('what is owed is asked for in silence too, and again as long as it is', async () => {
  const { watch, askedAtMs, send } = watching();
  watch.heard(true);
  await send(AFTER_MS + FRAME_MS, 0);
  expect(askedAtMs).toEqual([AFTER_MS]);
  watch.heard(true);
  await send(AFTER_MS + FRAME_MS, 0);
  expect(askedAtMs).toHaveLength(2);
  watch.heard(false);
  await send(60_000, 0);
  expect(askedAtMs).toHaveLength(2);
});

test('who is not listened to any more asks nothing', async () => {
  const { clock, watch, askedAtMs, send } = watching();
  await send(1000, 1000);
  watch.stop();
  expect(clock.pendingTimers).toBe(0);
  await send(AFTER_MS, 0);
  watch.stop();
  expect(askedAtMs).toEqual([]);
});
