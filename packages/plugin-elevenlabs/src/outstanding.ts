import type { Clock } from '@vision-agents/core';

/** What was asked of the other side and is not answered yet. */
export class Outstanding {
  readonly #clock: Clock;
  #askedAtMs: number | undefined;
  #answeredAtMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#answeredAtMs = clock.now();
  }

  /** Whether an answer is waited for. */
  get isAsked(): boolean {
    return this.#askedAtMs !== undefined;
  }

  /** How long an answer has been waited for, in milliseconds; 0 where none is. */
  get waitedMs(): number {
    return this.#askedAtMs === undefined ? 0 : this.#clock.now() - this.#askedAtMs;
  }

  /** How long nothing has come, nor been asked for, in milliseconds; 0 where an answer is waited for. */
  get quietMs(): number {
    return this.#askedAtMs === undefined ? this.#clock.now() - this.#answeredAtMs : 0;
  }

  /** Something is wanted; the wait counts from the first that is not answered. */
  asked(): void {
    this.#askedAtMs ??= this.#clock.now();
  }

  /** Something came. */
  answered(): void {
    this.#askedAtMs = undefined;
    this.#answeredAtMs = this.#clock.now();
  }
}
