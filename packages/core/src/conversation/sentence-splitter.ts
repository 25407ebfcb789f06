const ABBREVIATION =
  /(?:^|[\s("'“‘])(?:dr|mr|mrs|ms|prof|st|sr|jr|vs|etc|e\.g|i\.e|approx|dept|no|vol|fig|inc|ltd|co)\.$/i;
const INITIAL = /(?:^|[\s.("'“‘])\p{Lu}\.$/u;
const LIST_NUMBER = /(?:^|\n)\s*\d{1,3}\.$/;
/** A terminator with closing quotes or brackets, then white space that shows that it is over. */
const SPACED_END = /[.!?…]+["'”’)\]]*(?=\s)|\n\s*\n/gu;
/** Terminators of scripts that put no space behind them. */
const UNSPACED_END = /[。！？｡।॥]+["'”’」』）]*/gu;

/**
 * Cuts text that arrives in pieces into sentences, each as soon as it is complete, so that a voice
 * can begin with the first while the rest is being written.
 */
export class SentenceSplitter {
  #rest = '';

  /** The sentences that are complete with this piece. */
  push(piece: string): string[] {
    this.#rest += piece;
    const sentences: string[] = [];
    for (let end = nextEnd(this.#rest); end !== undefined; end = nextEnd(this.#rest)) {
      const sentence = this.#rest.slice(0, end).trim();
      this.#rest = this.#rest.slice(end).trimStart();
      if (sentence !== '') sentences.push(sentence);
    }
    return sentences;
  }

  /** What is left when no more comes; empty where nothing is. */
  flush(): string {
    const rest = this.#rest.trim();
    this.#rest = '';
    return rest;
  }
}

function nextEnd(text: string): number | undefined {
  const ends = [...text.matchAll(UNSPACED_END), ...text.matchAll(SPACED_END)]
    .map((match) => match.index + match[0].length)
    .filter((end) => !isInsideSentence(text.slice(0, end)))
    .toSorted((a, b) => a - b);
  return ends[0];
}

function isInsideSentence(upToEnd: string): boolean {
  return ABBREVIATION.test(upToEnd) || INITIAL.test(upToEnd) || LIST_NUMBER.test(upToEnd);
}
