/** Times one operation of a client: from `start` to the first `stop`. */
export class Stopwatch {
  #startedAtMs = performance.now();
  #elapsedMs: number | undefined;

  start(): void {
    this.#startedAtMs = performance.now();
  }

  /** What was waited for is there; that more comes changes nothing. */
  stop(): void {
    this.#elapsedMs ??= performance.now() - this.#startedAtMs;
  }

  /** @throws when it was never stopped */
  get elapsedMs(): number {
    if (this.#elapsedMs === undefined) throw new Error('what was waited for never came');
    return this.#elapsedMs;
  }
}
