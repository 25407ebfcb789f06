import type { Clock } from '../clock/clock.ts';

/** What keeps a silent connection. */
export interface KeepAliveParts {
  readonly clock: Clock;
  /** After so long without anything sent the other side is told that more will come. */
  readonly afterMs: number;
  /**
   * Sends the sign of life; not called once stopped. What it throws is of no interest: who cannot send
   * any more hears of the close.
   */
  readonly send: () => void;
}

/** Keeps a connection on which nothing is said from being hung up. One timer, not one a frame. */
export class KeepAlive {
  readonly #parts: KeepAliveParts;
  #lastSentAtMs: number;
  #cancel: () => void;

  constructor(parts: KeepAliveParts) {
    this.#parts = parts;
    this.#lastSentAtMs = parts.clock.now();
    this.#cancel = this.#lookAfter(parts.afterMs);
  }

  /** Something was sent: the silence counts anew. */
  sent(): void {
    this.#lastSentAtMs = this.#parts.clock.now();
  }

  /** The connection needs no more keeping. Idempotent. */
  stop(): void {
    this.#cancel();
  }

  #lookAfter(waitMs: number): () => void {
    const { clock, afterMs, send } = this.#parts;
    return clock.after(waitMs, () => {
      const silentMs = clock.now() - this.#lastSentAtMs;
      const isDue = silentMs >= afterMs;
      this.#cancel = this.#lookAfter(isDue ? afterMs : Math.max(1, afterMs - silentMs));
      if (!isDue) return;
      try {
        send();
      } catch {
        // A socket to which the other side has said goodbye, and that is not closed yet.
      }
    });
  }
}
