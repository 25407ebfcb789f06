/**
 * Hands values from callbacks to one `for await` loop. Whatever was pushed before `end` or `fail` is
 * still delivered; what comes after is dropped.
 */
export class AsyncQueue<T> implements AsyncIterable<T> {
  #results: IteratorResult<T, undefined>[] = [];
  #ending: { readonly error?: unknown } | undefined;
  #waiting: PromiseWithResolvers<IteratorResult<T, undefined>> | undefined;

  push(value: T): void {
    if (this.#ending) return;
    if (this.#waiting) this.#settle()?.resolve({ value, done: false });
    else this.#results.push({ value, done: false });
  }

  /** Ends the loop after what was pushed. */
  end(): void {
    if (this.#ending) return;
    this.#ending = {};
    this.#settle()?.resolve({ value: undefined, done: true });
  }

  /** Makes the loop throw after what was pushed. */
  fail(error: unknown): void {
    if (this.#ending) return;
    this.#ending = { error };
    this.#settle()?.reject(error);
  }

  /** One consumer at a time. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return {
      next: () => this.#next(),
      return: () => {
        this.end();
        this.#results = [];
        return Promise.resolve({ value: undefined, done: true });
      },
    };
  }

  #next(): Promise<IteratorResult<T, undefined>> {
    const result = this.#results.shift();
    if (result) return Promise.resolve(result);
    if (this.#ending) {
      return 'error' in this.#ending
        ? Promise.reject(this.#ending.error)
        : Promise.resolve({ value: undefined, done: true });
    }
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  #settle(): PromiseWithResolvers<IteratorResult<T, undefined>> | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }
}
