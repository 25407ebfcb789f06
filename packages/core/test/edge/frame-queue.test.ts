import { expect, test } from 'vitest';

import { FrameQueue } from '../../src/edge/frame-queue.ts';

test('cuts pieces of any size into frames of one size, in order', () => {
  const queue = new FrameQueue(4);
  queue.push(Int16Array.of(1, 2, 3));
  expect(queue.hasFrame).toBe(false);
  queue.push(Int16Array.of());
  queue.push(Int16Array.of(4, 5, 6, 7, 8, 9));
  expect(queue.length).toBe(9);
  expect([...queue.shift()]).toEqual([1, 2, 3, 4]);
  expect([...queue.shift()]).toEqual([5, 6, 7, 8]);
  expect(queue.hasFrame).toBe(false);
});

test('fills the last frame up with silence', () => {
  const queue = new FrameQueue(4);
  queue.push(Int16Array.of(1, 2));
  expect([...queue.shift()]).toEqual([1, 2, 0, 0]);
  expect(queue.length).toBe(0);
});

test('forgets everything when it is cleared, half a piece too', () => {
  const queue = new FrameQueue(2);
  queue.push(Int16Array.of(1, 2, 3));
  queue.shift();
  queue.clear();
  queue.push(Int16Array.of(4, 5));
  expect(queue.length).toBe(2);
  expect([...queue.shift()]).toEqual([4, 5]);
});
