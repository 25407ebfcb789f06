import type { AudioFrame } from '../audio/audio-frame.ts';
import type { Clock } from '../clock/clock.ts';
import { ReplayBuffer } from './replay-buffer.ts';

/** So much is sent at once: half of what a socket may have waiting before audio is dropped. */
const BURST_MS = 1000;
/** The network's time to take that: twenty times as fast as it was said. */
const BETWEEN_BURSTS_MS = 50;

/** Who is fed: a connection that was opened. */
export interface AudioListener {
  write(frame: AudioFrame, heardAtMs: number): void;
}

/**
 * One participant's audio on its way to one connection after another. What was heard while there was none,
 * and what the last one was sent in vain, comes first; newer frames wait behind it.
 */
export class AudioFeed {
  readonly #clock: Clock;
  readonly #buffer = new ReplayBuffer();
  #listener: AudioListener | undefined;
  #state: 'nobody-listens' | 'catching-up' | 'live' = 'nobody-listens';
  #cancelBurst: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the connection has all that was heard. */
  get isLive(): boolean {
    return this.#state === 'live';
  }

  /** Takes a frame, which ended to be heard at this time. */
  hear(frame: AudioFrame, heardAtMs: number): void {
    this.#buffer.push(frame, heardAtMs);
    const listener = this.#listener;
    if (listener && this.isLive) this.#write(Number.POSITIVE_INFINITY, listener);
  }

  /** What was heard until then is understood, by the connection if there is one, and is not sent again. */
  forget(untilMs: number): void {
    if (this.#listener) this.#buffer.forgetWritten(untilMs);
    else this.#buffer.forget(untilMs);
  }

  /** All that the present connection was sent is understood. */
  forgetSent(): void {
    this.#buffer.forgetWritten();
  }

  /** A connection is there. `onLive` is called as soon as it has all that was heard before. */
  attach(listener: AudioListener, onLive: () => void): void {
    this.detach();
    this.#listener = listener;
    this.#state = 'catching-up';
    this.#catchUp(listener, onLive);
  }

  /** The connection is gone. Idempotent. */
  detach(): void {
    this.#cancelBurst?.();
    this.#cancelBurst = undefined;
    this.#listener = undefined;
    this.#state = 'nobody-listens';
    this.#buffer.rewind();
  }

  #catchUp(listener: AudioListener, onLive: () => void): void {
    if (this.#write(BURST_MS, listener)) {
      this.#state = 'live';
      onLive();
    } else {
      const next = (): void => this.#catchUp(listener, onLive);
      this.#cancelBurst = this.#clock.after(BETWEEN_BURSTS_MS, next);
    }
  }

  #write(limitMs: number, listener: AudioListener): boolean {
    return this.#buffer.write(limitMs, (frame, heardAtMs) => listener.write(frame, heardAtMs));
  }
}
