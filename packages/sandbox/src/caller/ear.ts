import { Listener } from '../voice/listener.ts';
import { Answer } from './answer.ts';

/** An answer is over after so long without audio. */
const pauseMs = 600;

/** Listens to the agent, which sends audio only while it speaks. */
export class Ear {
  readonly #listener: Listener;
  readonly #silence: Int16Array;
  readonly #isTalking: () => boolean;
  #answer = new Answer();
  #pause: NodeJS.Timeout | undefined;

  /** @param isTalking whether the caller talks: then a pause of the agent is politeness, not its end */
  constructor(sampleRateHz: number, chordMs: number, isTalking: () => boolean) {
    this.#isTalking = isTalking;
    this.#listener = new Listener({
      sampleRateHz,
      chordMs,
      onSpeechStart: () => this.#answer.words.breakWord(),
      onCharacter: (character) => this.#answer.words.add(character),
    });
    this.#silence = new Int16Array(sampleRateHz / 5);
  }

  /** What is being heard, or comes next. */
  get answer(): Answer {
    return this.#answer;
  }

  /** Takes audio from the agent. */
  hear(audio: Uint8Array): void {
    this.#answer.frame();
    this.#listener.write(audio);
    this.#awaitPause();
  }

  /** From now on, what is heard belongs to another answer. */
  listen(): Answer {
    clearTimeout(this.#pause);
    this.#finish('cut');
    this.#answer = new Answer();
    return this.#answer;
  }

  /** Hears no more. Idempotent. */
  close(): void {
    clearTimeout(this.#pause);
    this.#finish('cut');
  }

  #awaitPause(): void {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      if (this.#isTalking()) this.#awaitPause();
      else this.#finish('complete');
    }, pauseMs);
  }

  #finish(how: 'complete' | 'cut'): void {
    // Nothing is sent between answers; the listener needs some silence to hear that one is over.
    this.#listener.writeSamples(this.#silence);
    this.#answer.end(how);
  }
}
