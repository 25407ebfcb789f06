import { expect, test } from 'vitest';
import { WebSocket } from 'ws';

import type { Clock, KeepAliveParts } from '../../src/index.ts';
import { KeepAlive } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { serveWebSockets } from './servers.ts';

const AFTER_MS = 4000;

/** A connection that is kept, and the times at which that took a sign of life. */
function keeping(send: KeepAliveParts['send'] = () => undefined): {
  clock: ManualClock;
  keepAlive: KeepAlive;
  signsAtMs: number[];
} {
  const clock = new ManualClock();
  const startMs = clock.now();
  const signsAtMs: number[] = [];
  const keepAlive = new KeepAlive({
    clock,
    afterMs: AFTER_MS,
    send: () => {
      signsAtMs.push(clock.now() - startMs);
      send();
    },
  });
  return { clock, keepAlive, signsAtMs };
}

test('in silence a sign of life is sent again and again', async () => {
  const { clock, signsAtMs } = keeping();
  await clock.advance(AFTER_MS - 1);
  expect(signsAtMs).toEqual([]);
  await clock.advance(2 * AFTER_MS + 1);
  expect(signsAtMs).toEqual([4000, 8000, 12_000]);
});

test('the silence counts from what was sent last, with one timer', async () => {
  const { clock, keepAlive, signsAtMs } = keeping();
  for (let frame = 0; frame < 250; frame += 1) {
    keepAlive.sent();
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(20);
  }
  // The last frame was sent at 4,980 ms.
  await clock.advance(3979);
  expect(signsAtMs).toEqual([]);
  await clock.advance(1);
  expect(signsAtMs).toEqual([8980]);
});

test('a connection that is over is not kept', async () => {
  const { clock, keepAlive, signsAtMs } = keeping();
  keepAlive.stop();
  keepAlive.stop();
  keepAlive.sent();
  expect(clock.pendingTimers).toBe(0);
  await clock.advance(10 * AFTER_MS);
  expect(signsAtMs).toEqual([]);
});

test('a sign of life can be the last', async () => {
  const { clock, keepAlive, signsAtMs } = keeping(() => keepAlive.stop());
  await clock.advance(10 * AFTER_MS);
  expect(signsAtMs).toEqual([4000]);
  expect(clock.pendingTimers).toBe(0);
});

test('a socket that takes no sign of life any more is no reason to fail', async () => {
  const client = new WebSocket(await serveWebSockets(() => undefined));
  // `ws` throws while it is connecting, as SDKs do once the other side has said goodbye.
  const { clock, keepAlive, signsAtMs } = keeping(() => client.ping());
  client.on('error', () => undefined);
  await clock.advance(2 * AFTER_MS);
  expect(signsAtMs).toEqual([4000, 8000]);
  keepAlive.stop();
  client.terminate();
});

test('the rest of a wait is never so short that a clock cannot add it', () => {
  const now = { ms: 1000 };
  const waitsMs: number[] = [];
  let look: (() => void) | undefined;
  const clock: Clock = {
    now: () => now.ms,
    after: (waitMs, callback) => {
      waitsMs.push(waitMs);
      look = callback;
      return () => undefined;
    },
  };
  const keepAlive = new KeepAlive({ clock, afterMs: AFTER_MS, send: () => undefined });
  now.ms = 1000.3;
  keepAlive.sent();
  now.ms = 5000.299_999_999_9;
  look?.();
  expect(waitsMs).toEqual([4000, 1]);
});
