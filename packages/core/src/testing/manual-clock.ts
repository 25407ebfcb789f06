import type { Clock } from '../clock/clock.ts';
import { settled } from './settled.ts';

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** A clock whose hands only the test turns. It starts at 1,000 ms: a zero taken for "none" shows. */
export class ManualClock implements Clock {
  #nowMs = 1000;
  readonly #timers = new Set<Timer>();

  /** How many timers wait: none may be left when everything is closed. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /**
   * Turns the hands and fires what falls due, in order and at its own time, with all promise
   * callbacks run before, between and after.
   */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settled();
    for (let timer = this.#next(untilMs); timer !== undefined; timer = this.#next(untilMs)) {
      this.#timers.delete(timer);
      this.#nowMs = timer.dueMs;
      timer.callback();
      await settled();
    }
    this.#nowMs = untilMs;
  }

  /** The earliest timer that is due; of two at the same time the one that was set first. */
  #next(untilMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs <= untilMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer;
    }
    return next;
  }
}
