let segmenter: Intl.Segmenter | undefined;

/**
 * Finds the words of a text, in scripts with and without spaces between them. There is one for all: the
 * first of a process takes tens of milliseconds to make, and each other one longer than its use.
 */
export function wordSegmenter(): Intl.Segmenter {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'word' });
  return segmenter;
}
