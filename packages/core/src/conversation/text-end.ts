import { CONTINUING_ENDINGS, CONTINUING_WORDS } from './continuing-words.ts';

/**
 * What the end of a text says about its speaker. `finished`: it is marked as the end of a sentence.
 * `unfinished`: a mark or a word wants something to follow. `unmarked`: neither, which means nothing
 * unless whoever wrote it down puts marks.
 */
export type TextEnd = 'finished' | 'unfinished' | 'unmarked';

/** Quotes, brackets and white space behind the last word or mark. */
const CLOSERS = /["'”’»)\]」』）\s]+$/u;
const TRAILS_OFF = /(?:\.{2,}|…|[,;:،؛，、；：–—-])$/u;
const SENTENCE_END = /[.!?؟۔։。！？｡।॥]$/u;
const LAST_WORD = /[\p{L}\p{M}'’]+$/u;

/** Reads the end of what somebody was heard to say. */
export function textEnd(text: string): TextEnd {
  const said = text.replace(CLOSERS, '');
  if (TRAILS_OFF.test(said)) return 'unfinished';
  if (SENTENCE_END.test(said)) return 'finished';
  const lastWord = LAST_WORD.exec(said)?.[0].toLowerCase().replaceAll('’', "'") ?? '';
  const wantsMore =
    CONTINUING_WORDS.has(lastWord) || CONTINUING_ENDINGS.some((ending) => said.endsWith(ending));
  return wantsMore ? 'unfinished' : 'unmarked';
}
