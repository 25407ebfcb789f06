import { describe, expect, test, vi } from 'vitest';

import { ProviderError } from '../../src/index.ts';
import { says, settled, speaks } from '../../src/testing/index.ts';
import { CALLER, TestCall } from '../fakes/test-call.ts';
import { startTelemetry } from '../metrics/telemetry.ts';

const LOST = new ProviderError({
  provider: 'scripted',
  type: 'network',
  message: 'the line is dead',
});
const REFUSED = ProviderError.fromStatus('scripted', 503);
const SAMPLES_A_MS = 16;
/** Longer than the pause before the first retry. */
const RETRY_MS = 200;

describe('audio that comes before the speech to text is there', () => {
  test('is sent when it is, and its time is known', async () => {
    const call = await new TestCall({
      openings: [{ delayMs: 500 }],
      rounds: [says('Yes.')],
      speeches: [speaks('Yes.')],
    }).join();
    await call.microphone(400);
    expect(call.stt.connections).toHaveLength(0);
    await call.microphone(200);
    expect(call.ears.sampleCount).toBe(600 * SAMPLES_A_MS);
    // The caller spoke for the first 300 ms, all of them before the connection.
    call.ears.report(
      { type: 'transcript', text: 'Hi.', final: true, speechStartMs: 0, speechEndMs: 300 },
      { type: 'turn-end', eager: false },
    );
    await call.clock.advance(500);
    expect(call.turns[0]?.timeline?.responseLatencyMs).toBe(300);
    expect(call.agent.metrics.sttLatencyMs).toMatchObject({ count: 1, sum: 300 });
    expect(call.agent.metrics.providerReconnects.total).toBe(0);
  });

  test('is kept up to fifteen seconds: the oldest goes first', async () => {
    const call = await new TestCall({ openings: [{ delayMs: 18_000 }] }).join();
    await call.sound(20_000);
    expect(call.ears.sampleCount).toBe((15_000 + 2000 + 20) * SAMPLES_A_MS);
  });
});

describe('a connection that is lost', () => {
  test('is opened anew, what was said is sent, and the next turn is answered', async () => {
    const telemetry = startTelemetry();
    const call = await new TestCall({
      openings: [{}, { delayMs: 300 }],
      rounds: [says('Yes.')],
      speeches: [speaks('Yes.')],
    }).join();
    await call.sound(100);
    call.ears.lose(LOST);
    await settled();
    expect(call.errors).toEqual([LOST]);
    expect(call.stt.openConnections).toBe(0);
    await call.microphone(RETRY_MS + 300 + 100);
    expect(call.stt.connections).toHaveLength(2);
    expect(call.ears.sampleCount).toBe((100 + RETRY_MS + 400) * SAMPLES_A_MS);
    const labels = { provider: 'scripted', outcome: 'completed' };
    expect(await telemetry.value('provider.reconnects', labels)).toBe(1);
    expect(await telemetry.value('stt.errors', { error_type: 'network' })).toBe(1);
    expect(await telemetry.value('provider.connections', { provider: 'scripted' })).toBe(2);
    call.ears.report(
      { type: 'transcript', text: 'Are you there?', final: true },
      { type: 'turn-end', eager: false },
    );
    await call.clock.advance(500);
    expect(call.turns).toMatchObject([{ userText: 'Are you there?', outcome: 'completed' }]);
  });

  test('does not end what the agent is saying', async () => {
    const call = await new TestCall({
      openings: [{}, {}],
      rounds: [says('A long story.')],
      speeches: [speaks('A long story.', { audioMs: 2000 })],
    }).join();
    await call.userSays('Tell me.');
    await call.clock.advance(500);
    call.ears.lose(LOST);
    await call.clock.advance(5000);
    expect(call.turns).toMatchObject([{ outcome: 'completed' }]);
    expect(call.connection.frames).toHaveLength(100);
  });

  test('that ends without an error is opened anew too, and what was heard on it is answered', async () => {
    const call = await new TestCall({
      openings: [{}, {}],
      rounds: [says('Yes.')],
      speeches: [speaks('Yes.')],
    }).join();
    call.ears.report({ type: 'transcript', text: 'Is it open?', final: true });
    await settled();
    await call.ears.close();
    await call.clock.advance(RETRY_MS + 2500);
    expect(call.turns).toMatchObject([{ userText: 'Is it open?', outcome: 'completed' }]);
    expect(call.stt.openConnections).toBe(1);
    expect(call.errors).toEqual([]);
    expect(call.agent.metrics.providerReconnects.total).toBe(1);
  });

  test('keeps the words that were final when it went', async () => {
    const call = await new TestCall({
      openings: [{}, {}],
      rounds: [says('Yes.')],
      speeches: [speaks('Yes.')],
    }).join();
    call.ears.report({ type: 'transcript', text: 'Is it', final: true });
    await settled();
    call.ears.lose(LOST);
    await call.clock.advance(RETRY_MS);
    call.ears.report(
      { type: 'transcript', text: 'open?', final: true },
      { type: 'turn-end', eager: false },
    );
    await call.clock.advance(500);
    expect(call.turns).toMatchObject([{ userText: 'Is it open?' }]);
  });
});

test('what is said while a lost connection is being closed is sent to the next one', async () => {
  const call = await new TestCall({ openings: [{}, {}] }).join();
  const lost = call.ears;
  const closing = Promise.withResolvers<void>();
  const close = lost.close.bind(lost);
  vi.spyOn(lost, 'close').mockImplementation(() => closing.promise.then(close));
  lost.lose(LOST);
  await settled();
  await call.microphone(300);
  closing.resolve();
  await call.microphone(RETRY_MS);
  expect(lost.sampleCount).toBe(0);
  expect(call.ears.sampleCount).toBe((300 + RETRY_MS) * SAMPLES_A_MS);
});

describe('a connection that cannot be opened', () => {
  test('is tried again, later and later, and each try is counted', async () => {
    const telemetry = startTelemetry();
    const refused = Array.from({ length: 6 }, () => ({ error: REFUSED }));
    const call = await new TestCall({ openings: [{}, ...refused, {}] }).join();
    const triedAtMs: number[] = [];
    const startedAtMs = call.clock.now();
    call.ears.lose(LOST);
    await settled();
    for (let tries = call.errors.length; call.stt.connections.length === 1;) {
      await call.clock.advance(10);
      if (call.errors.length > tries) triedAtMs.push(call.clock.now() - startedAtMs);
      tries = call.errors.length;
    }
    const pauses = triedAtMs.map((atMs, index) => atMs - (triedAtMs[index - 1] ?? 0));
    for (const [index, pauseMs] of pauses.entries()) {
      const longestMs = Math.min(5000, 200 * 2 ** index);
      expect(pauseMs).toBeGreaterThanOrEqual(longestMs / 2);
      expect(pauseMs).toBeLessThanOrEqual(longestMs + 10);
    }
    expect(call.errors).toEqual([LOST, ...Array.from({ length: 6 }, () => REFUSED)]);
    const reconnects = (outcome: string) => telemetry.value('provider.reconnects', { outcome });
    expect(await reconnects('error')).toBe(6);
    expect(await reconnects('completed')).toBe(1);
  });

  test('is no reconnection when there was no connection before', async () => {
    const call = await new TestCall({ openings: [{ error: REFUSED }, {}] }).join();
    await call.clock.advance(200);
    expect(call.stt.connections).toHaveLength(1);
    expect(call.agent.metrics.providerReconnects.total).toBe(0);
  });

  test('is no longer tried when the participant has left', async () => {
    const call = await new TestCall({ openings: [{ error: REFUSED }] }).join();
    call.connection.leave(CALLER);
    await call.clock.advance(60_000);
    expect(call.clock.pendingTimers).toBe(0);
    expect(call.departures).toEqual(['caller']);
  });
});

test('a failure that the connection outlives is told, and the connection stays', async () => {
  const call = await new TestCall({ rounds: [says('Yes.')], speeches: [speaks('Yes.')] }).join();
  call.ears.report({ type: 'error', error: REFUSED });
  await call.userSays('Is it open?');
  await call.clock.advance(500);
  expect(call.errors).toEqual([REFUSED]);
  expect(call.agent.metrics.sttErrors.total).toBe(1);
  expect(call.stt.connections).toHaveLength(1);
  expect(call.turns).toMatchObject([{ outcome: 'completed' }]);
});
