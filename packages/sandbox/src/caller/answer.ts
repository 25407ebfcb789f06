import { WordCollector } from '../voice/words.ts';

/** What the agent says between two things that the caller says, as it is heard. Moments are of `performance.now()`. */
export class Answer {
  readonly words: WordCollector = new WordCollector();
  #firstFrameAt: number | undefined;
  #lastFrameAt: number | undefined;
  #isOver = false;
  readonly #started = Promise.withResolvers<boolean>();
  readonly #over = Promise.withResolvers<boolean>();

  /** When its first audio frame came. */
  get firstFrameAt(): number | undefined {
    return this.#firstFrameAt;
  }

  /** When its newest audio frame came. */
  get lastFrameAt(): number | undefined {
    return this.#lastFrameAt;
  }

  /** Whether nothing came for so long that it was taken for over, or nothing can come any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Waits for the first frame; false when it does not come in time. */
  started(timeoutMs: number): Promise<boolean> {
    return within(this.#started.promise, timeoutMs);
  }

  /** Waits for the end; false when it does not come in time, or the line is closed first. */
  over(timeoutMs: number): Promise<boolean> {
    return within(this.#over.promise, timeoutMs);
  }

  /** For the ear: a frame came. */
  frame(): void {
    this.#lastFrameAt = performance.now();
    this.#firstFrameAt ??= this.#lastFrameAt;
    this.#started.resolve(true);
  }

  /** For the ear: it has ended, or the line was closed. */
  end(how: 'complete' | 'cut'): void {
    this.#isOver = true;
    this.#started.resolve(false);
    this.#over.resolve(how === 'complete');
  }
}

async function within(promise: Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, timeoutMs, false);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
