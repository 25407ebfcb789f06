import { wordSegmenter } from './word-segmenter.ts';

/** How many words a text has, in scripts with and without spaces between them; stops at `limit`. */
export function countWords(text: string, limit: number): number {
  let count = 0;
  for (const { isWordLike } of wordSegmenter().segment(text)) {
    if (isWordLike === true) count += 1;
    if (count >= limit) break;
  }
  return count;
}
