const OPEN = '<think>';
const CLOSE = '</think>';

/**
 * Takes out what open models think aloud between `<think>` and `</think>` at the beginning of an answer,
 * where their server leaves it in the text. Nothing else is held back.
 */
export class ThinkFilter {
  #state: 'beginning' | 'thinking' | 'speaking' = 'beginning';
  #held = '';

  /** The text that is for the caller's ears. */
  push(text: string): string {
    if (this.#state === 'speaking') return text;
    this.#held += text;
    if (this.#state === 'beginning') {
      const begun = this.#held.trimStart();
      if (begun.length < OPEN.length && OPEN.startsWith(begun)) return '';
      if (!begun.startsWith(OPEN)) return this.#speak(this.#held);
      this.#state = 'thinking';
      this.#held = begun.slice(OPEN.length);
    }
    const end = this.#held.indexOf(CLOSE);
    if (end >= 0) return this.#speak(this.#held.slice(end + CLOSE.length).trimStart());
    // The tag may have been cut; the thought before it need not be kept.
    this.#held = this.#held.slice(-(CLOSE.length - 1));
    return '';
  }

  /** What was held back and turns out to be text, once no more comes. */
  flush(): string {
    return this.#state === 'beginning' ? this.#speak(this.#held) : '';
  }

  #speak(text: string): string {
    this.#state = 'speaking';
    this.#held = '';
    return text;
  }
}
