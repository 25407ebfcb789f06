/** Words by the items that they are of. */
export class Words {
  readonly #byItem = new Map<string, string>();

  /** All of them so far. */
  get text(): string {
    return this.#texts().join(' ');
  }

  /** Adds to an item; returns all that there is of it. */
  grow(itemId: string, text: string): string {
    const whole = (this.#byItem.get(itemId) ?? '') + text;
    this.#byItem.set(itemId, whole);
    return whole.trim();
  }

  /** These are all of an item. */
  settle(itemId: string, text: string): void {
    this.#byItem.set(itemId, text);
  }

  /** Forgets an item. */
  drop(itemId: string): void {
    this.#byItem.delete(itemId);
  }

  /** Hands them over, item by item, and starts anew. */
  take(): string[] {
    const texts = this.#texts();
    this.#byItem.clear();
    return texts;
  }

  #texts(): string[] {
    return [...this.#byItem.values()].map((text) => text.trim()).filter((text) => text !== '');
  }
}
