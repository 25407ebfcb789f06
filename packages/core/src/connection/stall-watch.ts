import type { Clock } from '../clock/clock.ts';

/** What is watched for. */
export interface StallWatchParts {
  readonly clock: Clock;
  /** How long what is due may take. */
  readonly timeoutMs: number;
  /** Nothing came in time. Called once for each wait. */
  readonly onStall: () => void;
  /**
   * Who has not asked again for so long waits no more, as when a microphone is switched off before
   * there was enough to answer. @default what is asked for once is due
   */
  readonly pauseMs?: number;
}

/** Notices that a provider owes an answer and has fallen silent. One timer at most, not one a frame. */
export class StallWatch {
  readonly #parts: StallWatchParts;
  #dueSinceMs: number | undefined;
  #lastAskedAtMs = 0;
  #cancel: (() => void) | undefined;

  constructor(parts: StallWatchParts) {
    this.#parts = parts;
  }

  /** Something is due from now on; the wait counts from the first that is not answered. */
  asked(): void {
    const { clock, timeoutMs } = this.#parts;
    const nowMs = clock.now();
    if (this.#hasPaused(nowMs)) this.#dueSinceMs = undefined;
    this.#lastAskedAtMs = nowMs;
    this.#dueSinceMs ??= nowMs;
    this.#cancel ??= this.#lookAfter(timeoutMs);
  }

  /** Something came. */
  answered(): void {
    this.#dueSinceMs = undefined;
  }

  /** Nothing is waited for any more. Idempotent. */
  stop(): void {
    this.answered();
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #hasPaused(nowMs: number): boolean {
    return nowMs - this.#lastAskedAtMs > (this.#parts.pauseMs ?? Number.POSITIVE_INFINITY);
  }

  #lookAfter(waitMs: number): () => void {
    const { clock, timeoutMs, onStall } = this.#parts;
    return clock.after(waitMs, () => {
      this.#cancel = undefined;
      const nowMs = clock.now();
      if (this.#hasPaused(nowMs)) this.#dueSinceMs = undefined;
      if (this.#dueSinceMs === undefined) return;
      const restMs = this.#dueSinceMs + timeoutMs - nowMs;
      if (restMs > 0) {
        this.#cancel = this.#lookAfter(Math.max(1, restMs));
        return;
      }
      this.#dueSinceMs = undefined;
      onStall();
    });
  }
}
