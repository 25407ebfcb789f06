import { describe, expect, test } from 'vitest';

import { AsyncQueue } from '../../src/stream/async-queue.ts';
import { settled } from '../../src/testing/index.ts';
import { collect } from '../collect.ts';

describe('a queue', () => {
  test('delivers in order what was pushed before and while somebody waits', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.push(2);
    const received: number[] = [];
    const reading = (async () => {
      for await (const value of queue) received.push(value);
    })();
    await settled();
    expect(received).toEqual([1, 2]);
    queue.push(3);
    queue.push(4);
    await settled();
    queue.end();
    await reading;
    expect(received).toEqual([1, 2, 3, 4]);
  });

  test('delivers values that look like none', async () => {
    const queue = new AsyncQueue<undefined | null | 0 | ''>();
    for (const value of [undefined, null, 0, ''] as const) queue.push(value);
    queue.end();
    expect(await collect(queue)).toEqual([undefined, null, 0, '']);
  });

  test('ends after what was pushed, and drops what comes later', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.end();
    queue.push(2);
    expect(await collect(queue)).toEqual([1]);
    expect(await collect(queue)).toEqual([]);
  });

  test('fails after what was pushed', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.fail(new Error('lost'));
    const received: number[] = [];
    await expect(
      (async () => {
        for await (const value of queue) received.push(value);
      })(),
    ).rejects.toThrow('lost');
    expect(received).toEqual([1]);
  });

  test('fails with undefined too', async () => {
    const queue = new AsyncQueue<number>();
    queue.fail(undefined);
    const outcome = await collect(queue).then(
      () => 'ended',
      () => 'failed',
    );
    expect(outcome).toBe('failed');
  });

  test('wakes a reader that waits when it ends or fails', async () => {
    const ending = new AsyncQueue<number>();
    const ended = collect(ending);
    const failing = new AsyncQueue<number>();
    const failed = collect(failing);
    await settled();
    ending.end();
    failing.fail(new Error('lost'));
    await expect(ended).resolves.toEqual([]);
    await expect(failed).rejects.toThrow('lost');
  });

  test('keeps its first ending', async () => {
    const ended = new AsyncQueue<number>();
    ended.end();
    ended.fail(new Error('too late'));
    await expect(collect(ended)).resolves.toEqual([]);
    const failed = new AsyncQueue<number>();
    failed.fail(new Error('first'));
    failed.end();
    failed.fail(new Error('second'));
    await expect(collect(failed)).rejects.toThrow('first');
  });

  test('rejects nothing that nobody waits for', async () => {
    const rejections: unknown[] = [];
    const note = (reason: unknown): void => void rejections.push(reason);
    process.on('unhandledRejection', note);
    new AsyncQueue<number>().fail(new Error('nobody listens'));
    await settled();
    process.off('unhandledRejection', note);
    expect(rejections).toEqual([]);
  });

  test('lets go of everything when its reader breaks off', async () => {
    const queue = new AsyncQueue<number>();
    for (const value of [1, 2, 3]) queue.push(value);
    for await (const value of queue) {
      expect(value).toBe(1);
      break;
    }
    queue.push(4);
    expect(await collect(queue)).toEqual([]);
  });
});
