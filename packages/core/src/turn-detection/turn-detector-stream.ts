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
  readonly patienceMs: () => number;
  readonly onEvent: (event: TurnEvent) => void;
}

/**
 * `silent`: no turn goes on. `pausing`: one does, and its end was told eagerly. `waiting`: to the detector
 * it is over, and patience puts off that anybody else is told.
 */
type Phase =
  | { readonly name: 'silent' | 'speaking' | 'pausing' | 'closed' }
  | { readonly name: 'waiting'; readonly speechEndMs: number; readonly cancelTimer: () => void };

/** One participant's audio on its way through a turn detector. */
export class TurnDetectorStream implements AsyncDisposable {
  readonly #parts: TurnDetectorStreamParts;
  readonly #inlet: AudioInlet;
  #detection: TurnDetection | undefined;
  #phase: Phase = { name: 'silent' };
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

  /** The patience may have changed: a turn that waited for nothing else is declared over at once. */
  reconsider(): void {
    if (this.#phase.name !== 'waiting' || this.#parts.patienceMs() > 0) return;
    this.#declare(this.#phase.speechEndMs);
  }

  /** Idempotent; never throws. A turn that goes on is not declared over. */
  async close(): Promise<void> {
    this.#enter({ name: 'closed' });
    const detection = this.#detection;
    this.#detection = undefined;
    await detection?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** For {@link TurnDetector.open}. */
  report(fact: TurnFact): void {
    if (this.#phase.name === 'closed') return;
    switch (fact.type) {
      case 'speech-start':
        this.#speechStarted(fact.offsetMs);
        break;
      case 'turn-end':
        if (fact.eager) this.#paused(fact.speechEndMs);
        else this.#ended(fact.speechEndMs);
        break;
      case 'turn-resumed':
        this.#resumed();
        break;
    }
  }

  #speechStarted(offsetMs: number): void {
    // To the detector it was over; to everybody else the same turn goes on.
    if (this.#phase.name === 'waiting') return this.#resumed();
    this.#enter({ name: 'speaking' });
    this.#speechStartMs = offsetMs;
    const startedAtMs = this.#inlet.timeOf(offsetMs);
    this.#parts.onEvent({ type: 'speech-start', atMs: this.#parts.clock.now(), startedAtMs });
  }

  #resumed(): void {
    this.#enter({ name: 'speaking' });
    this.#parts.onEvent({ type: 'turn-resumed', atMs: this.#parts.clock.now() });
  }

  #paused(speechEndMs: number): void {
    this.#enter({ name: 'pausing' });
    this.#tellEnd(speechEndMs, true);
  }

  #ended(speechEndMs: number): void {
    const patienceMs = this.#parts.patienceMs();
    if (patienceMs <= 0) return this.#declare(speechEndMs);
    const wasTold = this.#phase.name === 'pausing' || this.#phase.name === 'waiting';
    const declare = (): void => this.#declare(speechEndMs);
    const cancelTimer = this.#parts.clock.after(patienceMs, declare);
    this.#enter({ name: 'waiting', speechEndMs, cancelTimer });
    if (!wasTold) this.#tellEnd(speechEndMs, true);
  }

  /** Nobody doubts any more that the turn is over. */
  #declare(speechEndMs: number): void {
    this.#enter({ name: 'silent' });
    this.#recordTurn(speechEndMs);
    this.#tellEnd(speechEndMs, false);
  }

  #enter(phase: Phase): void {
    if (this.#phase.name === 'waiting') this.#phase.cancelTimer();
    this.#phase = phase;
  }

  #tellEnd(speechEndMs: number, eager: boolean): void {
    const speechEndedAtMs = this.#inlet.timeOf(speechEndMs);
    const atMs = this.#parts.clock.now();
    this.#parts.onEvent({ type: 'turn-end', atMs, eager, speechEndedAtMs });
  }

  #recordTurn(speechEndMs: number): void {
    const { recorder, clock } = this.#parts;
    const endedAtMs = this.#inlet.timeOf(speechEndMs);
    if (this.#speechStartMs !== undefined) {
      recorder.histogram('turnDurationMs').record(speechEndMs - this.#speechStartMs);
    }
    if (endedAtMs !== undefined) {
      recorder.histogram('turnTrailingSilenceMs').record(clock.now() - endedAtMs);
    }
    this.#speechStartMs = undefined;
  }
}
