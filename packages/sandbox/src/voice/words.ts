import type { HeardCharacter } from './listener.ts';

/** A word recognised in audio, with offsets in ms from the first sample heard. */
export interface HeardWord {
  word: string;
  startMs: number;
  endMs: number;
}

/** Gathers characters into words; white space and the beginning of another utterance end a word. */
export class WordCollector {
  #words: HeardWord[] = [];
  #open = false;

  /** The words so far, the last one possibly unfinished. */
  get words(): readonly HeardWord[] {
    return this.#words;
  }

  /** The words so far, as a text with single spaces. */
  get text(): string {
    return this.#words.map(({ word }) => word).join(' ');
  }

  /** Takes the next character; true when it belongs to a word. */
  add({ text, startMs, endMs }: HeardCharacter): boolean {
    if (/\s/u.test(text)) {
      this.#open = false;
      return false;
    }
    const last = this.#words.at(-1);
    if (this.#open && last !== undefined) {
      last.word += text;
      last.endMs = endMs;
    } else this.#words.push({ word: text, startMs, endMs });
    this.#open = true;
    return true;
  }

  /** The next character begins a new word. */
  breakWord(): void {
    this.#open = false;
  }

  /** Hands over the words and starts anew. */
  take(): HeardWord[] {
    const words = this.#words;
    this.#words = [];
    this.#open = false;
    return words;
  }
}
