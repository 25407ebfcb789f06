import { describe, expect, test } from 'vitest';

import { AudioLedger } from '../../src/audio/audio-ledger.ts';

/** A ledger of frames of 20 ms that were heard as they came, from `startMs` on. */
function ledgerOf(frames: number, startMs: number): AudioLedger {
  const ledger = new AudioLedger();
  for (let frame = 1; frame <= frames; frame++) ledger.append(20, startMs + frame * 20);
  return ledger;
}

describe('a ledger', () => {
  test('knows when each piece of the audio was heard', () => {
    const ledger = ledgerOf(50, 5000);
    expect(ledger.totalMs).toBe(1000);
    expect([0, 1, 20, 21, 500, 999, 1000].map((offset) => ledger.timeOf(offset))).toEqual([
      5000, 5001, 5020, 5021, 5500, 5999, 6000,
    ]);
  });

  test('knows nothing of audio that is yet to come, nor before any came', () => {
    expect(ledgerOf(50, 0).timeOf(1000.5)).toBeUndefined();
    expect(new AudioLedger().timeOf(0)).toBeUndefined();
    expect(new AudioLedger().timeOf(10)).toBeUndefined();
  });

  test('knows nothing of audio that is too long ago, and still the last 20 seconds', () => {
    const ledger = ledgerOf(3000, 1000);
    expect(ledger.timeOf(100)).toBeUndefined();
    expect(ledger.timeOf(60_000 - 20_480)).toBeUndefined();
    expect(ledger.timeOf(60_000 - 20_000)).toBe(41_000);
    expect(ledger.timeOf(60_000)).toBe(61_000);
  });

  test('takes the gaps between frames for silence, not for speech', () => {
    const ledger = new AudioLedger();
    ledger.append(20, 1020);
    ledger.append(20, 5000); // the microphone was off in between
    expect(ledger.timeOf(20)).toBe(1020);
    expect(ledger.timeOf(30)).toBe(4990);
    expect(ledger.timeOf(40)).toBe(5000);
  });

  test('never says that later audio was heard earlier', () => {
    const ledger = new AudioLedger();
    // Frames that arrive in a burst: 60 ms of audio within 10 ms.
    ledger.append(20, 1000);
    ledger.append(20, 1001);
    ledger.append(20, 1010);
    const times = Array.from({ length: 61 }, (_, offset) => ledger.timeOf(offset) ?? Number.NaN);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBe(1010);
  });

  test('follows frames of any length', () => {
    const ledger = new AudioLedger();
    ledger.append(100, 1100);
    ledger.append(5, 1105);
    ledger.append(895, 2000);
    expect([50, 102, 1000].map((offset) => ledger.timeOf(offset))).toEqual([1050, 1102, 2000]);
  });
});
