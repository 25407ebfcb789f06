import { expect, test } from 'vitest';

import { encodeWindow, isSilero, parseProbability, WINDOW_SAMPLES } from '../src/silero-wire.ts';

test('a window is scaled to 1 and comes after the last 64 samples of the one before', () => {
  const first = encodeWindow(new Int16Array(WINDOW_SAMPLES).fill(16_384), undefined);
  expect([...first.subarray(0, 64)]).toEqual(Array.from({ length: 64 }, () => 0));
  expect([...first.subarray(64)]).toEqual(Array.from({ length: WINDOW_SAMPLES }, () => 0.5));
  const second = encodeWindow(new Int16Array(WINDOW_SAMPLES).fill(-32_768), first);
  expect(second).toHaveLength(64 + WINDOW_SAMPLES);
  expect([second[0], second[63], second[64], second.at(-1)]).toEqual([0.5, 0.5, -1, -1]);
});

test.for([
  [Float32Array.of(0.25), 0.25],
  [Float32Array.of(0), 0],
  [Float32Array.of(), undefined],
  [Float32Array.of(Number.NaN), undefined],
  [Float32Array.of(1.5), undefined],
  [[0.25], undefined],
  [undefined, undefined],
] as const)('the probability in %o is %s', ([data, probability]) => {
  expect(parseProbability(data)).toBe(probability);
});

test('a model is known by what it takes and returns, whatever else there is', () => {
  expect(isSilero(['sr', 'input', 'state'], ['output', 'stateN', 'more'])).toBe(true);
  expect(isSilero(['input', 'sr', 'h', 'c'], ['output', 'hn', 'cn'])).toBe(false);
  expect(isSilero(['input', 'state', 'sr'], ['output'])).toBe(false);
});
