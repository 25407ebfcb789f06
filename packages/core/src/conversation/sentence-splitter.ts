import { cutPosition, judgeClause, MAX_LENGTH } from './clause-end.ts';
import type { Verdict } from './sentence-end.ts';
import { judgeLineEnd, judgeStop, LOOK_AHEAD } from './sentence-end.ts';

/** How a {@link SentenceSplitter} cuts. */
export interface SentenceSplitterOptions {
  /**
   * How long the first clause of an answer has to be, in characters, to be handed over before its
   * sentence is complete. The caller waits for the first piece and for no other, since the voice is
   * busy with one while the next is written. 24 characters are about four words and 1.6 s of speech,
   * enough for the next piece to be written and synthesised meanwhile; less sounds chopped.
   * `false` has it wait for the sentence. @default 24
   */
  readonly firstClauseMinLength?: number | false;
}

/**
 * Whatever may end a piece. The lengths of runs are bounded, so that a run without an end is no
 * reason to wait for ever.
 */
const MARK = new RegExp(
  [
    String.raw`(?<terminators>[.!?…؟۔։]{1,32}|(?<=[.!?…]\s)»)(?<closers>["'”’“»«›‹)\]}*_~\x60]{0,16}[.!?…]{0,16})`,
    String.raw`(?<unspaced>[。！？｡।॥።။។]{1,32}[。！？｡।॥.!?…"'”’“」』）】》*_~\x60]{0,16})`,
    String.raw`(?<line>\n)`,
    String.raw`(?<clause>[,;:،؛，；：–—-]|(?<=[\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]) )`,
  ].join('|'),
  'gu',
);

/**
 * Cuts text that arrives in pieces into sentences, each as soon as it is complete, so that a voice
 * can begin with the first while the rest is being written. Nothing but white space at their borders
 * is lost, and however the text was cut before, the sentences are the same.
 *
 * A sentence is complete with the white space behind its terminator. More has to be there, but never
 * more than 32 characters, where the answer lies in it: the first letter of the next word behind an
 * ellipsis, a closing quote or bracket, "etc." or "No."; that word behind "3." (may be "Oktober") and
 * "U.S."; a character behind 。 and its like, which no space follows; the first letter of the next line
 * behind a line that is no heading, bullet or the like. The first clause needs to see 12 characters of
 * what follows it, so that ", sir." is not torn off. A run of 200 characters without an end is cut
 * where a clause ends, else between two words.
 *
 * `Intl.Segmenter` finds words in scripts without spaces. For sentences it is no help: it ends them
 * behind "Dr.", and needs the whole text.
 */
export class SentenceSplitter {
  readonly #firstClauseMinLength: number;
  /** What was not handed over; it does not begin with white space. */
  #text = '';
  /** Up to here nothing in the text is an end. */
  #judged = 0;
  /** The start of the line in which the text begins, as far as it was handed over. */
  #lineHead = '';
  #isFirst = true;

  constructor(options: SentenceSplitterOptions = {}) {
    const { firstClauseMinLength = 24 } = options;
    this.#firstClauseMinLength = firstClauseMinLength === false ? Infinity : firstClauseMinLength;
  }

  /** The sentences that are complete with this piece. */
  push(piece: string): string[] {
    this.#text += piece;
    this.#skip(0);
    const sentences: string[] = [];
    for (let end = this.#nextEnd(); end !== undefined; end = this.#nextEnd()) {
      sentences.push(this.#text.slice(0, end).trim());
      this.#skip(end);
      this.#isFirst = false;
    }
    return sentences;
  }

  /** What is left when no more comes; empty where nothing is. What is pushed then is a new answer. */
  flush(): string {
    const rest = this.#text.trim();
    this.#text = '';
    this.#judged = 0;
    this.#lineHead = '';
    this.#isFirst = true;
    return rest;
  }

  #nextEnd(): number | undefined {
    const text = this.#text;
    MARK.lastIndex = this.#judged;
    for (let mark = MARK.exec(text); mark && mark.index < MAX_LENGTH; mark = MARK.exec(text)) {
      const end = mark.index + mark[0].length;
      const verdict = this.#judge(mark, end);
      if (verdict === 'end') return end;
      this.#judged = verdict === 'open' ? mark.index : end;
      if (verdict === 'open') return undefined;
    }
    if (text.length > MAX_LENGTH) return cutPosition(text);
    this.#judged = text.length;
    return undefined;
  }

  #judge(mark: RegExpExecArray, end: number): Verdict {
    const { terminators, closers = '', line, clause } = mark.groups ?? {};
    const after = this.#text.slice(end, end + LOOK_AHEAD);
    if (terminators !== undefined) {
      return judgeStop({ before: this.#lineUpTo(mark.index), terminators, closers, after });
    }
    if (line !== undefined) return judgeLineEnd(this.#lineUpTo(mark.index), after);
    if (clause === undefined) return after === '' ? 'open' : 'end';
    if (!this.#isFirst) return 'inside';
    const before = this.#text.slice(0, mark.index);
    return judgeClause(before, clause, after, this.#firstClauseMinLength);
  }

  #lineUpTo(position: number): string {
    const start = this.#text.lastIndexOf('\n', position - 1) + 1;
    return `${start === 0 ? this.#lineHead : ''}${this.#text.slice(start, position)}`;
  }

  /** Takes off what was handed over, and the white space behind it. */
  #skip(end: number): void {
    const rest = this.#text.slice(end).trimStart();
    const skipped = this.#text.slice(0, this.#text.length - rest.length);
    if (skipped === '') return;
    const line = skipped.lastIndexOf('\n') + 1;
    const head = `${line === 0 ? this.#lineHead : ''}${skipped.slice(line)}`;
    this.#lineHead = head === '' ? '' : `${head.slice(0, LOOK_AHEAD)} `;
    this.#text = rest;
    this.#judged = 0;
  }
}
