import { expect, test } from 'vitest';

import { tokensByModality } from '../../src/index.ts';

test('tokens are told apart as far as the provider does', () => {
  const told = { text: 119, audio: 13, image: 0 };
  expect(tokensByModality(Object.entries(told), 132)).toEqual(told);
  expect(tokensByModality([['audio', 13]], 132)).toEqual({ audio: 13 });
  expect(tokensByModality([], 132)).toBeUndefined();
});

test('a modality that is told twice is added up', () => {
  const told = [
    ['audio', 3],
    ['text', 1],
    ['audio', 4],
  ] as const;
  expect(tokensByModality(told, 8)).toEqual({ text: 1, audio: 7 });
});

test.each([undefined, null, '7', -1, Number.NaN, Number.POSITIVE_INFINITY, {}])(
  '%j tokens are left out, and what is understood is kept',
  (odd) => {
    expect(tokensByModality(Object.entries({ text: 2, audio: odd }), 9)).toEqual({ text: 2 });
    expect(tokensByModality(Object.entries({ audio: odd }), 9)).toBeUndefined();
  },
);

test('a modality that is not known is left out', () => {
  const told = Object.entries({ text: 2, smell: 3, constructor: 4 });
  expect(tokensByModality(told, 9)).toEqual({ text: 2 });
  expect(tokensByModality([[undefined, 2]], 9)).toBeUndefined();
});

test('parts that are more than the whole are not believed', () => {
  expect(tokensByModality(Object.entries({ text: 5, audio: 5 }), 10)).toBeDefined();
  expect(tokensByModality(Object.entries({ text: 5, audio: 6 }), 10)).toBeUndefined();
});
