import { expect, test } from 'vitest';

import { AudioGaps } from '../src/audio-gaps.ts';

test('offsets stay as they are while nothing is lost', () => {
  const gaps = new AudioGaps();
  gaps.sent(1000);
  expect(gaps.writtenOffset(400)).toBe(400);
  expect(gaps.writtenOffset(undefined)).toBeUndefined();
});

test('only what comes after a gap is moved by it', () => {
  const gaps = new AudioGaps();
  gaps.sent(1000);
  gaps.lost(20);
  gaps.lost(20);
  gaps.sent(500);
  gaps.lost(60);
  expect(gaps.writtenOffset(1000)).toBe(1000);
  expect(gaps.writtenOffset(1001)).toBe(1041);
  expect(gaps.writtenOffset(1501)).toBe(1601);
});
