import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { monitorEventLoop } from '../../src/agent/event-loop-monitor.ts';
import { startTelemetry } from '../metrics/telemetry.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('measures twice a second how late timers run, once for all who want it, until nobody does', async () => {
  const telemetry = startTelemetry();
  const stops = [monitorEventLoop(), monitorEventLoop()];
  await vi.advanceTimersByTimeAsync(1000);
  const delay = await telemetry.histogram('runtime.event_loop.delay.ms');
  expect(delay).toMatchObject({ count: 2, sum: 0 });

  stops[0]?.();
  stops[0]?.();
  expect(vi.getTimerCount()).toBe(1);
  stops[1]?.();
  expect(vi.getTimerCount()).toBe(0);
});

test('counts the time for which the loop stood still', async () => {
  const telemetry = startTelemetry();
  const stop = monitorEventLoop();
  // The timer is served 120 ms after it was due.
  const late = performance.now() + 620;
  vi.spyOn(performance, 'now').mockReturnValueOnce(late);
  await vi.advanceTimersByTimeAsync(500);
  stop();
  const delay = await telemetry.histogram('runtime.event_loop.delay.ms');
  expect(delay).toMatchObject({ count: 1, sum: 120 });
});
