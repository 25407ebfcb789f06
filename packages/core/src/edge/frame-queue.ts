/** Pieces of audio of any size in, frames of one size out. */
export class FrameQueue {
  readonly #frameLength: number;
  #pieces: Int16Array[] = [];
  #length = 0;
  #offset = 0;

  constructor(frameLength: number) {
    this.#frameLength = frameLength;
  }

  /** Samples that wait. */
  get length(): number {
    return this.#length;
  }

  /** Whether a whole frame waits. */
  get hasFrame(): boolean {
    return this.#length >= this.#frameLength;
  }

  push(samples: Int16Array): void {
    if (samples.length === 0) return;
    this.#pieces.push(samples);
    this.#length += samples.length;
  }

  /** The next frame, filled up with silence where less is left. */
  shift(): Int16Array {
    const frame = new Int16Array(this.#frameLength);
    let filled = 0;
    while (filled < frame.length) {
      const piece = this.#pieces[0];
      if (piece === undefined) break;
      const part = piece.subarray(this.#offset, this.#offset + frame.length - filled);
      frame.set(part, filled);
      filled += part.length;
      this.#offset += part.length;
      if (this.#offset < piece.length) break;
      this.#pieces.shift();
      this.#offset = 0;
    }
    this.#length -= filled;
    return frame;
  }

  clear(): void {
    this.#pieces = [];
    this.#length = 0;
    this.#offset = 0;
  }
}
