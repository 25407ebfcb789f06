import { expect, test } from 'vitest';

import type { StallWatchParts } from '../../src/index.ts';
import { StallWatch } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';

const TIMEOUT_MS = 3000;
const PAUSE_MS = 1000;

/** A watch, and the times at which it noticed a stall. */
function watching(parts: Partial<Pick<StallWatchParts, 'pauseMs' | 'onStall'>> = {}): {
  clock: ManualClock;
  watch: StallWatch;
  stallsAtMs: number[];
  ask: (untilMs: number) => Promise<void>;
} {
  const clock = new ManualClock();
  const startMs = clock.now();
  const stallsAtMs: number[] = [];
  const watch = new StallWatch({
    clock,
    timeoutMs: TIMEOUT_MS,
    ...parts,
    onStall: () => {
      stallsAtMs.push(clock.now() - startMs);
      parts.onStall?.();
    },
  });
  // As with audio: something is due with every frame.
  const ask = async (untilMs: number): Promise<void> => {
    while (clock.now() - startMs < untilMs) {
      watch.asked();
      expect(clock.pendingTimers).toBeLessThanOrEqual(1);
      await clock.advance(20);
    }
  };
  return { clock, watch, stallsAtMs, ask };
}

test('nothing is due before it is asked for', async () => {
  const { clock, watch, stallsAtMs } = watching();
  expect(clock.pendingTimers).toBe(0);
  watch.answered();
  await clock.advance(10 * TIMEOUT_MS);
  expect(stallsAtMs).toEqual([]);
});

test('what is asked for once is due, and told once', async () => {
  const { clock, watch, stallsAtMs } = watching();
  watch.asked();
  await clock.advance(TIMEOUT_MS - 1);
  expect(stallsAtMs).toEqual([]);
  await clock.advance(10 * TIMEOUT_MS);
  expect(stallsAtMs).toEqual([3000]);
  expect(clock.pendingTimers).toBe(0);
});

test('the wait counts from the first that was not answered', async () => {
  const { watch, clock, stallsAtMs, ask } = watching();
  await ask(2000);
  watch.answered();
  await ask(4980);
  expect(stallsAtMs).toEqual([]);
  await ask(5020);
  expect(stallsAtMs).toEqual([5000]);
  watch.stop();
  expect(clock.pendingTimers).toBe(0);
});

test('an answer ends the wait also where nothing is asked for after it', async () => {
  const { clock, watch, stallsAtMs } = watching();
  watch.asked();
  await clock.advance(TIMEOUT_MS - 1);
  watch.answered();
  await clock.advance(10 * TIMEOUT_MS);
  expect(stallsAtMs).toEqual([]);
  expect(clock.pendingTimers).toBe(0);
});

test('who has not asked for a while waits no more', async () => {
  const { clock, stallsAtMs, ask } = watching({ pauseMs: PAUSE_MS });
  await ask(1000);
  await clock.advance(10 * TIMEOUT_MS);
  expect(stallsAtMs).toEqual([]);
  expect(clock.pendingTimers).toBe(0);
});

test('who asks again within that while has waited all along', async () => {
  const { clock, watch, stallsAtMs, ask } = watching({ pauseMs: PAUSE_MS });
  await ask(1000);
  await clock.advance(PAUSE_MS - 20);
  await ask(3020);
  expect(stallsAtMs).toEqual([3000]);
  watch.stop();
});

test('who asks again after a pause waits from then on', async () => {
  const { clock, stallsAtMs, ask } = watching({ pauseMs: PAUSE_MS });
  await ask(1000);
  await clock.advance(1500);
  // At 2,500 ms.
  await ask(5480);
  expect(stallsAtMs).toEqual([]);
  await ask(5520);
  expect(stallsAtMs).toEqual([5500]);
});

test('each wait that is in vain is told', async () => {
  const { watch, stallsAtMs, ask } = watching();
  await ask(9100);
  expect(stallsAtMs).toEqual([3000, 6000, 9000]);
  watch.stop();
});

test('who stops waits for nothing, also from within', async () => {
  const { clock, watch, stallsAtMs } = watching({ onStall: () => watch.stop() });
  watch.asked();
  watch.stop();
  watch.stop();
  expect(clock.pendingTimers).toBe(0);
  watch.asked();
  await clock.advance(10 * TIMEOUT_MS);
  expect(stallsAtMs).toEqual([3000]);
  expect(clock.pendingTimers).toBe(0);
});
