import { expect, test } from 'vitest';

import { SpokenItems } from '../src/spoken-items.ts';

/** An answer of two parts, of 100 and of 50 ms. */
function twoParts(): SpokenItems {
  const items = new SpokenItems(10);
  items.started('a');
  items.received('a', 600);
  items.received('a', 400);
  items.received('b', 500);
  return items;
}

test.each([
  ['all was heard of what is whole', 150, true, []],
  ['more is said to be heard than came', 999, true, []],
  ['the last part was cut', 120, true, [{ type: 'truncate', itemId: 'b', endMs: 20 }]],
  ['the last part was not begun', 100, true, [{ type: 'delete', itemId: 'b' }]],
  [
    'the first part was cut',
    40.9,
    true,
    [
      { type: 'truncate', itemId: 'a', endMs: 40 },
      { type: 'delete', itemId: 'b' },
    ],
  ],
  [
    'nothing was heard',
    0,
    true,
    [
      { type: 'delete', itemId: 'a' },
      { type: 'delete', itemId: 'b' },
    ],
  ],
  ['all was heard of what goes on', 150, false, [{ type: 'truncate', itemId: 'b', endMs: 50 }]],
  [
    'more is said to be heard of what goes on than came',
    999,
    false,
    [{ type: 'truncate', itemId: 'b', endMs: 50 }],
  ],
] as const)('when %s', (_when, playedMs, isWhole, forgotten) => {
  expect(twoParts().cut(playedMs, isWhole)).toEqual(forgotten);
});

test('a part that begins without a sound is not kept', () => {
  const items = new SpokenItems(10);
  items.started('a');
  expect(items.cut(500, true)).toEqual([{ type: 'delete', itemId: 'a' }]);
});

test('what is told is forgotten, and so is what was before another answer', () => {
  const items = twoParts();
  items.cut(0, true);
  expect(items.cut(0, true)).toEqual([]);
  items.received('c', 100);
  items.clear();
  expect(items.cut(0, true)).toEqual([]);
});
