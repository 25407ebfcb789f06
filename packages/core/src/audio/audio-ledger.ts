const CAPACITY = 1024; // 20 s of 20 ms frames

/**
 * When each piece of a connection's audio was heard. Providers speak of offsets in the audio that
 * they were sent; latencies are taken on our clock; this is the bridge. It looks back 20 s.
 */
export class AudioLedger {
  readonly #endsMs = new Float64Array(CAPACITY);
  readonly #timesMs = new Float64Array(CAPACITY);
  #count = 0;
  #totalMs = 0;

  /** All audio written so far, in milliseconds. */
  get totalMs(): number {
    return this.#totalMs;
  }

  /** Notes that the next `durationMs` of audio ended to be heard at `atMs`. */
  append(durationMs: number, atMs: number): void {
    this.#totalMs += durationMs;
    const slot = this.#count % CAPACITY;
    this.#endsMs[slot] = this.#totalMs;
    this.#timesMs[slot] = atMs;
    this.#count += 1;
  }

  /** When the audio at this offset was heard; undefined when it is too long ago or yet to come. */
  timeOf(offsetMs: number): number | undefined {
    const oldest = Math.max(0, this.#count - CAPACITY);
    let low = oldest;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#end(middle) < offsetMs) low = middle + 1;
      else high = middle;
    }
    if (low === this.#count) return undefined;
    if (low === oldest && oldest > 0) return undefined;
    const time = (this.#timesMs[low % CAPACITY] ?? 0) - (this.#end(low) - offsetMs);
    const previous = low > oldest ? (this.#timesMs[(low - 1) % CAPACITY] ?? 0) : time;
    return Math.max(time, previous);
  }

  #end(index: number): number {
    return this.#endsMs[index % CAPACITY] ?? 0;
  }
}
