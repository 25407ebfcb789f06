import type { AudioFrame } from '../audio/audio-frame.ts';
import { frameDurationMs } from '../audio/audio-frame.ts';
import { Resampler } from '../audio/resampler.ts';
import { type Clock, systemClock } from '../clock/clock.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import type { BoundCounter } from '../metrics/recorder.ts';
import { Recorder } from '../metrics/recorder.ts';
import { FrameQueue } from './frame-queue.ts';

/** What an edge tells its playout. */
export interface PlayoutOptions {
  /** The edge's `provider` label. */
  readonly provider: string;
  /** The rate that `send` wants, in Hz. */
  readonly sampleRateHz: number;
  /** Sends one frame of 20 ms to the caller. Must not throw or wait. */
  readonly send: (samples: Int16Array) => void;
  /** Tells the far side to forget what it has not played yet. */
  readonly flushed?: () => void;
  /** The most audio that may wait, in milliseconds; what is beyond is dropped and counted. @default 120000 */
  readonly maxQueueMs?: number;
  readonly metrics?: MetricsCollector | undefined;
  readonly clock?: Clock | undefined;
}

const FRAME_MS = 20;
/** After a stall of the event loop of this length the schedule starts anew instead of rushing. */
const MAX_CATCH_UP_MS = 500;

type State =
  | { readonly name: 'idle' }
  | { readonly name: 'playing'; readonly utterance: Utterance; nextFrameAtMs: number }
  | { readonly name: 'starved'; readonly utterance: Utterance }
  | { readonly name: 'held'; readonly utterance: Utterance };

/**
 * The way of the agent's voice out of an edge, and its clock: frames of 20 ms leave in real time, the
 * first of them at once. Every edge has one for each call.
 */
export class Playout {
  readonly #options: PlayoutOptions;
  readonly #clock: Clock;
  readonly #queue: FrameQueue;
  readonly #underruns: BoundCounter;
  readonly #droppedMs: BoundCounter;
  readonly #maxQueueMs: number;
  #state: State = { name: 'idle' };
  #resampler: { readonly rateHz: number; readonly resampler: Resampler } | undefined;
  #cancelTimer: (() => void) | undefined;
  #lastFrameAtMs: number | undefined;

  constructor(options: PlayoutOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#maxQueueMs = options.maxQueueMs ?? 120_000;
    this.#queue = new FrameQueue((options.sampleRateHz * FRAME_MS) / 1000);
    const recorder = new Recorder({ provider: options.provider }, options.metrics);
    this.#underruns = recorder.counter('edgeAudioUnderruns');
    this.#droppedMs = recorder.counter('edgeAudioDroppedMs');
  }

  /** Audio that waits to be sent, in milliseconds. */
  get queuedMs(): number {
    return (this.#queue.length / this.#options.sampleRateHz) * 1000;
  }

  /** When the newest frame left for the caller; undefined before the first. */
  get lastFrameAtMs(): number | undefined {
    return this.#lastFrameAtMs;
  }

  /** Starts to say something. What another utterance still had to play is flushed. */
  begin(): Utterance {
    this.flush();
    const utterance = new Utterance(this);
    this.#state = { name: 'starved', utterance };
    return utterance;
  }

  /** Drops what has not been sent; nothing of it leaves any more. Returns its length in milliseconds. */
  flush(): number {
    const { queuedMs } = this;
    this.#queue.clear();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#resampler = undefined;
    const state = this.#state;
    if (state.name === 'idle') return 0;
    this.#state = { name: 'idle' };
    if (state.utterance.startedAtMs !== undefined) this.#options.flushed?.();
    state.utterance.finished('flushed');
    return queuedMs;
  }

  /** Sends nothing more until {@link Playout.resume}, and forgets nothing: audio goes on to gather. */
  hold(): void {
    const state = this.#state;
    if (state.name === 'idle' || state.name === 'held') return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#state = { name: 'held', utterance: state.utterance };
  }

  /** Goes on where {@link Playout.hold} stopped. */
  resume(): void {
    if (this.#state.name !== 'held') return;
    const { utterance } = this.#state;
    this.#state = { name: 'starved', utterance };
    if (this.#queue.hasFrame) this.#play(utterance);
    else if (utterance.hasEnded) this.ended(utterance);
  }

  /** Counts audio that the edge had to drop after it had left, because a caller was too slow for it. */
  dropped(durationMs: number): void {
    this.#droppedMs.add(durationMs);
  }

  /** For {@link Utterance.play}. */
  enqueue(utterance: Utterance, frame: AudioFrame): void {
    const state = this.#state;
    if (state.name === 'idle' || state.utterance !== utterance) return;
    if (this.queuedMs + frameDurationMs(frame) > this.#maxQueueMs) {
      this.#droppedMs.add(frameDurationMs(frame));
      return;
    }
    this.#queue.push(this.#resample(frame));
    if (state.name !== 'starved' || !this.#queue.hasFrame) return;
    if (utterance.startedAtMs !== undefined) this.#underruns.add(1);
    this.#play(utterance);
  }

  /** For {@link Utterance.end}. */
  ended(utterance: Utterance): void {
    const state = this.#state;
    if (state.name !== 'starved' || state.utterance !== utterance) return;
    if (this.#queue.length > 0) this.#play(utterance);
    else this.#finish(utterance);
  }

  #play(utterance: Utterance): void {
    this.#state = { name: 'playing', utterance, nextFrameAtMs: this.#clock.now() };
    this.#sendDue(this.#state);
  }

  #sendDue(state: Extract<State, { name: 'playing' }>): void {
    const now = this.#clock.now();
    if (now - state.nextFrameAtMs > MAX_CATCH_UP_MS) state.nextFrameAtMs = now;
    while (this.#state === state && state.nextFrameAtMs <= now) {
      if (!this.#queue.hasFrame && !(state.utterance.hasEnded && this.#queue.length > 0)) {
        if (state.utterance.hasEnded) this.#finish(state.utterance);
        else this.#state = { name: 'starved', utterance: state.utterance };
        return;
      }
      this.#options.send(this.#queue.shift());
      this.#lastFrameAtMs = this.#clock.now();
      state.utterance.frameSent(this.#lastFrameAtMs, FRAME_MS);
      state.nextFrameAtMs += FRAME_MS;
    }
    // A listener that heard of the first frame may have flushed the rest.
    if (this.#state !== state) return;
    const delayMs = Math.max(0, state.nextFrameAtMs - this.#clock.now());
    this.#cancelTimer = this.#clock.after(delayMs, () => this.#sendDue(state));
  }

  #finish(utterance: Utterance): void {
    this.#state = { name: 'idle' };
    this.#cancelTimer = undefined;
    utterance.finished('played');
  }

  #resample(frame: AudioFrame): Int16Array {
    if (frame.sampleRateHz === this.#options.sampleRateHz) return frame.samples;
    if (this.#resampler?.rateHz !== frame.sampleRateHz) {
      const resampler = new Resampler(frame.sampleRateHz, this.#options.sampleRateHz);
      this.#resampler = { rateHz: frame.sampleRateHz, resampler };
    }
    return this.#resampler.resampler.push(frame.samples);
  }
}

/** Durations are sums of fractions: what lies less than this beyond is taken for rounding. */
const ROUNDING_MS = 1;

interface AwaitedFrame {
  readonly beyondMs: number;
  readonly callback: (atMs: number) => void;
}

/** How an utterance left the edge: all of it, or cut off. */
export type UtteranceEnd = 'played' | 'flushed';

/** One thing that the agent says, on its way to the caller. */
export class Utterance {
  readonly #playout: Playout;
  readonly #done = Promise.withResolvers<UtteranceEnd>();
  #startedAtMs: number | undefined;
  #playedMs = 0;
  #hasEnded = false;
  #onStart: ((atMs: number) => void) | undefined;
  #awaited: AwaitedFrame[] = [];

  constructor(playout: Playout) {
    this.#playout = playout;
  }

  /** When its first frame left; undefined before that. */
  get startedAtMs(): number | undefined {
    return this.#startedAtMs;
  }

  /** How much of it has left, in milliseconds. */
  get playedMs(): number {
    return this.#playedMs;
  }

  /** Whether all of its audio was given. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Resolves when its last frame has left or the rest was flushed. */
  get done(): Promise<UtteranceEnd> {
    return this.#done.promise;
  }

  /** Calls back once, when the first frame has left. */
  onStart(callback: (atMs: number) => void): void {
    this.#onStart = callback;
  }

  /**
   * Calls back once, when the first frame has left that lies beyond so much of its audio, in
   * milliseconds; before what {@link Utterance.onStart} calls.
   */
  onPlayed(beyondMs: number, callback: (atMs: number) => void): void {
    this.#awaited.push({ beyondMs: beyondMs + ROUNDING_MS, callback });
  }

  /** Adds audio. Does nothing once it was flushed. */
  play(frame: AudioFrame): void {
    this.#playout.enqueue(this, frame);
  }

  /** No more audio comes; {@link Utterance.done} follows. */
  end(): void {
    this.#hasEnded = true;
    this.#playout.ended(this);
  }

  /** More audio comes after all, if the last of it has not left yet. */
  goOn(): void {
    this.#hasEnded = false;
  }

  /** For {@link Playout}. */
  frameSent(atMs: number, durationMs: number): void {
    this.#playedMs += durationMs;
    if (this.#awaited.length > 0) this.#callBack(atMs);
    if (this.#startedAtMs !== undefined) return;
    this.#startedAtMs = atMs;
    this.#onStart?.(atMs);
  }

  /** For {@link Playout}. */
  finished(end: UtteranceEnd): void {
    this.#done.resolve(end);
  }

  #callBack(atMs: number): void {
    const isDue = ({ beyondMs }: AwaitedFrame): boolean => this.#playedMs > beyondMs;
    const due = this.#awaited.filter(isDue);
    this.#awaited = this.#awaited.filter((awaited) => !isDue(awaited));
    for (const { callback } of due) callback(atMs);
  }
}
