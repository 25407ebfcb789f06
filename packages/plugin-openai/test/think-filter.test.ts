import { expect, test } from 'vitest';

import { ThinkFilter } from '../src/think-filter.ts';

function filtered(text: string, size: number): string {
  const filter = new ThinkFilter();
  let result = '';
  for (let at = 0; at < text.length; at += size) result += filter.push(text.slice(at, at + size));
  return result + filter.flush();
}

test.each([
  ['an answer without a thought', 'It is four.', 'It is four.'],
  ['a thought before the answer', '<think>Hm, 2 < 4.</think>It is four.', 'It is four.'],
  ['a thought after white space', '\n <think>Hm.</think>It is four.', 'It is four.'],
  ['a thought of nothing', '<think></think>Yes', 'Yes'],
  ['a thought that never ends', '<think>Hm, and', ''],
  ['the tag in the middle', 'Write <think>so</think>.', 'Write <think>so</think>.'],
  ['less than a tag', '<thi', '<thi'],
  ['another tag', '<thin> ice', '<thin> ice'],
  ['nothing', '', ''],
])('%s, cut anywhere', (_name, text, wanted) => {
  for (const size of [1, 2, 3, 7, 100]) expect(filtered(text, size)).toBe(wanted);
});

test('holds back no word that cannot be a thought', () => {
  expect(new ThinkFilter().push('It')).toBe('It');
});
