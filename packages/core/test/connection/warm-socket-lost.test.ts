import { expect, onTestFinished, test } from 'vitest';
import type { WebSocket } from 'ws';

import type { ReusableSocket } from '../../src/index.ts';
import { InterruptedError, ProviderError, systemClock, WarmSocket } from '../../src/index.ts';
import { RecordingLogger, settled } from '../../src/testing/index.ts';
import { serveWebSockets } from './servers.ts';
import { REFUSED, Warmth } from './warmth.ts';
import { WatchedSocket } from './watched-socket.ts';

/** The longest that the first pause before an attempt can be, and the longest that any can. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;

test('one lost in between is replaced, so that who asks next waits for nothing', async () => {
  const { warm, opened, reconnects, clock } = new Warmth();
  (await warm.get()).lose();
  await clock.advance(FIRST_PAUSE_MS);
  expect(opened).toHaveLength(2);
  expect(reconnects).toEqual(['completed']);
  expect(await warm.get()).toBe(opened[1]);
  expect(clock.pendingTimers).toBe(0);
});

test('one lost in between is replaced by who asks, where that is sooner, and not once more', async () => {
  const { warm, opened, reconnects, clock } = new Warmth();
  (await warm.get()).lose();
  await settled();
  expect(await warm.get()).toBe(opened[1]);
  await clock.advance(2 * LONGEST_PAUSE_MS);
  expect(opened).toHaveLength(2);
  expect(reconnects).toEqual(['completed']);
});

test('one lost in between is waited for once, however many are lost meanwhile', async () => {
  const { warm, opened, clock } = new Warmth();
  for (let count = 0; count < 3; count += 1) {
    (await warm.get()).lose();
    await settled();
  }
  expect(clock.pendingTimers).toBe(1);
  await clock.advance(FIRST_PAUSE_MS);
  expect(opened).toHaveLength(4);
});

test('one lost in between is tried to be replaced later and later, each attempt counted once', async () => {
  const warmth = new Warmth();
  const { warm, clock, reconnects } = warmth;
  (await warm.get()).lose();
  warmth.refusal = REFUSED;
  const attempts: number[] = [];
  for (let second = 0; second < 60; second += 1) {
    const before = warmth.openingCount;
    await clock.advance(1000);
    attempts.push(warmth.openingCount - before);
  }
  // 0.1 to 0.2, 0.2 to 0.4, 0.4 to 0.8 s: not more than three in the first second.
  expect(attempts[0]).toBeLessThanOrEqual(3);
  const inLastHalf = attempts.slice(30).reduce((sum, count) => sum + count, 0);
  expect(inLastHalf).toBeGreaterThanOrEqual(5);
  expect(inLastHalf).toBeLessThanOrEqual(12);
  expect(reconnects).toEqual(Array.from({ length: warmth.openingCount - 1 }, () => 'error'));
  warmth.refusal = undefined;
  await clock.advance(LONGEST_PAUSE_MS);
  expect(reconnects.at(-1)).toBe('completed');
  expect(clock.pendingTimers).toBe(0);
});

test('one lost in between is opened ever more seldom where each is lost at once, until one is used', async () => {
  const { warm, clock, opened } = new Warmth();
  const loseAll = async (forMs: number): Promise<number> => {
    const before = opened.length;
    for (let ms = 0; ms < forMs; ms += 50) {
      opened.at(-1)?.lose();
      await clock.advance(50);
    }
    return opened.length - before;
  };
  await warm.get();
  await loseAll(30_000);
  expect(await loseAll(30_000)).toBeLessThanOrEqual(12);
  await clock.advance(LONGEST_PAUSE_MS);
  await warm.get();
  expect(await loseAll(FIRST_PAUSE_MS + 50)).toBe(1);
  await warm.close();
});

test('one lost in between is given up where trying is of no use, until somebody asks', async () => {
  const warmth = new Warmth();
  const { warm, clock } = warmth;
  (await warm.get()).lose();
  warmth.refusal = new ProviderError({
    provider: 'someone',
    type: 'authentication',
    message: 'no',
  });
  await clock.advance(20 * LONGEST_PAUSE_MS);
  expect(warmth.reconnects).toEqual(['error']);
  expect(clock.pendingTimers).toBe(0);
  warmth.refusal = undefined;
  expect(await warm.get()).toBe(warmth.opened[1]);
  expect(warmth.reconnects).toEqual(['error', 'completed']);
});

test('one lost in between is not replaced where it was used up', async () => {
  const { warm, clock, opened } = new Warmth();
  const socket = await warm.get();
  socket.lose();
  socket.condition = 'used-up';
  await clock.advance(LONGEST_PAUSE_MS);
  expect(opened).toHaveLength(1);
});

test.each(['a close', 'an abort'])(
  'one lost in between is not replaced after %s, and nothing waits for that',
  async (end) => {
    const warmth = new Warmth();
    const { warm, clock } = warmth;
    (await warm.get()).lose();
    await settled();
    expect(clock.pendingTimers).toBe(1);
    if (end === 'an abort') warmth.abort(new InterruptedError());
    else await warm.close();
    await settled();
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(LONGEST_PAUSE_MS);
    expect(warmth.openingCount).toBe(1);
    await warm.close();
    expect(warmth.leftovers).toEqual({ timers: 0, listeners: 0 });
  },
);

test('one lost in between is not replaced because it was closed from here', async () => {
  const { warm, clock, opened } = new Warmth();
  await warm.get();
  await warm.close();
  await clock.advance(LONGEST_PAUSE_MS);
  expect(opened).toHaveLength(1);
  expect(clock.pendingTimers).toBe(0);
});

test('one lost in between is replaced also in reality', async () => {
  const peers: WebSocket[] = [];
  const url = await serveWebSockets((peer) => peers.push(peer));
  const reconnects: string[] = [];
  const warm = new WarmSocket({
    context: {
      signal: new AbortController().signal,
      clock: systemClock,
      logger: new RecordingLogger(),
      socketOpened: () => () => undefined,
      reconnected: (outcome) => reconnects.push(outcome),
    },
    open: () => openReal(url),
  });
  onTestFinished(() => warm.close());
  const first = await warm.get();
  peers[0]?.terminate();
  await first.closed;
  await expect.poll(() => reconnects).toEqual(['completed']);
  const second = await warm.get();
  expect(second.condition).toBe('usable');
  expect(peers).toHaveLength(2);
  await warm.close();
  await new Promise((resolve) => void setTimeout(resolve, 2 * FIRST_PAUSE_MS));
  expect(peers).toHaveLength(2);
});

async function openReal(url: string): Promise<ReusableSocket> {
  const { socket } = new WatchedSocket(url);
  await socket.opened(5000);
  return {
    get condition() {
      return socket.isOpen ? 'usable' : 'lost';
    },
    closed: socket.closed,
    finish: () => void socket.close(1000),
    close: () => socket.close(1000),
  };
}
