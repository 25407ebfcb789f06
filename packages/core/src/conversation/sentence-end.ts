import {
  MAYBE_LAST,
  MONTHS,
  MORE_FOLLOWS,
  NUMBER_FOLLOWS,
  ORDINAL_ARTICLES,
  SENTENCE_OPENERS,
} from './abbreviations.ts';

/** Whether a mark ends a piece of text; `open` as long as more of the text is needed to know. */
export type Verdict = 'end' | 'inside' | 'open';

/** As much of what follows a mark as may be looked at, in characters: a long word and what surrounds it. */
export const LOOK_AHEAD = 32;

/** Terminators where they stand in a line. */
export interface Stop {
  /** The line up to them, or at least its last words. */
  readonly before: string;
  readonly terminators: string;
  /** Quotes, brackets and marks of emphasis that close right behind them. */
  readonly closers: string;
  /** What follows, up to {@link LOOK_AHEAD} characters. */
  readonly after: string;
}

const OPENING = /^["'“‘„«»([*_¿¡]+/;
const ELLIPSIS = /^(?:\.{2,}|…+)$/;
const GOES_ON = /^[\p{Ll},;:]/u;
/** "1." or "a." at the start of a line, behind marks of quotes, headings and emphasis. */
const LIST_LABEL = /^[\s>*_#]*(?:\d{1,3}|\p{L})$/u;
const DAY = /^\d{1,2}(?:\.\d{1,2})?$/;
/** One letter, unless it is a word in some language, or several with full stops between them. */
const INITIALS = /^(?:(?:\p{L}\.)+\p{L}|\p{Lu}|[a-z])$/u;
/** A line that is complete at its end: headings, bullets, numbered items, quotes, tables, fences. */
const BLOCK_LINE = /^\s*(?:#{1,6}\s|[-*+•‣◦▪●]\s|(?:\d{1,3}|[a-z])[.)]\s|>|\||`{3}|~{3})/i;

/** Judges terminators of a script that puts a space behind them. */
export function judgeStop(stop: Stop): Verdict {
  const { before, terminators, closers, after } = stop;
  if (after === '') return 'open';
  if (!/^\s/.test(after)) return 'inside';
  const following = after.trimStart();
  if (isInGuillemets(before)) {
    if (following === '') return orEnd('open', after);
    if (following.startsWith('»')) return 'inside';
  }
  const next = following.replace(OPENING, '');
  const closesQuote = terminators === '»' || /[^*_~`]/.test(closers);
  if (closesQuote || ELLIPSIS.test(terminators)) return orEnd(endUnless(GOES_ON, next), after);
  return terminators === '.' ? orEnd(judgeFullStop(before, next), after) : 'end';
}

/** Judges the end of a line: it ends a piece, unless it is one at which running text was wrapped. */
export function judgeLineEnd(line: string, after: string): Verdict {
  if (BLOCK_LINE.test(line) || /^[^\S\n]*\n/.test(after)) return 'end';
  return orEnd(endUnless(/^\p{Ll}/u, after.trimStart()), after);
}

function judgeFullStop(before: string, next: string): Verdict {
  if (LIST_LABEL.test(before)) return 'inside';
  const word = abbreviationIn(before);
  if (isListed(MORE_FOLLOWS, word)) return 'inside';
  if (isListed(NUMBER_FOLLOWS, word)) return endUnless(/^\+?\d/, next);
  if (isListed(MAYBE_LAST, word)) return endUnless(GOES_ON, next);
  if (DAY.test(word)) return judgeDay(before, next);
  if (INITIALS.test(word)) return judgeInitials(word, next);
  return 'end';
}

/** "3. Oktober", "3. oktober", "3. 10. 2024", "im 3. Jahr"; but "You are 6. He is 7." */
function judgeDay(before: string, next: string): Verdict {
  const article = /(\p{L}+)\s+\S+$/u.exec(before)?.[1]?.toLowerCase() ?? '';
  if (ORDINAL_ARTICLES.has(article) || /^(?:\p{Ll}|\d{1,2}\.)/u.test(next)) return 'inside';
  if (/\d\.\s*\d{1,2}$/.test(before) && /^\d/.test(next)) return 'inside';
  if (/^\d{1,2}$/.test(next)) return 'open';
  return ifFirstWordIn(MONTHS, next, 'inside', 'end');
}

function judgeInitials(word: string, next: string): Verdict {
  if (word === 'I') return 'end';
  return ifFirstWordIn(SENTENCE_OPENERS, next, 'end', 'inside');
}

function endUnless(inside: RegExp, next: string): Verdict {
  if (next === '') return 'open';
  return inside.test(next) ? 'inside' : 'end';
}

/** Known before the word is complete where no word of the set begins like it. */
function ifFirstWordIn(
  set: ReadonlySet<string>,
  next: string,
  listed: Verdict,
  other: Verdict,
): Verdict {
  const word = /^\p{L}*/u.exec(next)?.[0] ?? '';
  if (next.length > word.length) return set.has(word) ? listed : other;
  return [...set].some((one) => one.startsWith(word)) ? 'open' : other;
}

/** Where all that may be looked at says nothing, it is over. */
function orEnd(verdict: Verdict, after: string): Verdict {
  return verdict === 'open' && after.length >= LOOK_AHEAD ? 'end' : verdict;
}

/** The last word without what opens it; where it is known with spaces, "z. B" as "z.B". */
function abbreviationIn(before: string): string {
  const [words = ''] = /(?:(?<![^\s"'“‘„«([])\p{L}{1,3}\.\s)*\S+$/u.exec(before.slice(-48)) ?? [];
  const [word = ''] = /\S+$/.exec(words) ?? [];
  const joined = words.replaceAll(/\s/g, '').replace(OPENING, '');
  return isKnown(joined) ? joined : word.replace(OPENING, '');
}

function isKnown(word: string): boolean {
  return [MORE_FOLLOWS, MAYBE_LAST].some((set) => isListed(set, word)) || INITIALS.test(word);
}

function isListed(set: ReadonlySet<string>, word: string): boolean {
  return set.has(word) || set.has(word.charAt(0).toLowerCase() + word.slice(1));
}

function isInGuillemets(before: string): boolean {
  return before.lastIndexOf('«') > before.lastIndexOf('»');
}
