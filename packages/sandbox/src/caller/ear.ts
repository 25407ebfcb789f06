import { Listener } from '../voice/listener.ts';
import { Answer } from './answer.ts';

/** An answer is over after so long without audio. */
const pauseMs = 600;
/** The same after something that the caller said meanwhile: the agent may have to understand it first. */
const politePauseMs = 1000;

/** Listens to the agent, which sends audio only while it speaks. */
export class Ear {
  readonly #listener: Listener;
  readonly #silence: Int16Array;
  readonly #talkedAt: () => number;
  #answer = new Answer();
  #pause: NodeJS.Timeout | undefined;

  /** @param talkedAt when the caller talked last: then a pause of the agent is politeness, not its end */
  constructor(sampleRateHz: number, chordMs: number, talkedAt: () => number) {
    this.#talkedAt = talkedAt;
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
    const framesEndAt = (this.#answer.lastFrameAt ?? 0) + pauseMs;
    const overAt = Math.max(framesEndAt, this.#talkedAt() + politePauseMs);
    const leftMs = overAt - performance.now();
    if (leftMs > 0) this.#pause = setTimeout(() => this.#awaitPause(), Math.ceil(leftMs));
    else this.#finish('complete');
  }

  #finish(how: 'complete' | 'cut'): void {
    // Nothing is sent between answers; the listener needs some silence to hear that one is over.
    this.#listener.writeSamples(this.#silence);
    this.#answer.end(how);
  }
}
