const frameMs = 20;

/** Something that is being said: the moments (`performance.now()`) of its first and last sample. */
export interface Utterance {
  /** Undefined when the microphone was stopped before. */
  readonly started: Promise<number | undefined>;
  readonly ended: Promise<number | undefined>;
}

interface Speech {
  readonly samples: Int16Array;
  at: number;
  readonly started: PromiseWithResolvers<number | undefined>;
  readonly ended: PromiseWithResolvers<number | undefined>;
}

/** Sends audio in frames of 20 ms at real time without a pause: silence unless something is being said. */
export class Microphone {
  readonly #samplesPerFrame: number;
  readonly #send: (frame: Buffer) => void;
  readonly #startedAt: number = performance.now();
  #sentFrames = 0;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #talkedAt = -Infinity;
  #speech: Speech | undefined;

  constructor(sampleRateHz: number, send: (frame: Buffer) => void) {
    this.#samplesPerFrame = Math.round((sampleRateHz * frameMs) / 1000);
    this.#send = send;
    this.#tick();
  }

  /** When something was said last: now, while it is; long ago where nothing was. */
  get talkedAt(): number {
    return this.#speech === undefined ? this.#talkedAt : performance.now();
  }

  /** Says something. One thing at a time. */
  say(samples: Int16Array): Utterance {
    const started = Promise.withResolvers<number | undefined>();
    const ended = Promise.withResolvers<number | undefined>();
    if (this.#isStopped) {
      started.resolve(undefined);
      ended.resolve(undefined);
    } else this.#speech = { samples, at: 0, started, ended };
    return { started: started.promise, ended: ended.promise };
  }

  /** Sends no more. Idempotent. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#speech?.started.resolve(undefined);
    this.#speech?.ended.resolve(undefined);
    this.#speech = undefined;
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
      speech.started.resolve(performance.now());
    }
    this.#send(Buffer.from(frame.buffer));
    this.#sentFrames += 1;
    if (speech === undefined || speech.at < speech.samples.length) return;
    this.#speech = undefined;
    this.#talkedAt = performance.now();
    speech.ended.resolve(this.#talkedAt);
  }
}
