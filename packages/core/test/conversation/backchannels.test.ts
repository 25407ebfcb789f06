import { describe, expect, test } from 'vitest';

import type { BackchannelVerdict } from '../../src/conversation/backchannels.ts';
import { BACKCHANNELS, Backchannels } from '../../src/conversation/backchannels.ts';
import { countWords } from '../../src/conversation/count-words.ts';

const FINAL_CASES: readonly (readonly [string, BackchannelVerdict, string?])[] = [
  ['', 'undecided'],
  ['…', 'undecided'],
  ['Uh-huh.', 'backchannel'],
  ['uh huh', 'backchannel'],
  ['Mmmmmm', 'backchannel'],
  ['Mm-hmm, okay, yeah', 'backchannel'],
  ['I see. Got it!', 'backchannel'],
  ['Yeah, but wait', 'words'],
  ['Okay, stop', 'words'],
  ['No', 'words'],
  ['Yes', 'words'],
  ['I', 'words'],
  ['yea', 'words'],
  ['うんうん、なるほど', 'backchannel'],
  ['待って', 'words'],
  ['嗯嗯', 'backchannel'],
  ['ठीक है', 'backchannel'],
  ['okay '.repeat(30), 'words'],
  // The German yes is one only where German is spoken, or where nobody knows what is.
  ['Ja', 'backchannel'],
  ['Ja', 'backchannel', 'de-AT'],
  ['Ja', 'words', 'en-US'],
  ['Okay', 'words', 'xx'],
];

describe('a final text', () => {
  const backchannels = new Backchannels(BACKCHANNELS);

  test.for(FINAL_CASES)('%j is %s (%s)', ([text, verdict, language]) => {
    expect(backchannels.judge(text, true, language)).toBe(verdict);
  });
});

describe('a text that is not final', () => {
  const backchannels = new Backchannels({ en: ['yeah', 'okay', 'i see'] });

  test.each([
    ['y', 'undecided'],
    ['yea', 'undecided'],
    ['yeah', 'backchannel'],
    ['yeah ok', 'undecided'],
    ['I', 'undecided'],
    ['I see', 'backchannel'],
    ['I think', 'words'],
    ['yeah b', 'words'],
    ['', 'undecided'],
  ] as const)('%j is %s', (text, verdict) => {
    expect(backchannels.judge(text, false)).toBe(verdict);
  });
});

test('without any phrases everything is words', () => {
  expect(new Backchannels({}).judge('okay', false)).toBe('words');
});

test('a text that can be taken apart in countless ways is judged all the same', () => {
  const backchannels = new Backchannels({ en: ['m', 'mm', 'mh', 'hm', 'h', 'mhm', 'mmh', '-'] });
  expect(backchannels.judge(`${'mh'.repeat(19)}x`, true)).toBe('words');
  expect(backchannels.judge('mh'.repeat(20), true)).toBe('backchannel');
});

test.each([
  ['One two, three.', 3],
  ["I don't know", 3],
  ['我们今天见面', 3],
  ['…', 0],
  ['a b c d e f g h', 5],
])('%j has %d words, counted up to five', (text, count) => {
  expect(countWords(text, 5)).toBe(count);
});
