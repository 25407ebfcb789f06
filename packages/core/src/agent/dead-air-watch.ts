import type { Clock } from '../clock/clock.ts';
import type { Turn } from '../turn/turn.ts';

/** Notices turns that were committed and that no audio follows. */
export class DeadAirWatch {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #onDeadAir: (turn: Turn) => void;
  readonly #timers = new Map<Turn, () => void>();

  constructor(clock: Clock, limitMs: number, onDeadAir: (turn: Turn) => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#onDeadAir = onDeadAir;
  }

  /** The turn is committed: its caller waits from now on. */
  start(turn: Turn): void {
    const cancel = this.#clock.after(this.#limitMs, () => {
      this.#timers.delete(turn);
      const { fillerStart, playoutStart } = turn.marks;
      if ((fillerStart ?? playoutStart) === undefined) this.#onDeadAir(turn);
    });
    this.#timers.set(turn, cancel);
  }

  /** The turn is over. */
  stop(turn: Turn): void {
    this.#timers.get(turn)?.();
    this.#timers.delete(turn);
  }
}
