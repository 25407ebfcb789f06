const LETTERS = 'bcdfgklmnp';

/** Words that come once each, so that a test can tell where every single one went. */
export class UniqueWords {
  readonly #prefix: string;
  #count = 0;

  /** @param prefix which tells them from those of others; must not begin a back-channel */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  next(): string {
    this.#count += 1;
    const digits = this.#count.toString().padStart(4, '0');
    return this.#prefix + digits.replaceAll(/\d/g, (digit) => LETTERS.charAt(Number(digit)));
  }

  take(count: number): string[] {
    return Array.from({ length: count }, () => this.next());
  }

  /** A sentence with a comma in its middle. */
  sentence(count: number): string {
    const words = this.take(Math.max(1, count));
    const middle = Math.floor(words.length / 2);
    const text = words.map((word, index) => (index + 1 === middle ? `${word},` : word)).join(' ');
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  }
}

/** The words of a text, without the signs between them. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z]+/g) ?? [];
}
