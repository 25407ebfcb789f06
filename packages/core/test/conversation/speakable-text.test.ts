import { describe, expect, test } from 'vitest';

import { SentenceSplitter } from '../../src/conversation/sentence-splitter.ts';
import { speakableText } from '../../src/conversation/speakable-text.ts';

const CASES: readonly (readonly [string, string])[] = [
  ['Plain text, as it is.', 'Plain text, as it is.'],
  ['', ''],
  ['  two   spaces  ', 'two spaces'],

  // Emphasis
  ['**bold** and __bold__', 'bold and bold'],
  ['*one* and _one_, ***three***', 'one and one, three'],
  ['~~gone~~ and `code` and ``more``', 'gone and code and more'],
  ['**Note:** it is *so.*', 'Note: it is so.'],
  ['foo**bar**baz', 'foobarbaz'],
  ['这是**重点**内容', '这是重点内容'],
  ['call snake_case_name(a_b)', 'call snake_case_name(a_b)'],
  ['2*3*4, 2 * 3, a*b and 2**8', '2*3*4, 2 * 3, a*b and 2**8'],
  ['about ~5', 'about ~5'],
  ['\\*escaped\\* and snake\\_case', 'escaped and snake_case'],
  ['https://a.example/_b/c__/d*e stays', 'https://a.example/_b/c__/d*e stays'],
  ['**https://a.example/b_c**.', 'https://a.example/b_c.'],

  // Emphasis whose other half is in another piece
  ['**bold', 'bold'],
  ['words**', 'words'],
  ['_so', 'so'],
  ['much_.', 'much.'],
  ['*', ''],
  ['see [the. first', 'see the. first'],
  ['second](https://a.example/b_c) part', 'second part'],
  ['second] part', 'second part'],

  // Lines
  ['# Title', 'Title'],
  ['### C# and F# ###', 'C# and F#'],
  ['#1 of #these', '#1 of #these'],
  ['- item', 'item'],
  ['  * item', 'item'],
  ['• item', 'item'],
  ['- [x] done', 'done'],
  ['-5 degrees', '-5 degrees'],
  ['1. First', '1. First'],
  ['2) **Second**', '2) Second'],
  ['> quoted', 'quoted'],
  ['> > - deep', 'deep'],
  ['5 > 3 and 2 < 4', '5 > 3 and 2 < 4'],
  ['---', ''],
  ['* * *', ''],
  ['___', ''],
  ['====', ''],
  ['| Name | Age |', 'Name, Age'],
  ['Name | Age', 'Name, Age'],
  ['| a |  |', 'a'],
  ['|a|b|', 'a, b'],
  ['|---|:--:|', ''],
  ['a || b', 'a || b'],
  ['```ts', ''],
  ['```', ''],
  ['~~~', ''],
  ['One.\n\n```js\nlet a_b = 1;\n```\n- Two', 'One.\nlet a_b = 1;\nTwo'],

  // Links and images
  ['a [link](https://a.example "with title") here', 'a link here'],
  ['a [link](https://a.example/b_(c)) here', 'a link here'],
  ['a [link][ref] here', 'a link here'],
  ['an ![image of it](a.png)', 'an image of it'],
  ['[![image](a.png)](https://a.example)', 'image'],
  ['**[link](https://a.example)**', 'link'],
  ['<https://a.example>', 'https://a.example'],
  ['so it is[^1].', 'so it is.'],
  ['[laughs] Oh', '[laughs] Oh'],
  ['f(x) = a[1]', 'f(x) = a[1]'],

  // HTML
  ['<b>bold</b> and <span class="x">more</span>', 'bold and more'],
  ['one<br>two<br/>three', 'one two three'],
  ['<p>text</p><!-- not this -->', 'text'],
  ['wait <break time="1s"/> here', 'wait <break time="1s"/> here'],
  ['a < b and c > d', 'a < b and c > d'],
  ['a <b and c> d', 'a <b and c> d'],

  // Emoji
  ['Great! 😊', 'Great!'],
  ['😊 Great 👍🏽!', 'Great!'],
  ['one 👨‍👩‍👧‍👦 two 🏳️‍🌈 three', 'one two three'],
  ['flags 🇩🇪🇫🇷 and 🏴󠁧󠁢󠁥󠁮󠁧󠁿 here', 'flags and here'],
  ['press 1️⃣ or #️⃣ now', 'press or now'],
  ['I ❤️ it, I ❤ it', 'I it, I it'],
  ['☀️ and ⭐ and ☎ and ▶️', 'and and and'],
  ['\u{1F336} hot \u{1F575}', 'hot'],
  ['so😊so', 'so so'],
  ['so 👩‍👧 👍🏽, so 🇩🇪.', 'so, so.'],
  ['yes (😊 really)', 'yes (really)'],
  ['© ® ™ ©️ 0123456789 #*', '© ® ™ © 0123456789 #'],
  ['10 → 20 ↔ 30 ★', '10 → 20 ↔ 30 ★'],
  ['😊👍', ''],
  ['✅', ''],

  // Invisible signs
  ['zero\u200Bwidth\uFEFF and soft\u00ADhyphen', 'zerowidth and softhyphen'],
  ['left\u200Eright\u202A\u2060', 'leftright'],
  ['a\u200Db', 'ab'],
  ['می\u200Cخواهم', 'می\u200Cخواهم'],
  ['क्\u200Dष', 'क्\u200Dष'],
  ['\u200B', ''],

  // What is spoken, or heard in how it is spoken
  ['Really?! Wow!!! Well... “yes”', 'Really?! Wow!!! Well... “yes”'],
  ['$5, 10%, €3.50 & 20 °C', '$5, 10%, €3.50 & 20 °C'],
  ['50 %', '50 %'],
  ['...', ''],
  ['“”', ''],
  ['—', ''],
  ['你好。', '你好。'],
];

describe('a speakable text', () => {
  test.for(CASES)('of %j is %j', ([text, spoken]) => {
    expect(speakableText(text)).toBe(spoken);
  });

  test.for(CASES)('of the speakable text of %j is the same', ([, spoken]) => {
    expect(speakableText(spoken)).toBe(spoken);
  });

  test('has no mark left where they are cut apart by the splitter', () => {
    const splitter = new SentenceSplitter();
    const pieces = splitter.push(
      '## Plan\n**Do it. Now.** See [this. That](https://a.example/b).\n\n---\n\n- 🎉\n- *One. Two*\n',
    );
    const spoken = [...pieces, splitter.flush()].map(speakableText);
    expect(spoken.filter((text) => text !== '')).toEqual([
      'Plan',
      'Do it.',
      'Now.',
      'See this.',
      'That.',
      'One.',
      'Two',
    ]);
  });
});

test.for([
  '[',
  '![',
  '*',
  '_',
  '`',
  '|',
  '<b',
  '<!--',
  '-',
  '# ',
  '> ',
  '😊',
  ' ',
  '](',
  '[](',
  '\\',
])('a long run of %j takes time in proportion', { timeout: 60_000 }, (unit) => {
  const speakMs = (length: number): number => {
    const text = `a ${unit.repeat(length / unit.length)} b]`;
    const startedAtMs = performance.now();
    speakableText(text);
    return performance.now() - startedAtMs;
  };
  const fastestMs = (length: number): number =>
    Math.min(...Array.from({ length: 5 }, () => speakMs(length)));
  speakMs(4000);
  expect(fastestMs(32_000)).toBeLessThan(24 * Math.max(fastestMs(4000), 0.1));
});
