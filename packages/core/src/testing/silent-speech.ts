import type { AnswerSpeech } from '../agent/speech.ts';

/** The speech of an answer in text alone: whatever is said is heard at once. */
export class SilentSpeech implements AnswerSpeech {
  readonly isIdle = true;
  readonly playedMs = 0;
  readonly #sentences: string[] = [];

  get sentenceCount(): number {
    return this.#sentences.length;
  }

  say(text: string): void {
    this.#sentences.push(text);
  }

  text(fromSentence = 0, toSentence: number = this.#sentences.length): string {
    return this.#sentences.slice(fromSentence, toSentence).join(' ');
  }

  heard(fromSentence?: number, toSentence?: number): string {
    return this.text(fromSentence, toSentence);
  }
}
