import { textEnd } from '../conversation/text-end.ts';

/**
 * How long silence is let pass, beyond what a turn detector waits for, before one participant's turn is
 * over: not at all where the newest words end a sentence, longer where they leave one open.
 */
export class Patience {
  readonly #unfinishedDelayMs: number;
  /** Of the turn that goes on; empty before its first words. */
  #newestText = '';
  /** Whether the speech to text was seen to put marks: only then does a missing one mean anything. */
  #hasMarks = false;

  constructor(unfinishedDelayMs: number) {
    this.#unfinishedDelayMs = unfinishedDelayMs;
  }

  /** In milliseconds, for now: it changes with the words. */
  get delayMs(): number {
    return this.#isUnfinished() ? this.#unfinishedDelayMs : 0;
  }

  /** Takes the newest words. */
  heard(text: string): void {
    if (text === '') return;
    this.#newestText = text;
    this.#hasMarks ||= textEnd(text) === 'finished';
  }

  /** Another turn begins: the words of the last one say nothing about it. */
  forget(): void {
    this.#newestText = '';
  }

  #isUnfinished(): boolean {
    // Without words there is nothing to answer yet: they may come while the time passes.
    if (this.#newestText === '') return true;
    switch (textEnd(this.#newestText)) {
      case 'finished':
        return false;
      case 'unfinished':
        return true;
      case 'unmarked':
        return this.#hasMarks;
    }
  }
}
