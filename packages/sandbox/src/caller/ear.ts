import { Listener } from '../voice/listener.ts';
import { WordCollector } from '../voice/words.ts';

/** An answer is over after so long without audio. */
const pauseMs = 600;

/** An answer that was heard. */
export interface Answer {
  text: string;
  /** When its first audio frame came, by `performance.now()`. */
  firstFrameAt: number;
}

/** Listens to the agent, which sends audio only while it speaks. */
export class Ear {
  readonly #listener: Listener;
  readonly #words = new WordCollector();
  readonly #silence: Int16Array;
  #firstFrameAt: number | undefined;
  #pause: NodeJS.Timeout | undefined;
  #waiting: ((answer: Answer | undefined) => void) | undefined;

  constructor(sampleRateHz: number, chordMs: number) {
    this.#listener = new Listener({
      sampleRateHz,
      chordMs,
      onSpeechStart: () => this.#words.breakWord(),
      onCharacter: (character) => this.#words.add(character),
    });
    this.#silence = new Int16Array(sampleRateHz / 5);
  }

  /** Takes audio from the agent. */
  hear(audio: Uint8Array): void {
    this.#firstFrameAt ??= performance.now();
    this.#listener.write(audio);
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.#finish(), pauseMs);
  }

  /** The next complete answer; undefined when it does not come, or does not end, in time. */
  async answer(timeoutMs: number): Promise<Answer | undefined> {
    const late = setTimeout(() => this.#waiting?.(undefined), timeoutMs);
    try {
      return await new Promise<Answer | undefined>((resolve) => {
        this.#waiting = resolve;
      });
    } finally {
      clearTimeout(late);
      this.#waiting = undefined;
    }
  }

  /** Stops waiting. Idempotent. */
  close(): void {
    clearTimeout(this.#pause);
    this.#waiting?.(undefined);
  }

  #finish(): void {
    // Nothing is sent between answers; the listener needs some silence to hear that one is over.
    this.#listener.writeSamples(this.#silence);
    const text = this.#words.text;
    this.#words.take();
    const firstFrameAt = this.#firstFrameAt ?? 0;
    this.#firstFrameAt = undefined;
    this.#waiting?.({ text, firstFrameAt });
  }
}
