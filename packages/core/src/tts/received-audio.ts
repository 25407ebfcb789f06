/**
 * The audio of one text as a connection yields it. Whoever reads it may stop early; the rest is still
 * read, because whatever comes was paid for, and told once: when it has all come.
 */
export class ReceivedAudio implements AsyncIterable<Uint8Array> {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #onComplete: (byteCount: number) => void;
  #byteCount = 0;
  #isComplete = false;

  constructor(source: AsyncIterable<Uint8Array>, onComplete: (byteCount: number) => void) {
    this.#source = source[Symbol.asyncIterator]();
    this.#onComplete = onComplete;
  }

  /** Nothing more is waited for. Idempotent. */
  complete(): void {
    if (this.#isComplete) return;
    this.#isComplete = true;
    this.#onComplete(this.#byteCount);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        const result = await this.#next();
        if (result.done === true) return;
        yield result.value;
      }
    } finally {
      await this.#drain();
      this.complete();
    }
  }

  async #next(): Promise<IteratorResult<Uint8Array, unknown>> {
    const result = await this.#source.next();
    if (result.done !== true) this.#byteCount += result.value.length;
    return result;
  }

  async #drain(): Promise<void> {
    try {
      while ((await this.#next()).done !== true);
    } catch {
      // What nobody listens to may fail: what came before counts.
    }
  }
}
