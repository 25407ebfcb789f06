import { expect, test } from 'vitest';

import { FrameBacklog } from '../../src/connection/frame-backlog.ts';
import type { AudioFrame } from '../../src/index.ts';

const FRAME_MS = 20;

function frameOf(durationMs: number): AudioFrame {
  return { samples: new Int16Array(durationMs * 16), sampleRateHz: 16_000 };
}

/** When what is kept was heard, and keeps nothing any more. */
function drained(backlog: FrameBacklog): number[] {
  const times: number[] = [];
  backlog.drain((_frame, heardAtMs) => times.push(heardAtMs));
  return times;
}

test('frames are handed on once, in order, with when they were heard', () => {
  const backlog = new FrameBacklog();
  const frames = [frameOf(20), frameOf(10), frameOf(30)];
  for (const [index, frame] of frames.entries()) backlog.push(frame, index);
  const handed: [AudioFrame, number][] = [];
  backlog.drain((frame, heardAtMs) => handed.push([frame, heardAtMs]));
  expect(handed).toEqual(frames.map((frame, index) => [frame, index]));
  expect(handed[0]?.[0]).toBe(frames[0]);
  expect(drained(backlog)).toEqual([]);
});

test('five seconds are kept, and of more the newest', () => {
  const backlog = new FrameBacklog();
  for (let index = 0; index < 250; index += 1) backlog.push(frameOf(FRAME_MS), index);
  for (let index = 250; index < 253; index += 1) backlog.push(frameOf(FRAME_MS), index);
  const times = drained(backlog);
  expect(times).toHaveLength(250);
  expect([times[0], times.at(-1)]).toEqual([3, 252]);
});

test('the room is there again once all is handed on', () => {
  const backlog = new FrameBacklog();
  for (let index = 0; index < 250; index += 1) backlog.push(frameOf(FRAME_MS), index);
  drained(backlog);
  for (let index = 0; index < 250; index += 1) backlog.push(frameOf(FRAME_MS), index);
  expect(drained(backlog)).toHaveLength(250);
});

test('a frame longer than all that is kept is not kept', () => {
  const backlog = new FrameBacklog();
  backlog.push(frameOf(5020), 1);
  backlog.push(frameOf(FRAME_MS), 2);
  expect(drained(backlog)).toEqual([2]);
});

test('what is kept anew while it is handed on is for the next', () => {
  const backlog = new FrameBacklog();
  backlog.push(frameOf(FRAME_MS), 1);
  backlog.push(frameOf(FRAME_MS), 2);
  backlog.drain((frame, heardAtMs) => backlog.push(frame, heardAtMs + 10));
  expect(drained(backlog)).toEqual([11, 12]);
});
