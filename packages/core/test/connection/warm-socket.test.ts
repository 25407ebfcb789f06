import { describe, expect, test } from 'vitest';

import { InterruptedError } from '../../src/index.ts';
import { settled } from '../../src/testing/index.ts';
import { REFUSED, Warmth } from './warmth.ts';
import { failureOf } from './watched-socket.ts';

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
