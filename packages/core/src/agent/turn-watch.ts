import type { Clock } from '../clock/clock.ts';
import type { Turn } from '../turn/turn.ts';

/** Notices turns for which something did not happen in time. */
export class TurnWatch {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #onDue: (turn: Turn) => void;
  readonly #timers = new Map<Turn, () => void>();

  constructor(clock: Clock, limitMs: number, onDue: (turn: Turn) => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#onDue = onDue;
  }

  /** The time runs from now on, if it does not yet: so much of it as is left. */
  start(turn: Turn, leftMs: number = this.#limitMs): void {
    if (this.#timers.has(turn)) return;
    const cancel = this.#clock.after(Math.max(0, leftMs), () => {
      this.#timers.delete(turn);
      this.#onDue(turn);
    });
    this.#timers.set(turn, cancel);
  }

  /** It happened, or need not any more. Returns whether the time ran. */
  stop(turn: Turn): boolean {
    this.#timers.get(turn)?.();
    return this.#timers.delete(turn);
  }
}
