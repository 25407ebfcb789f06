import { getEventListeners } from 'node:events';

import { describe, expect, test } from 'vitest';

import { AsyncQueue } from '../../src/stream/async-queue.ts';
import type { StreamGuard } from '../../src/stream/guarded-stream.ts';
import { guardedStream } from '../../src/stream/guarded-stream.ts';
import { ManualClock, settled } from '../../src/testing/index.ts';
import { collect } from '../collect.ts';

/** A source that notes what is done with it. */
class Source implements AsyncIterable<number> {
  readonly queue: AsyncQueue<number> = new AsyncQueue<number>();
  signal: AbortSignal | undefined;
  starts = 0;
  returns = 0;

  readonly start = (signal: AbortSignal): AsyncIterable<number> => {
    this.signal = signal;
    this.starts += 1;
    return this;
  };

  [Symbol.asyncIterator](): AsyncIterator<number> {
    const iterator = this.queue[Symbol.asyncIterator]();
    return {
      next: () => iterator.next(),
      return: () => {
        this.returns += 1;
        return Promise.resolve({ value: undefined, done: true });
      },
    };
  }
}

function guard(clock: ManualClock, signal?: AbortSignal): StreamGuard {
  return {
    signal,
    clock,
    firstTimeoutMs: 100,
    stallTimeoutMs: 30,
    timeoutError: (awaited, timeoutMs) => new Error(`no ${awaited} value in ${timeoutMs} ms`),
  };
}

async function* hanging(): AsyncGenerator<number> {
  yield 1;
  await new Promise(() => undefined);
}

function refuse(): never {
  throw new TypeError('no such model');
}

describe('a guarded stream', () => {
  test('passes on every value, then ends, and leaves no timer behind', async () => {
    const clock = new ManualClock();
    const source = new Source();
    const values = collect(guardedStream(source.start, guard(clock)));
    source.queue.push(1);
    await clock.advance(29);
    source.queue.push(2);
    source.queue.end();
    expect(await values).toEqual([1, 2]);
    expect(clock.pendingTimers).toBe(0);
    expect(source.returns).toBe(0);
  });

  test.for([
    ['first', 99, 1, 'no first value in 100 ms'],
    ['next', 29, 1, 'no next value in 30 ms'],
  ] as const)('waits for the %s value as long as it may and no longer', async (row) => {
    const [awaited, almostMs, restMs, message] = row;
    const clock = new ManualClock();
    const source = new Source();
    if (awaited === 'next') source.queue.push(1);
    let error: unknown;
    const reading = collect(guardedStream(source.start, guard(clock))).catch(
      (reason: unknown) => (error = reason),
    );
    await clock.advance(almostMs);
    expect(error).toBeUndefined();
    await clock.advance(restMs);
    await reading;
    expect(error).toEqual(new Error(message));
    expect(source.signal?.aborted).toBe(true);
    expect(source.returns).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });

  test('does not count the time that its reader takes', async () => {
    const clock = new ManualClock();
    const source = new Source();
    source.queue.push(1);
    source.queue.push(2);
    source.queue.end();
    const values: number[] = [];
    for await (const value of guardedStream(source.start, guard(clock))) {
      values.push(value);
      await clock.advance(1000);
    }
    expect(values).toEqual([1, 2]);
  });

  test('aborts and returns its source when the reader breaks off', async () => {
    const clock = new ManualClock();
    const source = new Source();
    source.queue.push(1);
    for await (const _ of guardedStream(source.start, guard(clock))) break;
    expect(source.signal?.aborted).toBe(true);
    expect(source.returns).toBe(1);
  });

  test('ends at once when the signal is aborted, with its reason, also for the source', async () => {
    const clock = new ManualClock();
    const source = new Source();
    const controller = new AbortController();
    const reading = collect(guardedStream(source.start, guard(clock, controller.signal)));
    await settled();
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    expect(source.signal?.reason).toEqual(new Error('enough'));
    expect(source.returns).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });

  test('does not ask for anything when the signal is aborted already', async () => {
    const source = new Source();
    const signal = AbortSignal.abort(new Error('too late'));
    const reading = collect(guardedStream(source.start, guard(new ManualClock(), signal)));
    await expect(reading).rejects.toThrow('too late');
    expect(source.starts).toBe(0);
  });

  test('yields nothing more when the signal was aborted while the reader was busy', async () => {
    const source = new Source();
    source.queue.push(1);
    source.queue.push(2);
    const controller = new AbortController();
    const values: number[] = [];
    const reading = (async () => {
      const stream = guardedStream(source.start, guard(new ManualClock(), controller.signal));
      for await (const value of stream) {
        values.push(value);
        controller.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
    expect(values).toEqual([1]);
    expect(source.signal?.aborted).toBe(true);
  });

  test('leaves no listener on the signal, however it ends', async () => {
    const { signal } = new AbortController();
    const clock = new ManualClock();
    const ended = new Source();
    for (let value = 0; value < 20; value++) ended.queue.push(value);
    ended.queue.end();
    await collect(guardedStream(ended.start, guard(clock, signal)));
    const failed = new Source();
    failed.queue.fail(new Error('lost'));
    await collect(guardedStream(failed.start, guard(clock, signal))).catch(() => undefined);
    const broken = new Source();
    broken.queue.push(1);
    for await (const _ of guardedStream(broken.start, guard(clock, signal))) break;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('has one listener while it waits, not one a value', async () => {
    const { signal } = new AbortController();
    const clock = new ManualClock();
    const source = new Source();
    for (let value = 0; value < 50; value++) source.queue.push(value);
    const reading = collect(guardedStream(source.start, guard(clock, signal)));
    await settled();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    source.queue.end();
    await reading;
  });

  test('does not wait for a source that hangs in its return', async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const values: number[] = [];
    const reading = (async () => {
      for await (const value of guardedStream(() => hanging(), guard(clock, controller.signal))) {
        values.push(value);
      }
    })();
    await settled();
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    expect(values).toEqual([1]);
  });

  test('passes on what the source throws, and swallows what its return throws later', async () => {
    const rejections: unknown[] = [];
    const note = (reason: unknown): void => void rejections.push(reason);
    process.on('unhandledRejection', note);
    const clock = new ManualClock();
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(new Error('lost')),
        return: () => Promise.reject(new Error('lost twice')),
      }),
    };
    await expect(collect(guardedStream(() => source, guard(clock)))).rejects.toThrow(/^lost$/);
    await settled();
    process.off('unhandledRejection', note);
    expect(rejections).toEqual([]);
  });

  test('swallows a failure that comes after a time-out', async () => {
    const rejections: unknown[] = [];
    const note = (reason: unknown): void => void rejections.push(reason);
    process.on('unhandledRejection', note);
    const clock = new ManualClock();
    const source = new Source();
    const reading = collect(guardedStream(source.start, guard(clock)));
    const outcome = reading.catch((error: unknown) => error);
    await clock.advance(100);
    expect(await outcome).toEqual(new Error('no first value in 100 ms'));
    source.queue.fail(new Error('much later'));
    await settled();
    process.off('unhandledRejection', note);
    expect(rejections).toEqual([]);
  });

  test('passes on what starting the source throws', async () => {
    const clock = new ManualClock();
    await expect(collect(guardedStream(refuse, guard(clock)))).rejects.toThrow('no such model');
    expect(clock.pendingTimers).toBe(0);
  });
});
