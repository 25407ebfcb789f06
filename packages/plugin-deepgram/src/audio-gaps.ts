/**
 * Where audio is missing from what Deepgram got. Its offsets count what arrived, ours what was
 * written: without this, every latency after a drop would be too long by as much as was dropped.
 */
export class AudioGaps {
  #sentMs = 0;
  readonly #gaps: { readonly afterSentMs: number; lostMs: number }[] = [];

  /** Notes audio that was handed to the socket. */
  sent(durationMs: number): void {
    this.#sentMs += durationMs;
  }

  /** Notes audio that was dropped. */
  lost(durationMs: number): void {
    const last = this.#gaps.at(-1);
    if (last?.afterSentMs === this.#sentMs) last.lostMs += durationMs;
    else this.#gaps.push({ afterSentMs: this.#sentMs, lostMs: durationMs });
  }

  /** An offset of Deepgram's as an offset in all audio that was written. */
  writtenOffset(sentOffsetMs: number | undefined): number | undefined {
    if (sentOffsetMs === undefined || this.#gaps.length === 0) return sentOffsetMs;
    return this.#gaps
      .filter(({ afterSentMs }) => afterSentMs < sentOffsetMs)
      .reduce((offsetMs, { lostMs }) => offsetMs + lostMs, sentOffsetMs);
  }
}
