import type { Verdict } from './sentence-end.ts';
import { wordSegmenter } from './word-segmenter.ts';

/** Longer runs without an end are cut: about 13 s of English speech. */
export const MAX_LENGTH = 200;
/** Longer words, such as URLs and encoded data, are cut in the middle. */
const MAX_WORD_LENGTH = 1000;
/** A clause is taken only where the sentence goes on for this long, in characters: not for ", sir." */
const TAIL_LENGTH = 12;
const TAIL_LENGTH_CJK = 6;

const FULL_WIDTH = /[，；：]/;
/** Marks between clauses, as far as they do not stand between two numbers. */
const CLAUSE_MARK = /(?:(?<!\d)[,;:،؛]|[,;:،؛](?!\s\d))(?=\s)|(?<=\s)[–—-](?=\s)|[，；：、]/gu;
/** White space that does not stand between two digits. */
const WORD_BORDER = /(?<!\d)\s|\s(?!\d)/g;
const STOP = /[.!?…؟۔։。！？｡।॥\n]/;
const WIDE = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/gu;
const SPACELESS =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
/** What closes an enclosed part, by what opens it; languages differ in the former. */
const CLOSERS: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['“', '”'],
  ['„', '“”'],
  ['«', '»'],
  ['»', '«'],
  ['(', ')'],
  ['[', ']'],
  ['「', '」'],
  ['『', '』'],
  ['（', '）'],
]);

/**
 * Judges whether a sentence may be left at the end of one of its clauses.
 * @param before the piece up to the mark
 * @param mark a comma, semicolon, colon or dash, or a space of a script that has it between phrases only
 * @param minLength how long the clause has to be
 */
export function judgeClause(
  before: string,
  mark: string,
  after: string,
  minLength: number,
): Verdict {
  const isFullWidth = FULL_WIDTH.test(mark);
  if (mark === '-' && !/\s$/.test(before)) return 'inside';
  if (spokenLength(before) + 1 < minLength || isEnclosed(before)) return 'inside';
  if (after === '') return 'open';
  if (mark === ' ' ? !SPACELESS.test(after.charAt(0)) : !isFullWidth && !/^\s/.test(after)) {
    return 'inside';
  }
  const tailLength = isFullWidth ? TAIL_LENGTH_CJK : TAIL_LENGTH;
  const tail = after.trimStart().slice(0, tailLength);
  if (STOP.test(tail) || (/\d$/.test(before) && /^\d/.test(tail))) return 'inside';
  return tail.length < tailLength ? 'open' : 'end';
}

/** Where to cut a text of more than {@link MAX_LENGTH}; undefined while a long word goes on. */
export function cutPosition(text: string): number | undefined {
  const start = text.slice(0, MAX_LENGTH);
  const clause = [...start.matchAll(CLAUSE_MARK)].at(-1);
  if (clause && clause.index >= MAX_LENGTH / 2) return clause.index + 1;
  const border = [...start.matchAll(WORD_BORDER)].at(-1);
  if (border && border.index > 0) return border.index;
  if (SPACELESS.test(start.slice(-8))) return lastWordBorder(start);
  const end = text.slice(0, MAX_WORD_LENGTH).search(/\s/);
  if (end > 0) return end;
  if (text.length <= MAX_WORD_LENGTH) return undefined;
  const isInPair = /[\uD800-\uDBFF]$/.test(text.slice(0, MAX_WORD_LENGTH));
  return isInPair ? MAX_WORD_LENGTH - 1 : MAX_WORD_LENGTH;
}

/** The last word is left out: it may go on. */
function lastWordBorder(text: string): number {
  const words = [...wordSegmenter().segment(text)];
  return words.at(-1)?.index || text.length;
}

/** A sign of Chinese, Japanese or Korean takes as long to say as two letters at least. */
function spokenLength(text: string): number {
  return text.length + (text.match(WIDE)?.length ?? 0);
}

function isEnclosed(text: string): boolean {
  const awaited: string[] = [];
  for (const character of text) {
    const closers = CLOSERS.get(character);
    if (awaited.at(-1)?.includes(character)) awaited.pop();
    else if (closers !== undefined) awaited.push(closers);
  }
  return awaited.length > 0;
}
