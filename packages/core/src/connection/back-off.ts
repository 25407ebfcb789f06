import type { Clock } from '../clock/clock.ts';

const FIRST_MS = 200;
const LAST_MS = 5000;

/** Waits between attempts to connect again: longer and longer, until one succeeds. */
export class BackOff {
  readonly #clock: Clock;
  #failures = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How often {@link BackOff.pause} was needed since it last went well. */
  get failures(): number {
    return this.#failures;
  }

  /** It went well: the next pause is short again. */
  reset(): void {
    this.#failures = 0;
  }

  /**
   * Waits for the next attempt, or until the signal is aborted. Half of the time at least, so that many
   * calls do not come back at the same moment.
   */
  pause(signal: AbortSignal): Promise<void> {
    const longestMs = Math.min(LAST_MS, FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.after(longestMs * (0.5 + Math.random() / 2), resolve);
    const wake = (): void => resolve();
    signal.addEventListener('abort', wake, { once: true });
    if (signal.aborted) wake();
    return promise.finally(() => {
      cancel();
      signal.removeEventListener('abort', wake);
    });
  }
}
