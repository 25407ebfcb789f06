const frameMs = 20;

/** Sends audio in frames of 20 ms at real time without a pause: silence unless something is being said. */
export class Microphone {
  readonly #samplesPerFrame: number;
  readonly #send: (frame: Buffer) => void;
  readonly #startedAt: number = performance.now();
  #sentFrames = 0;
  #timer: NodeJS.Timeout | undefined;
  #speech: { samples: Int16Array; at: number; spoken: (sentAt: number) => void } | undefined;

  constructor(sampleRateHz: number, send: (frame: Buffer) => void) {
    this.#samplesPerFrame = Math.round((sampleRateHz * frameMs) / 1000);
    this.#send = send;
    this.#tick();
  }

  /** Says something; tells the moment (`performance.now()`) its last sample was sent. One thing at a time. */
  say(samples: Int16Array, spoken: (sentAt: number) => void): void {
    this.#speech = { samples, at: 0, spoken };
  }

  /** Sends no more. Idempotent. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #tick(): void {
    // Counting from the start, so that late timers do not add up to drift.
    while (this.#sentFrames * frameMs <= performance.now() - this.#startedAt) this.#sendFrame();
    const dueMs = this.#startedAt + this.#sentFrames * frameMs - performance.now();
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, dueMs));
  }

  #sendFrame(): void {
    const frame = new Int16Array(this.#samplesPerFrame);
    const speech = this.#speech;
    if (speech !== undefined) {
      frame.set(speech.samples.subarray(speech.at, speech.at + frame.length));
      speech.at += frame.length;
    }
    this.#send(Buffer.from(frame.buffer));
    this.#sentFrames += 1;
    if (speech === undefined || speech.at < speech.samples.length) return;
    this.#speech = undefined;
    speech.spoken(performance.now());
  }
}
