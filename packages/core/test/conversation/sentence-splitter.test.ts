import { describe, expect, test } from 'vitest';

import { SentenceSplitter } from '../../src/conversation/sentence-splitter.ts';

const CASES: readonly (readonly [string, readonly string[]])[] = [
  ['Hello there. How are you? Fine!', ['Hello there.', 'How are you?', 'Fine!']],
  ['Really?! Yes.', ['Really?!', 'Yes.']],
  ['Without an end', ['Without an end']],
  ['', []],
  [' \n\t ', []],

  // Abbreviations
  ['Dr. Smith met Mrs. Jones. They spoke.', ['Dr. Smith met Mrs. Jones.', 'They spoke.']],
  ['Mr. and Mrs. Smith vs. Jones. Done.', ['Mr. and Mrs. Smith vs. Jones.', 'Done.']],
  ['Fruit, e.g. apples, i.e. this. Yes.', ['Fruit, e.g. apples, i.e. this.', 'Yes.']],
  ['(Prof. Green) said so. Yes.', ['(Prof. Green) said so.', 'Yes.']],
  ['Apples, pears, etc. are fruit. Yes.', ['Apples, pears, etc. are fruit.', 'Yes.']],
  ['Apples, pears, etc. That is all.', ['Apples, pears, etc.', 'That is all.']],
  ['At 5 p.m. we close. See you.', ['At 5 p.m. we close.', 'See you.']],
  ['We close at 5 p.m. Goodbye.', ['We close at 5 p.m.', 'Goodbye.']],
  ['We close at 5 p.m.', ['We close at 5 p.m.']],
  ['See No. 5 for it. Yes.', ['See No. 5 for it.', 'Yes.']],
  ['No. That is wrong.', ['No.', 'That is wrong.']],
  ['Is it? No. ', ['Is it?', 'No.']],

  // Initials
  ['J. R. R. Tolkien wrote it. I read it.', ['J. R. R. Tolkien wrote it.', 'I read it.']],
  ['The U.S. is big. So is Ö. Österreich.', ['The U.S. is big.', 'So is Ö. Österreich.']],
  ['So do I. You too.', ['So do I.', 'You too.']],

  // Numbers and addresses
  ['It costs 3.50 dollars. Yes.', ['It costs 3.50 dollars.', 'Yes.']],
  ['I am 42. You are 6.', ['I am 42.', 'You are 6.']],
  ['Pi is 3.14159. Version 2.0. Good.', ['Pi is 3.14159.', 'Version 2.0.', 'Good.']],
  [
    'Visit https://a.example/x.html?y=1.5. Then call.',
    ['Visit https://a.example/x.html?y=1.5.', 'Then call.'],
  ],
  ['See www.example.com. Thanks.', ['See www.example.com.', 'Thanks.']],
  ['Write to a.b@c.example! Bye.', ['Write to a.b@c.example!', 'Bye.']],

  // Lists and paragraphs
  [
    'Here it is:\n1. Apples\n2. Pears\n\nThat is all.',
    ['Here it is:\n1. Apples\n2. Pears', 'That is all.'],
  ],
  ['10. Ten\n\n11. Eleven', ['10. Ten', '11. Eleven']],
  ['A heading\n\nA text.', ['A heading', 'A text.']],
  ['Yes.\nNo.\nMaybe.', ['Yes.', 'No.', 'Maybe.']],

  // Ellipses
  ['Well... I think so. Maybe… yes.', ['Well...', 'I think so.', 'Maybe…', 'yes.']],
  ['Wait...what? Yes.', ['Wait...what?', 'Yes.']],

  // Quotes and brackets
  ['He said "Go." Then he left.', ['He said "Go."', 'Then he left.']],
  ['“Go!” she said. ‘No.’ Yes.', ['“Go!”', 'she said.', '‘No.’', 'Yes.']],
  ['(Really?) Yes. [So.] Good.', ['(Really?)', 'Yes.', '[So.]', 'Good.']],

  // Scripts without spaces
  ['你好。你是谁？我很好！', ['你好。', '你是谁？', '我很好！']],
  ['「你好。」他说。走吧！', ['「你好。」', '他说。', '走吧！']],
  ['ありがとう！！本当に？はい。', ['ありがとう！！', '本当に？', 'はい。']],
  ['価格は3.5ドルです。次へ。', ['価格は3.5ドルです。', '次へ。']],

  // Scripts with signs of their own
  ['नमस्ते। आप कैसे हैं? ठीक हूँ।', ['नमस्ते।', 'आप कैसे हैं?', 'ठीक हूँ।']],
  ['श्लोक॥ अगला।', ['श्लोक॥', 'अगला।']],
  ['كيف حالك؟ بخير. شكرا!', ['كيف حالك؟', 'بخير.', 'شكرا!']],
  ['یہ ہے۔ وہ ہے۔', ['یہ ہے۔', 'وہ ہے۔']],
  ['안녕하세요. 반갑습니다!', ['안녕하세요.', '반갑습니다!']],
];

function split(text: string, pieceLengths: readonly number[]): string[] {
  const splitter = new SentenceSplitter();
  const sentences: string[] = [];
  for (let start = 0, piece = 0; start < text.length; piece++) {
    const length = pieceLengths[piece % pieceLengths.length] ?? 1;
    sentences.push(...splitter.push(text.slice(start, start + length)));
    start += length;
  }
  return [...sentences, splitter.flush()].filter((sentence) => sentence !== '');
}

describe('a splitter', () => {
  test.for(CASES)('cuts %j', ([text, sentences]) => {
    expect(split(text, [1000])).toEqual(sentences);
  });

  test.for(CASES)('cuts %j in the same way whatever the pieces', ([text, sentences]) => {
    for (const pieceLengths of [[1], [2], [3], [5], [1, 4, 2], [7, 1]]) {
      expect(split(text, pieceLengths)).toEqual(sentences);
    }
  });

  test('cuts a long text of all of them together in the same way whatever the pieces', () => {
    const text = CASES.map(([one]) => one).join('\n\n');
    const whole = split(text, [100_000]);
    for (const pieceLengths of [[1], [4], [3, 11], [50]]) {
      expect(split(text, pieceLengths)).toEqual(whole);
    }
  });

  test('hands a sentence over as soon as the next begins, not later', () => {
    const splitter = new SentenceSplitter();
    expect(splitter.push('Hello the')).toEqual([]);
    expect(splitter.push('re.')).toEqual([]);
    expect(splitter.push(' ')).toEqual(['Hello there.']);
    expect(splitter.push('How are')).toEqual([]);
    expect(splitter.flush()).toBe('How are');
  });

  test('hands several over at once', () => {
    expect(new SentenceSplitter().push('One. Two. Three. Fo')).toEqual(['One.', 'Two.', 'Three.']);
  });

  test('starts anew after a flush', () => {
    const splitter = new SentenceSplitter();
    splitter.push('Left over');
    expect(splitter.flush()).toBe('Left over');
    expect(splitter.flush()).toBe('');
    expect(splitter.push('New. ')).toEqual(['New.']);
  });

  test('loses no word', () => {
    const text = CASES.map(([one]) => one).join(' ');
    expect(split(text, [6]).join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
  });
});
