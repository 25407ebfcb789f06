import { expect, test } from 'vitest';

import { systemClock } from '../../src/clock/clock.ts';
import { MetricsCollector } from '../../src/metrics/agent-metrics.ts';
import { Recorder } from '../../src/metrics/recorder.ts';
import { connectContext } from '../../src/stream/component-context.ts';
import { ManualClock, RecordingLogger } from '../../src/testing/index.ts';

const { signal } = new AbortController();

test('a socket counts as open until it is closed, and only once', () => {
  const collector = new MetricsCollector();
  const recorder = new Recorder({ provider: 'p', model: 'm' }, collector);
  const context = connectContext({}, recorder, signal);
  const first = context.socketOpened();
  const second = context.socketOpened();
  expect(collector.metrics.providerConnections.total).toBe(2);
  first();
  first();
  expect(collector.metrics.providerConnections.total).toBe(1);
  second();
  expect(collector.metrics.providerConnections.total).toBe(0);
});

test('a connection gets the clock, logger and signal that it is given', () => {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const context = connectContext({ clock, logger }, new Recorder(), signal);
  expect(context).toMatchObject({ clock, signal });
  context.logger.info({}, 'a line');
  expect(logger.entries).toMatchObject([{ message: 'a line' }]);
});

test('a connection has a clock and a logger without being given any', () => {
  const context = connectContext({}, new Recorder(), signal);
  expect(context.clock).toBe(systemClock);
  expect(context.logger).toHaveProperty('error');
});

test('attempts to connect anew are counted, numbered and told, with how long there was no connection', async () => {
  const clock = new ManualClock();
  const collector = new MetricsCollector();
  const told: object[] = [];
  const recorder = new Recorder({ provider: 'someone' }, collector);
  const context = connectContext({ clock }, recorder, new AbortController().signal, (attempt) =>
    told.push(attempt),
  );
  const lostAtMs = clock.now();
  await clock.advance(100);
  context.reconnected('error', lostAtMs);
  await clock.advance(200);
  context.reconnected('completed', lostAtMs);
  context.reconnected('completed', clock.now());
  expect(told).toEqual([
    { outcome: 'error', attempt: 1, outageMs: 100 },
    { outcome: 'completed', attempt: 2, outageMs: 300 },
    { outcome: 'completed', attempt: 1, outageMs: 0 },
  ]);
  expect(collector.metrics.providerReconnects.total).toBe(3);
});
