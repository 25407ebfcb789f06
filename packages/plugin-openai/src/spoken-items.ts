/** What a session has to forget of what its model said. */
export type Forgetting =
  | { readonly type: 'truncate'; readonly itemId: string; readonly endMs: number }
  /** Nothing of it was heard. */
  | { readonly type: 'delete'; readonly itemId: string };

/** What an answer is made of, with the audio that came of each part, to know which of it was heard. */
export class SpokenItems {
  readonly #bytesPerMs: number;
  #items: { readonly itemId: string; bytes: number }[] = [];

  constructor(bytesPerMs: number) {
    this.#bytesPerMs = bytesPerMs;
  }

  /** Another answer begins. */
  clear(): void {
    this.#items = [];
  }

  /** A part begins. */
  started(itemId: string): void {
    if (!this.#items.some((item) => item.itemId === itemId)) this.#items.push({ itemId, bytes: 0 });
  }

  /** Audio came of a part. */
  received(itemId: string, bytes: number): void {
    this.started(itemId);
    const item = this.#items.find((one) => one.itemId === itemId);
    if (item) item.bytes += bytes;
  }

  /**
   * What is to be forgotten when this much was heard of the answer. Never more is said to have been
   * heard than came.
   * @param isWhole whether all of the answer has come: what the service made beyond was not heard
   */
  cut(playedMs: number, isWhole: boolean): Forgetting[] {
    let restMs = playedMs;
    const parts = this.#items.map(({ itemId, bytes }) => ({
      itemId,
      ms: bytes / this.#bytesPerMs,
    }));
    this.clear();
    return parts.flatMap(({ itemId, ms }, index): Forgetting[] => {
      const heardMs = Math.min(restMs, ms);
      restMs -= heardMs;
      const isLast = index === parts.length - 1;
      if (heardMs === ms && ms > 0 && (isWhole || !isLast)) return [];
      const endMs = Math.floor(heardMs);
      return [endMs > 0 ? { type: 'truncate', itemId, endMs } : { type: 'delete', itemId }];
    });
  }
}
