/** A place from which on the provider's offsets and ours lie differently far apart than before. */
interface Seam {
  readonly sentMs: number;
  readonly writtenMs: number;
}

/** Words are asked about that were said a moment ago, so that old seams are no longer needed. */
const MAX_SEAMS = 64;
/** Offsets come rounded, and the end of the last word can be rounded to after the end of the audio. */
const ROUNDING_MS = 100;

/**
 * How the audio that a provider got differs from the audio that was written: some may be missing, and
 * silence may have been added. The provider's offsets count the one, ours the other: without this, every
 * latency after a drop would be too long by as much as was dropped.
 */
export class SentAudio {
  #sentMs = 0;
  #writtenMs = 0;
  #seams: Seam[] = [{ sentMs: 0, writtenMs: 0 }];

  /** Notes audio that was written and handed to the socket. */
  sent(durationMs: number): void {
    this.#sentMs += durationMs;
    this.#writtenMs += durationMs;
  }

  /** Notes audio that was written and dropped. */
  lost(durationMs: number): void {
    this.#writtenMs += durationMs;
    this.#addSeam();
  }

  /** Notes silence that was sent and that nobody had written. */
  added(durationMs: number): void {
    this.#sentMs += durationMs;
    this.#addSeam();
  }

  /** A provider's offset as one in all audio that was written; undefined where that is not known. */
  writtenOffset(sentOffsetMs: number | undefined): number | undefined {
    if (sentOffsetMs === undefined || sentOffsetMs > this.#sentMs + ROUNDING_MS) return undefined;
    const index = this.#seams.findLastIndex(({ sentMs }) => sentMs <= sentOffsetMs);
    const seam = this.#seams[index];
    if (!seam) return undefined;
    // Within silence that was added no time passed for us.
    const limitMs = this.#seams[index + 1]?.writtenMs ?? Number.POSITIVE_INFINITY;
    return Math.min(seam.writtenMs + sentOffsetMs - seam.sentMs, limitMs);
  }

  #addSeam(): void {
    const seam = { sentMs: this.#sentMs, writtenMs: this.#writtenMs };
    if (this.#seams.at(-1)?.sentMs === seam.sentMs) this.#seams.pop();
    this.#seams = [...this.#seams, seam].slice(-MAX_SEAMS);
  }
}
