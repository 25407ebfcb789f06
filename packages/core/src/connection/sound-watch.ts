import { isAudible } from '../audio/audible.ts';
import type { Clock } from '../clock/clock.ts';

/** Shorter than any word: a click is not asked about. */
const MIN_SOUND_MS = 200;

/** What is watched for. */
export interface SoundWatchParts {
  readonly clock: Clock;
  /** How long a service may say nothing of what can be heard, or owe more of what it began to tell. */
  readonly afterMs: number;
  /** After a question there is none for so long: what can be heard may be a room, and no words. */
  readonly restMs: number;
  /** Asks the service whether it still hears. Not called once stopped. */
  readonly ask: () => void;
}

/**
 * Notices that a service which finds the turns itself says nothing though there is something to hear. Its
 * silence means nothing while the user is silent, nor does it where there are no words: it has to be asked.
 * One timer at most, not one a frame.
 */
export class SoundWatch {
  readonly #parts: SoundWatchParts;
  /** How much could be heard of which nothing was said. */
  #soundMs = 0;
  /** Since when a word is due. */
  #dueSinceMs: number | undefined;
  #notBeforeMs = 0;
  #cancel: (() => void) | undefined;

  constructor(parts: SoundWatchParts) {
    this.#parts = parts;
  }

  /** Audio was sent. */
  sent(samples: Int16Array, durationMs: number): void {
    if (this.#dueSinceMs !== undefined || !isAudible(samples)) return;
    this.#soundMs += durationMs;
    if (this.#soundMs >= MIN_SOUND_MS) this.#expect();
  }

  /** The service said something; whether it owes more, though nothing more is to be heard. */
  heard(isMoreDue: boolean): void {
    this.#forget();
    if (!isMoreDue) return;
    // There were words.
    this.#notBeforeMs = 0;
    this.#expect();
  }

  /** Nothing is waited for any more. Idempotent. */
  stop(): void {
    this.#forget();
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #forget(): void {
    this.#soundMs = 0;
    this.#dueSinceMs = undefined;
  }

  #expect(): void {
    this.#dueSinceMs = this.#parts.clock.now();
    this.#cancel ??= this.#lookAfter(this.#parts.afterMs);
  }

  #lookAfter(waitMs: number): () => void {
    const { clock, afterMs, restMs, ask } = this.#parts;
    return clock.after(waitMs, () => {
      this.#cancel = undefined;
      if (this.#dueSinceMs === undefined) return;
      const nowMs = clock.now();
      const leftMs = Math.max(this.#dueSinceMs + afterMs, this.#notBeforeMs) - nowMs;
      if (leftMs > 0) {
        this.#cancel = this.#lookAfter(Math.max(1, leftMs));
        return;
      }
      this.#notBeforeMs = nowMs + restMs;
      this.#forget();
      ask();
    });
  }
}
