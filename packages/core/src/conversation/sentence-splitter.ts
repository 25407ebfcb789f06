/** Never the end of a sentence. */
const ABBREVIATION = abbreviations('dr|mr|mrs|ms|prof|st|sr|jr|vs|e\\.g|i\\.e|dept');
/** The end of a sentence unless a number follows: "No. 5", but "No. It is not." */
const NUMBER_SIGN = abbreviations('no|nos|vol|fig|approx');
/** The end of a sentence unless it goes on in lower case: "5 p.m. today", but "5 p.m. Bye." */
const CLOSING_ABBREVIATION = abbreviations('etc|a\\.m|p\\.m|inc|ltd|co');
/** A single capital, but not the word "I". */
const INITIAL = /(?:^|[\s.("'“‘])(?!I\.)\p{Lu}\.$/u;
const LIST_NUMBER = /(?:^|\n)\s*\d{1,3}\.$/;
/** A terminator with closing quotes or brackets, then white space that shows that it is over. */
const SPACED_END = /[.!?…؟۔]+["'”’)\]]*(?=\s)|\n\s*\n/gu;
/** Terminators of scripts that put no space behind them; what follows shows that no quote closes. */
const UNSPACED_END = /[。！？｡।॥]+["'”’」』）]*(?=[^。！？｡।॥"'”’」』）])/gu;

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
    .filter((end) => !isInsideSentence(text.slice(0, end), text.slice(end).trimStart()))
    .toSorted((a, b) => a - b);
  return ends[0];
}

/** Where the answer lies in what follows and nothing has come yet, it is yes for now. */
function isInsideSentence(upToEnd: string, following: string): boolean {
  if (NUMBER_SIGN.test(upToEnd)) return following === '' || /^\d/.test(following);
  if (CLOSING_ABBREVIATION.test(upToEnd)) return following === '' || /^\p{Ll}/u.test(following);
  return ABBREVIATION.test(upToEnd) || INITIAL.test(upToEnd) || LIST_NUMBER.test(upToEnd);
}

function abbreviations(alternatives: string): RegExp {
  return new RegExp(`(?:^|[\\s("'“‘])(?:${alternatives})\\.$`, 'i');
}
