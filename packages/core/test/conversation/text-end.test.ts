import { expect, test } from 'vitest';

import type { TextEnd } from '../../src/conversation/text-end.ts';
import { textEnd } from '../../src/conversation/text-end.ts';

const CASES: Readonly<Record<TextEnd, readonly string[]>> = {
  finished: [
    'I want to go home.',
    'Where are you from?',
    'Stop! ',
    'He said "No."',
    'He said “Never!”',
    '(It is late.)',
    'Is that what it is for?',
    '我想去北京。',
    '你好吗？',
    '（そうです。）',
    'मैं घर जाना चाहता हूँ।',
    'ما اسمك؟',
    'At 5 p.m.',
    'And.', // whoever writes it down heard the sentence end
  ],
  unfinished: [
    'Well,',
    'I would like three things:',
    'My number is –',
    'My number is —',
    'I wan-',
    'I was thinking...',
    'I was thinking…',
    '"I was thinking…"',
    '但是，',
    'あの、',
    'نعم،',
    'I want to',
    'because',
    'It is the',
    'Yes, AND ',
    'And then, um',
    'I’d',
    'Ich möchte ein',
    'Ich komme nicht, weil',
    'Es ist für',
    'Je voudrais un',
    'Quiero una mesa para',
    'Vorrei una camera con',
    'Een tafel voor',
    'मुझे एक कमरा चाहिए और',
    '我想去北京，但是',
    '予約したいんですけど',
    '어제 갔는데 그리고',
  ],
  unmarked: [
    'Hello',
    'I like that',
    'What is it that you want',
    'Come in',
    'I saw the band', // ends like "and"
    'Zwei Zimmer bitte',
    'C’est ma voiture',
    'Dos',
    'I need a van',
    '我想去北京',
    '42',
    '',
    '   ',
    '"',
  ],
};

const TABLE = Object.entries(CASES).flatMap(([end, texts]) => texts.map((text) => [text, end]));

test.for(TABLE)('%j is %s', ([text = '', end]) => {
  expect(textEnd(text)).toBe(end);
});
