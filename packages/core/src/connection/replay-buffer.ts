import { isAudible } from '../audio/audible.ts';
import type { AudioFrame } from '../audio/audio-frame.ts';
import { frameDurationMs } from '../audio/audio-frame.ts';

/** What a listener that stalls for ten seconds did not hear, and what is said on the way to another. */
const MAX_MS = 15_000;

/** So much of the silence before a sound is kept with it. */
const LEAD_IN_MS = 500;

/** A frame, and when it ended to be heard. */
interface HeardFrame {
  readonly frame: AudioFrame;
  readonly heardAtMs: number;
  readonly hasSound: boolean;
}

/**
 * Audio that nobody has understood yet, with the times at which it was heard: what one connection was
 * sent of it is lost with that, and is sent to the next again. The oldest goes first, and silence before
 * any sound is not kept.
 */
export class ReplayBuffer {
  #frames: HeardFrame[] = [];
  #durationMs = 0;
  /** The silence before the first sound. */
  #leadInMs = 0;
  #hasSound = false;
  /** How many of the frames the present connection has. */
  #writtenCount = 0;

  push(frame: AudioFrame, heardAtMs: number): void {
    const durationMs = frameDurationMs(frame);
    if (durationMs === 0) return;
    const hasSound = isAudible(frame.samples);
    this.#frames.push({ frame, heardAtMs, hasSound });
    this.#durationMs += durationMs;
    this.#hasSound ||= hasSound;
    if (!this.#hasSound) this.#leadInMs += durationMs;
    this.#trim();
  }

  /** What was said until then is known: it is not sent again. */
  forget(untilMs: number): void {
    this.#forget(untilMs, this.#frames.length);
  }

  /** The same, of what the present connection has: frames can be heard at the same moment. */
  forgetWritten(untilMs: number = Number.POSITIVE_INFINITY): void {
    this.#forget(untilMs, this.#writtenCount);
  }

  /** The connection is gone: the next one has got nothing yet. */
  rewind(): void {
    this.#writtenCount = 0;
  }

  /**
   * Hands on what the present connection has not got, oldest first, up to so much. Returns whether that
   * was all.
   */
  write(limitMs: number, write: (frame: AudioFrame, heardAtMs: number) => void): boolean {
    let writtenMs = 0;
    while (writtenMs < limitMs) {
      const next = this.#frames[this.#writtenCount];
      if (!next) break;
      this.#writtenCount += 1;
      writtenMs += frameDurationMs(next.frame);
      write(next.frame, next.heardAtMs);
    }
    return this.#writtenCount === this.#frames.length;
  }

  #forget(untilMs: number, count: number): void {
    for (let left = count; left > 0; left -= 1) {
      const [oldest] = this.#frames;
      if (!oldest) break;
      if (oldest.heardAtMs > untilMs) {
        this.#cut(oldest, untilMs);
        break;
      }
      this.#drop();
    }
    this.#findSound();
    this.#trim();
  }

  #trim(): void {
    while (this.#leadInMs > LEAD_IN_MS) this.#leadInMs -= this.#drop();
    if (this.#durationMs <= MAX_MS) return;
    while (this.#durationMs > MAX_MS) this.#drop();
    this.#findSound();
  }

  /** Drops the oldest. Returns how long it was. */
  #drop(): number {
    const dropped = this.#frames.shift();
    if (!dropped) return Number.POSITIVE_INFINITY;
    const durationMs = frameDurationMs(dropped.frame);
    this.#durationMs -= durationMs;
    this.#writtenCount = Math.max(0, this.#writtenCount - 1);
    return durationMs;
  }

  /** A word may end within a frame. */
  #cut(oldest: HeardFrame, untilMs: number): void {
    const { frame, heardAtMs } = oldest;
    const durationMs = frameDurationMs(frame);
    const knownMs = untilMs - (heardAtMs - durationMs);
    if (knownMs <= 0) return;
    const samples = frame.samples.subarray(Math.ceil((knownMs / 1000) * frame.sampleRateHz));
    const rest = { ...frame, samples };
    this.#frames[0] = { ...oldest, frame: rest };
    this.#durationMs -= durationMs - frameDurationMs(rest);
  }

  #findSound(): void {
    const first = this.#frames.findIndex(({ hasSound }) => hasSound);
    const silent = first === -1 ? this.#frames : this.#frames.slice(0, first);
    this.#hasSound = first !== -1;
    this.#leadInMs = silent.reduce((sum, { frame }) => sum + frameDurationMs(frame), 0);
  }
}
