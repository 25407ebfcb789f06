import type { AudioFrame } from '../audio/audio-frame.ts';
import { frameDurationMs } from '../audio/audio-frame.ts';

/** Audio kept while nobody can take it, so that a word said meanwhile is not lost. */
const MAX_BACKLOG_MS = 5000;

/** The newest frames of a participant with the times at which they were heard; the oldest go first. */
export class FrameBacklog {
  #frames: { readonly frame: AudioFrame; readonly heardAtMs: number }[] = [];
  #durationMs = 0;

  push(frame: AudioFrame, heardAtMs: number): void {
    this.#frames.push({ frame, heardAtMs });
    this.#durationMs += frameDurationMs(frame);
    while (this.#durationMs > MAX_BACKLOG_MS) {
      const dropped = this.#frames.shift();
      if (!dropped) return;
      this.#durationMs -= frameDurationMs(dropped.frame);
    }
  }

  /** Hands everything on, oldest first, and keeps nothing. */
  drain(write: (frame: AudioFrame, heardAtMs: number) => void): void {
    const frames = this.#frames;
    this.#frames = [];
    this.#durationMs = 0;
    for (const { frame, heardAtMs } of frames) write(frame, heardAtMs);
  }
}
