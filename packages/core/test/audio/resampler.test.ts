import { describe, expect, test } from 'vitest';

import { Resampler } from '../../src/audio/resampler.ts';
import { tone } from '../../src/testing/index.ts';
import { amplitudeAt } from './amplitude-at.ts';

const RATES_HZ = [8000, 16_000, 22_050, 24_000, 44_100, 48_000];
const PAIRS = RATES_HZ.flatMap((from) => RATES_HZ.map((to) => [from, to] as const)).filter(
  ([from, to]) => from !== to,
);

function join(pieces: readonly Int16Array[]): Int16Array {
  return Int16Array.from(pieces.flatMap((piece) => [...piece]));
}

/** The samples in pieces of the lengths that are given, in turn. */
function split(samples: Int16Array, lengths: readonly number[]): Int16Array[] {
  const pieces: Int16Array[] = [];
  for (let start = 0, piece = 0; start < samples.length; piece++) {
    const length = lengths[piece % lengths.length] ?? 1;
    pieces.push(samples.subarray(start, start + length));
    start += length;
  }
  return pieces;
}

describe('a resampler', () => {
  test.for(PAIRS)('keeps a tone as loud as it was from %d to %d Hz', ([from, to]) => {
    for (const frequencyHz of [200, 1000, 3000]) {
      const output = new Resampler(from, to).push(
        tone({ durationMs: 1000, frequencyHz, sampleRateHz: from }).samples,
      );
      // Away from the ends, where the filter has not seen a whole tone.
      const steady = output.subarray(Math.round(to * 0.1), Math.round(to * 0.9));
      expect(amplitudeAt(steady, to, frequencyHz) / 10_000).toBeCloseTo(1, 2);
    }
  });

  test.for(PAIRS)('has the right length from %d to %d Hz, however long it runs', ([from, to]) => {
    const resampler = new Resampler(from, to);
    let samples = 0;
    for (let piece = 0; piece < 500; piece++) {
      samples += resampler.push(new Int16Array(from / 50)).length;
    }
    expect(Math.abs(samples - to * 10)).toBeLessThanOrEqual(1);
  });

  test.for(PAIRS)('gives the same for any pieces from %d to %d Hz', ([from, to]) => {
    const input = tone({ durationMs: 100, sampleRateHz: from, amplitude: 20_000 }).samples;
    const whole = new Resampler(from, to).push(input);
    for (const lengths of [[from / 50], [1], [7, 333], [1, 0, 2, 1000]]) {
      const resampler = new Resampler(from, to);
      const pieces = split(input, lengths).map((piece) => resampler.push(piece));
      expect(join(pieces)).toEqual(whole);
    }
  });

  test.for([
    [48_000, 8000],
    [48_000, 16_000],
    [24_000, 16_000],
    [44_100, 22_050],
  ] as const)('lets nothing through that %d Hz can carry and %d Hz cannot', ([from, to]) => {
    const tooHighHz = to * 0.5 * 1.3;
    const options = { durationMs: 500, sampleRateHz: from, amplitude: 20_000 };
    const { samples } = tone({ ...options, frequencyHz: tooHighHz });
    const output = new Resampler(from, to).push(samples);
    const loudest = output.subarray(to / 20, -to / 20).reduce((a, b) => Math.max(a, Math.abs(b)));
    expect(loudest / 20_000).toBeLessThan(0.01);
  });

  test('hands on what needs no change', () => {
    const samples = tone({ durationMs: 20 }).samples;
    expect(new Resampler(16_000, 16_000).push(samples)).toBe(samples);
  });

  test('makes silence of silence, and a steady value of a steady one', () => {
    const resampler = new Resampler(44_100, 16_000);
    expect(resampler.push(new Int16Array(4410)).every((sample) => sample === 0)).toBe(true);
    const steady = resampler.push(new Int16Array(4410).fill(1000)).subarray(100);
    expect(steady.every((sample) => Math.abs(sample - 1000) <= 1)).toBe(true);
  });

  test('stays within the range of samples and does not wrap round', () => {
    // Behind so high a step the filter swings over: by far more than a sample can hold.
    const step = new Int16Array(960).fill(-32_768).fill(32_767, 480);
    const output = new Resampler(48_000, 44_100).push(step).subarray(60);
    const changes = output.filter((sample, index) => sample > 0 !== (output[index - 1] ?? -1) > 0);
    expect(Math.max(...output)).toBe(32_767);
    expect(changes).toHaveLength(1);
  });

  test('is late by sixteen samples of the slower rate and no more', () => {
    const resampler = new Resampler(16_000, 48_000);
    const click = new Int16Array(1600);
    click[800] = 30_000;
    const output = resampler.push(click);
    const loudest = output.indexOf(output.reduce((a, b) => Math.max(a, b)));
    expect(loudest / 3 - 800).toBeCloseTo(16, 0);
  });
});
