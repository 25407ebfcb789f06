import { expect, test } from 'vitest';

import { SentAudio } from '../../src/connection/sent-audio.ts';

test('what was sent as it was written has the same offsets', () => {
  const audio = new SentAudio();
  audio.sent(1000);
  expect([0, 500, 1000, undefined].map((ms) => audio.writtenOffset(ms))).toEqual([
    0,
    500,
    1000,
    undefined,
  ]);
});

test('after audio that was dropped, offsets are later by so much', () => {
  const audio = new SentAudio();
  audio.sent(1000);
  audio.lost(200);
  audio.lost(100);
  audio.sent(1000);
  audio.lost(50);
  audio.sent(1000);
  expect(audio.writtenOffset(900)).toBe(900);
  expect(audio.writtenOffset(1500)).toBe(1800);
  expect(audio.writtenOffset(2500)).toBe(2850);
});

test('after silence that was added, offsets are earlier by so much, and none lies in it', () => {
  const audio = new SentAudio();
  audio.sent(1000);
  audio.added(500);
  audio.sent(1000);
  expect(audio.writtenOffset(1000)).toBe(1000);
  expect(audio.writtenOffset(1300)).toBe(1000);
  expect(audio.writtenOffset(1600)).toBe(1100);
});

test('an offset beyond what was sent is none of ours', () => {
  const audio = new SentAudio();
  audio.sent(1000);
  expect(audio.writtenOffset(1101)).toBeUndefined();
  // Rounded, it may lie a little after the end.
  expect(audio.writtenOffset(1099)).toBe(1099);
});

test('what lies too far back to be remembered is not guessed', () => {
  const audio = new SentAudio();
  for (let round = 0; round < 100; round += 1) {
    audio.sent(100);
    audio.added(100);
  }
  expect(audio.writtenOffset(150)).toBeUndefined();
  expect(audio.writtenOffset(19_950)).toBe(10_000);
  expect(audio.writtenOffset(19_850)).toBe(9950);
});
