import { describe, expect, test } from 'vitest';

import { callKey } from '../../src/tools/call-key.ts';

const key = (input: unknown, name = 'book'): string => callKey({ id: '1', name, arguments: input });

describe('the key of a call', () => {
  test.each([
    [
      { a: 1, b: { c: [1, { d: 2, e: 3 }] } },
      { b: { c: [1, { e: 3, d: 2 }] }, a: 1 },
    ],
    [
      { '10': 1, '9': 2 },
      { '9': 2, '10': 1 },
    ],
    [undefined, undefined],
    [JSON.parse('{"__proto__":{"b":1,"a":2}}'), JSON.parse('{"__proto__":{"a":2,"b":1}}')],
  ])('is the same for the same input: %j and %j', (one, other) => {
    expect(key(one)).toBe(key(other));
  });

  test.each([
    [{ a: 1 }, { a: '1' }],
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ a: null }, {}],
    [{ a: 1 }, { a: 1, b: 1 }],
    [[], {}],
    [JSON.parse('{"__proto__":{"a":1}}'), {}],
    ['{}', {}],
  ])('is another for another input: %j and %j', (one, other) => {
    expect(key(one)).not.toBe(key(other));
  });

  test('is another for another tool', () => {
    expect(key({}, 'book')).not.toBe(key({}, 'cancel'));
  });
});
