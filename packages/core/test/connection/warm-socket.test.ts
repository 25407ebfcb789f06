import { getEventListeners } from 'node:events';

import { describe, expect, onTestFinished, test } from 'vitest';
import type { WebSocket } from 'ws';

import type { ConnectContext, ReusableSocket } from '../../src/index.ts';
import { InterruptedError, ProviderError, systemClock, WarmSocket } from '../../src/index.ts';
import { ManualClock, RecordingLogger, settled } from '../../src/testing/index.ts';
import { serveWebSockets } from './servers.ts';
import { failureOf, WatchedSocket } from './watched-socket.ts';

/** A socket whose condition the test sets. */
class FakeSocket implements ReusableSocket {
  readonly #closed = Promise.withResolvers<void>();
  condition: ReusableSocket['condition'] = 'usable';
  finishCount = 0;
  closeCount = 0;

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** The other side is gone. */
  lose(): void {
    this.condition = 'lost';
    this.#closed.resolve();
  }

  /** As a plugin's that has nothing more to do: it closes, and is then as good as lost. */
  finish(): void {
    this.finishCount += 1;
    if (this.condition === 'used-up') this.lose();
  }

  close(): Promise<void> {
    this.closeCount += 1;
    this.lose();
    return this.closed;
  }
}

/** The longest that the first pause before an attempt can be, and the longest that any can. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;

/** A warm socket, the sockets that were opened for it, and what was counted. */
class Warmth {
  readonly clock: ManualClock = new ManualClock();
  readonly #controller = new AbortController();
  readonly opened: FakeSocket[] = [];
  readonly reconnects: ('completed' | 'error')[] = [];
  readonly warm: WarmSocket<FakeSocket>;
  /** What an opening waits for. */
  gate: Promise<unknown> = Promise.resolve();
  /** What an opening fails with. */
  refusal: ProviderError | undefined;
  openingCount = 0;

  constructor() {
    const context: ConnectContext = {
      signal: this.#controller.signal,
      clock: this.clock,
      logger: new RecordingLogger(),
      socketOpened: () => () => undefined,
      reconnected: (outcome) => this.reconnects.push(outcome),
    };
    this.warm = new WarmSocket({ context, open: () => this.#open() });
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** What is left that could wake up later. */
  get leftovers(): object {
    const listeners = getEventListeners(this.#controller.signal, 'abort').length;
    return { timers: this.clock.pendingTimers, listeners };
  }

  async #open(): Promise<FakeSocket> {
    this.openingCount += 1;
    await this.gate;
    if (this.refusal) throw this.refusal;
    const socket = new FakeSocket();
    this.opened.push(socket);
    return socket;
  }
}

const REFUSED = new ProviderError({ provider: 'someone', type: 'unavailable', message: 'no' });

describe('asking for a socket', () => {
  test('opens one, which all who ask are given', async () => {
    const { warm, opened, reconnects } = new Warmth();
    const sockets = await Promise.all([warm.get(), warm.get(), warm.get()]);
    expect(new Set([...sockets, await warm.get()])).toEqual(new Set(opened));
    expect(opened).toHaveLength(1);
    expect(reconnects).toEqual([]);
  });

  test('fails for all who ask where none can be opened, and can be tried again', async () => {
    const warmth = new Warmth();
    const { warm } = warmth;
    warmth.refusal = REFUSED;
    const failures = [failureOf(warm.get()), failureOf(warm.get())];
    expect(await Promise.all(failures)).toEqual([REFUSED, REFUSED]);
    expect(warmth.openingCount).toBe(1);
    warmth.refusal = undefined;
    expect(await warm.get()).toBe(warmth.opened[0]);
    // Nothing that was open has been replaced.
    expect(warmth.reconnects).toEqual([]);
  });

  test('opens none once it is no longer wanted', async () => {
    const warmth = new Warmth();
    const reason = new Error('hung up');
    warmth.abort(reason);
    expect(await failureOf(warmth.warm.get())).toBe(reason);
    expect(warmth.openingCount).toBe(0);
  });
});

describe('a successor', () => {
  test('of a lost one is counted once, however many ask for it', async () => {
    const { warm, opened, reconnects } = new Warmth();
    const first = await warm.get();
    first.lose();
    const [second, third] = await Promise.all([warm.get(), warm.get()]);
    expect(second).toBe(opened[1]);
    expect(third).toBe(second);
    expect(reconnects).toEqual(['completed']);
  });

  test('of one that is used up is no reconnection, though that closes at once', async () => {
    const { warm, reconnects } = new Warmth();
    const first = await warm.get();
    first.condition = 'used-up';
    const second = await warm.get();
    expect(second).not.toBe(first);
    expect(first.finishCount).toBe(1);
    expect(reconnects).toEqual([]);
  });

  test('of one that is used up is none either where it takes two attempts', async () => {
    const warmth = new Warmth();
    const { warm, reconnects } = warmth;
    const first = await warm.get();
    first.condition = 'used-up';
    warmth.refusal = REFUSED;
    expect(await failureOf(warm.get())).toBe(REFUSED);
    warmth.refusal = undefined;
    await warm.get();
    expect(reconnects).toEqual([]);
    expect(first.finishCount).toBe(1);
  });

  test('of a lost one that takes three attempts is each counted as what it was', async () => {
    const warmth = new Warmth();
    const { warm, reconnects } = warmth;
    (await warm.get()).lose();
    warmth.refusal = REFUSED;
    await failureOf(warm.get());
    await failureOf(warm.get());
    warmth.refusal = undefined;
    await warm.get();
    expect(reconnects).toEqual(['error', 'error', 'completed']);
  });

  test('that was not awaited because of an abort counts as nothing', async () => {
    const warmth = new Warmth();
    (await warmth.warm.get()).lose();
    const opening = Promise.withResolvers<void>();
    warmth.gate = opening.promise;
    const failure = failureOf(warmth.warm.get());
    await settled();
    const reason = new InterruptedError();
    warmth.abort(reason);
    opening.reject(reason);
    expect(await failure).toBe(reason);
    expect(warmth.reconnects).toEqual([]);
  });

  test('takes over while the one before does what it was given', async () => {
    const { warm } = new Warmth();
    const first = await warm.get();
    first.condition = 'used-up';
    first.finish = () => undefined;
    const second = await warm.get();
    await warm.close();
    expect([first.closeCount, second.closeCount]).toEqual([1, 1]);
  });
});

describe('a close', () => {
  test('closes what is open, once, and gives nothing any more', async () => {
    const { warm, opened } = new Warmth();
    const socket = await warm.get();
    await Promise.all([warm.close(), warm.close()]);
    expect(socket.closeCount).toBe(1);
    expect(await failureOf(warm.get())).toBeInstanceOf(InterruptedError);
    expect(opened).toHaveLength(1);
  });

  test('does not bother a socket that is closed', async () => {
    const { warm } = new Warmth();
    const socket = await warm.get();
    socket.lose();
    await settled();
    await warm.close();
    expect(socket.closeCount).toBe(0);
  });

  test('of what was never open is nothing', async () => {
    const warmth = new Warmth();
    await warmth.warm.close();
    expect(warmth.openingCount).toBe(0);
  });

  test('during an opening closes what comes of it, and who waits for that is given none', async () => {
    const warmth = new Warmth();
    const opening = Promise.withResolvers<void>();
    warmth.gate = opening.promise;
    const failure = failureOf(warmth.warm.get());
    const closed = warmth.warm.close();
    opening.resolve();
    expect(await failure).toBeInstanceOf(InterruptedError);
    await closed;
    expect(warmth.opened.map(({ closeCount }) => closeCount)).toEqual([1]);
  });

  test('during an opening that fails is no failure', async () => {
    const warmth = new Warmth();
    const opening = Promise.withResolvers<void>();
    warmth.gate = opening.promise;
    const failure = failureOf(warmth.warm.get());
    const closed = warmth.warm.close();
    opening.reject(REFUSED);
    expect(await failure).toBe(REFUSED);
    await closed;
    expect(warmth.opened).toEqual([]);
  });
});

describe('a socket that is lost between the times that it is used', () => {
  test('is replaced, so that who asks next waits for nothing', async () => {
    const { warm, opened, reconnects, clock } = new Warmth();
    (await warm.get()).lose();
    await clock.advance(FIRST_PAUSE_MS);
    expect(opened).toHaveLength(2);
    expect(reconnects).toEqual(['completed']);
    expect(await warm.get()).toBe(opened[1]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('is replaced by who asks, where that is sooner, and not once more', async () => {
    const { warm, opened, reconnects, clock } = new Warmth();
    (await warm.get()).lose();
    await settled();
    expect(await warm.get()).toBe(opened[1]);
    await clock.advance(2 * LONGEST_PAUSE_MS);
    expect(opened).toHaveLength(2);
    expect(reconnects).toEqual(['completed']);
  });

  test('is tried to be replaced later and later, each attempt counted once', async () => {
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

  test('is opened ever more seldom where each is lost at once, until one is used', async () => {
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

  test('is given up where trying is of no use, until somebody asks', async () => {
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

  test('is not replaced where it was used up', async () => {
    const { warm, clock, opened } = new Warmth();
    const socket = await warm.get();
    socket.lose();
    socket.condition = 'used-up';
    await clock.advance(LONGEST_PAUSE_MS);
    expect(opened).toHaveLength(1);
  });

  test.each(['a close', 'an abort'])(
    'is not replaced after %s, and nothing waits for that',
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

  test('is not replaced because it was closed from here', async () => {
    const { warm, clock, opened } = new Warmth();
    await warm.get();
    await warm.close();
    await clock.advance(LONGEST_PAUSE_MS);
    expect(opened).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  test('is replaced also in reality', async () => {
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
