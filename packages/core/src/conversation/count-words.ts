const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** How many words a text has, in scripts with and without spaces between them; stops at `limit`. */
export function countWords(text: string, limit: number): number {
  let count = 0;
  for (const { isWordLike } of segmenter.segment(text)) {
    if (isWordLike === true) count += 1;
    if (count >= limit) break;
  }
  return count;
}
