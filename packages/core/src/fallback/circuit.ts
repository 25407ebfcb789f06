/** When a component that fails is left alone, and for how long. */
export interface CircuitOptions {
  /** After how many failures in a row, 1 to 100. @default 3 */
  readonly failureLimit?: number;
  /** How long, in milliseconds, 1 to 3600000; then it is tried again with the next work. @default 30000 */
  readonly retryAfterMs?: number;
}

/**
 * Remembers how a component fared. `closed`: it is used. `open`: it failed too often and is left alone.
 * `trying`: its time is over, and one failure more leaves it alone again.
 */
type State =
  | { readonly name: 'closed'; readonly failures: number; readonly failedAtMs: number }
  | { readonly name: 'open'; readonly untilMs: number }
  | { readonly name: 'trying' };

const UNHARMED: State = { name: 'closed', failures: 0, failedAtMs: Number.NEGATIVE_INFINITY };

/** A circuit breaker for one component, on the clock of whoever asks. */
export class Circuit {
  readonly #failureLimit: number;
  readonly #retryAfterMs: number;
  #state: State = UNHARMED;

  constructor(options: CircuitOptions = {}) {
    this.#failureLimit = options.failureLimit ?? 3;
    this.#retryAfterMs = options.retryAfterMs ?? 30_000;
  }

  /** Whether the component is to be left alone at this moment. */
  isOpen(nowMs: number): boolean {
    if (this.#state.name === 'open' && nowMs >= this.#state.untilMs)
      this.#state = { name: 'trying' };
    return this.#state.name === 'open';
  }

  succeeded(): void {
    this.#state = UNHARMED;
  }

  /** Failures that are far apart are not in a row. */
  failed(nowMs: number): void {
    const state = this.#state;
    if (state.name === 'open') return;
    const isInRow = state.name === 'closed' && nowMs - state.failedAtMs <= this.#retryAfterMs;
    const failures = isInRow ? state.failures + 1 : 1;
    this.#state =
      state.name === 'trying' || failures >= this.#failureLimit
        ? { name: 'open', untilMs: nowMs + this.#retryAfterMs }
        : { name: 'closed', failures, failedAtMs: nowMs };
  }
}
