import { getEventListeners } from 'node:events';

import { afterEach, expect, test, vi } from 'vitest';

import { BackOff } from '../../src/connection/back-off.ts';
import { ManualClock } from '../../src/testing/index.ts';

afterEach(() => void vi.restoreAllMocks());

/** How long the next pause takes. */
async function pauseMs(backOff: BackOff, clock: ManualClock): Promise<number> {
  const { signal } = new AbortController();
  const startMs = clock.now();
  const paused = backOff.pause(signal);
  while (clock.pendingTimers > 0) await clock.advance(1);
  await paused;
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  return clock.now() - startMs;
}

test('pauses double up to a limit, and are short again once it went well', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(1);
  const clock = new ManualClock();
  const backOff = new BackOff(clock);
  const pauses: number[] = [];
  for (let failure = 0; failure < 8; failure += 1) pauses.push(await pauseMs(backOff, clock));
  expect(pauses).toEqual([200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
  expect(backOff.failures).toBe(8);
  backOff.reset();
  expect(backOff.failures).toBe(0);
  expect(await pauseMs(backOff, clock)).toBe(200);
});

test('a pause is at least half as long, by chance', async () => {
  vi.spyOn(Math, 'random').mockReturnValueOnce(0).mockReturnValueOnce(0.5);
  const clock = new ManualClock();
  const backOff = new BackOff(clock);
  expect(await pauseMs(backOff, clock)).toBe(100);
  expect(await pauseMs(backOff, clock)).toBe(300);
});

test('it stays at the limit however often it fails', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const clock = new ManualClock();
  const backOff = new BackOff(clock);
  const aborted = AbortSignal.abort();
  for (let failure = 0; failure < 2000; failure += 1) await backOff.pause(aborted);
  expect(await pauseMs(backOff, clock)).toBe(2500);
});

test.each(['before', 'during'])(
  'an abort %s the pause ends it, and leaves nothing',
  async (when) => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const { signal } = controller;
    if (when === 'before') controller.abort();
    const paused = new BackOff(clock).pause(signal);
    controller.abort();
    await paused;
    expect(clock.pendingTimers).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  },
);
