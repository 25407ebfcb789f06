import { describe, expect, test } from 'vitest';

import type { SentenceSplitterOptions } from '../../src/conversation/sentence-splitter.ts';
import { SentenceSplitter } from '../../src/conversation/sentence-splitter.ts';
import { seededRandom } from './seeded-random.ts';
import { CLAUSE_CASES, SENTENCE_CASES } from './sentence-cases.ts';

const CASES = [...SENTENCE_CASES, ...CLAUSE_CASES];

/** What texts of the property test are made of: whatever a decision hangs on. */
const FRAGMENTS = [
  'word Word I The dr z B etc No U.S 3 12 1.000,5 Oktober https://a.example/b.c?d=1,2'.split(' '),
  '. . ! ? ... … , ; : – - 。 ？ ， । ؟ _ * ** " “ ” « » ( ) 「 」 ``` |'.split(' '),
  '你好 สวัสดี नमस्ते كيف 😊 👨‍👩‍👧'.split(' '),
  ['# ', '- ', '1. ', 'x'.repeat(70)],
  [' ', ' ', ' ', ' ', '\n', '\n\n', '\u00A0', '\t', '   ', ' '.repeat(40)],
].flat();

function split(
  text: string,
  nextLength: () => number = () => text.length,
  options?: SentenceSplitterOptions,
): string[] {
  const splitter = new SentenceSplitter(options);
  const sentences: string[] = [];
  for (let start = 0; start < text.length;) {
    const end = start + nextLength();
    sentences.push(...splitter.push(text.slice(start, end)));
    start = end;
  }
  const rest = splitter.flush();
  return rest === '' ? sentences : [...sentences, rest];
}

function repeating(lengths: readonly number[]): () => number {
  let index = 0;
  return () => lengths[index++ % lengths.length] ?? 1;
}

function withoutSpace(text: string): string {
  return text.replaceAll(/\s/g, '');
}

describe('a splitter', () => {
  test.for(CASES)('cuts %j', ([text, sentences]) => {
    expect(split(text)).toEqual(sentences);
  });

  test.for(CASES)('cuts %j in the same way whatever the pieces', ([text, sentences]) => {
    for (const lengths of [[1], [2], [3], [5], [1, 4, 2], [7, 1]]) {
      expect(split(text, repeating(lengths))).toEqual(sentences);
    }
  });

  test('hands a sentence over with the space behind it, not later', () => {
    const splitter = new SentenceSplitter();
    expect(splitter.push('Hello the')).toEqual([]);
    expect(splitter.push('re.')).toEqual([]);
    expect(splitter.push(' ')).toEqual(['Hello there.']);
    expect(splitter.push('How are')).toEqual([]);
    expect(splitter.flush()).toBe('How are');
  });

  test.for([
    ['"Go." ', 'T'],
    ['Well... ', 'I'],
    ['Apples etc. ', 'T'],
    ['I am 42. ', 'Y'],
    ['The U.S. ', 'It '],
    ['Am 3. ', 'Oka'],
    ['你好。', '你'],
    ['Red\n', 'V'],
    ['- milk', '\n'],
    ['I can certainly help you with that,', ' if you tell '],
  ] as const)('hands %j over when %j has come', ([sentence, following]) => {
    const splitter = new SentenceSplitter();
    expect(splitter.push(sentence + following.slice(0, -1))).toEqual([]);
    expect(splitter.push(following.slice(-1))).toEqual([sentence.trim()]);
  });

  test('does not wait for ever for what follows', () => {
    const splitter = new SentenceSplitter();
    expect(splitter.push(`"Go."${' '.repeat(31)}`)).toEqual([]);
    expect(splitter.push(' ')).toEqual(['"Go."']);
  });

  test('hands several over at once', () => {
    expect(new SentenceSplitter().push('One. Two. Three. Fo')).toEqual(['One.', 'Two.', 'Three.']);
  });

  test('starts anew after a flush', () => {
    const splitter = new SentenceSplitter();
    splitter.push('- Left over. It');
    expect(splitter.flush()).toBe('It');
    expect(splitter.flush()).toBe('');
    const clause = 'text that was\nwrapped within it,';
    expect(splitter.push(`${clause} if you like it`)).toEqual([clause]);
  });
});

describe('the first clause', () => {
  const [text = '', sentences = []] = CLAUSE_CASES[0] ?? [];

  test('waits for its sentence where it is told to', () => {
    expect(split(text, undefined, { firstClauseMinLength: false })).toEqual([
      `${sentences[0]} ${sentences[1]}`,
      sentences[2],
    ]);
  });

  test('has to be as long as it is told to', () => {
    const short = 'Well, that is something else.';
    expect(split(short, undefined, { firstClauseMinLength: 5 })).toEqual([
      'Well,',
      'that is something else.',
    ]);
    expect(split(short, undefined, { firstClauseMinLength: 6 })).toEqual([short]);
  });
});

describe('a run without an end', () => {
  const words = 'lorem ipsum dolor sit amet consectetur '.repeat(20).trim();

  test('is cut between two words', () => {
    const pieces = split(words);
    expect(pieces.join(' ')).toBe(words);
    expect(pieces).toHaveLength(4);
    for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(200);
  });

  test('is cut where a clause ends, if one does in its second half', () => {
    const options = { firstClauseMinLength: false } as const;
    const clause = 'lorem ipsum dolor sit amet consectetur '.repeat(3);
    expect(split(`${clause}one, ${words}`, undefined, options)[0]).toBe(`${clause}one,`);
    const [first = ''] = split(`one, ${words}`, undefined, options);
    expect(first.length).toBeGreaterThan(180);
  });

  test('is not cut within a number', () => {
    const [first = ''] = split(`${'lorem '.repeat(32)}1 000 000 000 dollars and more and more`);
    expect(first).toBe('lorem '.repeat(32).trim());
  });

  test('is cut between two words of a script without spaces', () => {
    // The 200th character is the first of two that make a word.
    const text = '好的'.repeat(6) + '今天天气很好我们一起去公园散步吧'.repeat(20);
    const pieces = split(text);
    expect(pieces.join('')).toBe(text);
    expect(pieces).toHaveLength(2);
    expect(pieces[0]).toHaveLength(199);
  });

  test('keeps a long URL whole, with what stands before it apart', () => {
    const url = `https://a.example/${'path/'.repeat(60)}`;
    expect(split(`See this ${url} now`)).toEqual(['See this', url, 'now']);
  });

  test('does not grow without bounds where it is one word', () => {
    const text = `x${'😊'.repeat(2500)}`;
    const pieces = split(text, repeating([1]));
    expect(pieces.join('')).toBe(text);
    expect(pieces).toHaveLength(6);
    for (const piece of pieces) {
      expect(piece.length).toBeLessThanOrEqual(1000);
      expect(piece.isWellFormed()).toBe(true);
    }
  });
});

describe('any text', () => {
  const random = seededRandom(20_261_123);
  const texts = Array.from({ length: 400 }, () => {
    const count = 1 + Math.floor(random() * 120);
    const fragment = (): string => FRAGMENTS[Math.floor(random() * FRAGMENTS.length)] ?? '';
    return Array.from({ length: count }, fragment).join('');
  });
  texts.push(SENTENCE_CASES.map(([one]) => one).join(' '), CASES.map(([one]) => one).join('\n\n'));

  test('comes out as it went in, but for white space', () => {
    for (const text of texts) {
      const pieces = split(text);
      expect(withoutSpace(pieces.join(''))).toBe(withoutSpace(text));
      expect(pieces.filter((piece) => piece === '' || piece !== piece.trim())).toEqual([]);
    }
  });

  test('is cut in the same way however it comes', () => {
    for (const text of texts) {
      const whole = split(text);
      for (const longest of [1, 2, 8, 40]) {
        const pieces = split(text, () => 1 + Math.floor(random() * longest));
        expect({ text, pieces }).toEqual({ text, pieces: whole });
      }
    }
  });
});

const UNITS = ['Hello there, how are you? ', 'word ', 'x', '.', ' ', 'a\n', 'a. ', '你好'];

test.for(UNITS)(
  'ten thousand pieces of %j take time in proportion',
  { timeout: 60_000 },
  (unit) => {
    const text = unit.repeat(80_000 / unit.length);
    const splitMs = (length: number): number => {
      const startedAtMs = performance.now();
      split(text.slice(0, length), repeating([1]));
      return performance.now() - startedAtMs;
    };
    const fastestMs = (length: number): number =>
      Math.min(...Array.from({ length: 5 }, () => splitMs(length)));
    const ratio = (): number => fastestMs(80_000) / fastestMs(10_000);
    splitMs(10_000);
    // Eight times the text: 8 where the time grows in proportion, 64 where it grows with the square.
    let least = ratio();
    for (let attempt = 1; attempt < 4 && least >= 24; attempt++) least = Math.min(least, ratio());
    expect(least).toBeLessThan(24);
  },
);
