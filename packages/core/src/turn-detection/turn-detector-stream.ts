import type { AudioFrame } from '../audio/audio-frame.ts';
import { AudioInlet } from '../audio/audio-inlet.ts';
import type { Clock } from '../clock/clock.ts';
import type { Recorder } from '../metrics/recorder.ts';
import type { STTEvent } from '../stt/stt-events.ts';
import type { TurnDetection, TurnFact } from './turn-detector.ts';

/** What a detector's stream tells: the events about turns that some speech to text has too. */
export type TurnEvent = Extract<STTEvent, { type: 'speech-start' | 'turn-end' | 'turn-resumed' }>;

/** What a stream is made of. */
interface TurnDetectorStreamParts {
  readonly sampleRateHz: number;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly onEvent: (event: TurnEvent) => void;
}

/** One participant's audio on its way through a turn detector. */
export class TurnDetectorStream implements AsyncDisposable {
  readonly #parts: TurnDetectorStreamParts;
  readonly #inlet: AudioInlet;
  #detection: TurnDetection | undefined;
  #speechStartMs: number | undefined;

  constructor(parts: TurnDetectorStreamParts) {
    this.#parts = parts;
    this.#inlet = new AudioInlet(parts.sampleRateHz);
  }

  /** For {@link TurnDetector.open}. */
  attach(detection: TurnDetection): void {
    this.#detection = detection;
  }

  /** Takes a frame of any rate. Does nothing once the stream is closed. */
  write(frame: AudioFrame, heardAtMs: number = this.#parts.clock.now()): void {
    if (!this.#detection) return;
    const samples = this.#inlet.write(frame, heardAtMs);
    if (samples.length > 0) this.#detection.send(samples);
  }

  /** Idempotent; never throws. */
  async close(): Promise<void> {
    const detection = this.#detection;
    this.#detection = undefined;
    await detection?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** For {@link TurnDetector.open}. */
  report(fact: TurnFact): void {
    const atMs = this.#parts.clock.now();
    switch (fact.type) {
      case 'speech-start': {
        this.#speechStartMs = fact.offsetMs;
        const startedAtMs = this.#inlet.timeOf(fact.offsetMs);
        this.#parts.onEvent({ type: 'speech-start', atMs, startedAtMs });
        break;
      }
      case 'turn-end': {
        const speechEndedAtMs = this.#inlet.timeOf(fact.speechEndMs);
        if (!fact.eager) this.#recordTurn(fact.speechEndMs, speechEndedAtMs, atMs);
        this.#parts.onEvent({ type: 'turn-end', atMs, eager: fact.eager, speechEndedAtMs });
        break;
      }
      case 'turn-resumed':
        this.#parts.onEvent({ type: 'turn-resumed', atMs });
        break;
    }
  }

  #recordTurn(speechEndMs: number, endedAtMs: number | undefined, atMs: number): void {
    const { recorder } = this.#parts;
    if (this.#speechStartMs !== undefined) {
      recorder.histogram('turnDurationMs').record(speechEndMs - this.#speechStartMs);
    }
    if (endedAtMs !== undefined) {
      recorder.histogram('turnTrailingSilenceMs').record(atMs - endedAtMs);
    }
    this.#speechStartMs = undefined;
  }
}
