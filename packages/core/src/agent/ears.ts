import type { AudioFrame } from '../audio/audio-frame.ts';
import type { Clock } from '../clock/clock.ts';
import { BackOff } from '../connection/back-off.ts';
import { FrameBacklog } from '../connection/frame-backlog.ts';
import type { Participant } from '../edge/edge.ts';
import type { FallbackSTT } from '../fallback/fallback-stt.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import { Recorder } from '../metrics/recorder.ts';
import type { ComponentContext } from '../stream/component-context.ts';
import type { STTEvent } from '../stt/stt-events.ts';
import type { STTStream } from '../stt/stt-stream.ts';
import type { STT } from '../stt/stt.ts';
import type { TurnDetectorStream, TurnEvent } from '../turn-detection/turn-detector-stream.ts';
import type { TurnDetector } from '../turn-detection/turn-detector.ts';
import { Patience } from './patience.ts';

/** What listening to one participant needs. */
export interface EarsParts {
  readonly stt: STT | FallbackSTT;
  /** Finds the turns for a speech to text that does not. */
  readonly turnDetector: TurnDetector | undefined;
  /** How much longer than the detector to wait for the end of a turn whose words leave it open. */
  readonly unfinishedDelayMs: number;
  readonly participant: Participant;
  readonly metrics: MetricsCollector;
  readonly clock: Clock;
  readonly context: ComponentContext;
  readonly signal: AbortSignal;
  readonly onEvent: (event: STTEvent) => void;
  /** The connection to the speech to text is gone, and with it the turn that it was in. */
  readonly onLost: () => void;
  /** Something failed; it is tried again. */
  readonly onError: (error: unknown, what: 'speech to text' | 'turn detection') => void;
}

/**
 * Listens to one participant for as long as the call lasts: a connection that fails is opened anew,
 * later and later, and what was said meanwhile is sent after it.
 */
export class Ears {
  readonly #parts: EarsParts;
  readonly #leave = new AbortController();
  readonly #recorder: Recorder;
  readonly #done: Promise<unknown>;
  #stream: STTStream | undefined;
  #detection: TurnDetectorStream | undefined;
  readonly #patience: Patience;
  /** Whether the words of a turn that ends were asked for already. */
  #hasFlushed = false;
  readonly #unheard = new FrameBacklog();
  readonly #unjudged = new FrameBacklog();

  constructor(parts: EarsParts) {
    this.#parts = parts;
    this.#recorder = new Recorder({ provider: parts.stt.provider }, parts.metrics);
    this.#patience = new Patience(parts.unfinishedDelayMs);
    const signal = AbortSignal.any([parts.signal, this.#leave.signal]);
    const detecting = parts.turnDetector && this.#detectTurns(parts.turnDetector, signal);
    this.#done = Promise.all([this.#listen(signal), detecting]);
  }

  hear(frame: AudioFrame): void {
    const { clock, turnDetector } = this.#parts;
    const heardAtMs = clock.now();
    if (this.#detection) this.#detection.write(frame, heardAtMs);
    else if (turnDetector) this.#unjudged.push(frame, heardAtMs);
    if (this.#stream) this.#stream.write(frame, heardAtMs);
    else this.#unheard.push(frame, heardAtMs);
  }

  /** Listens no more. Resolves when everything is closed; never rejects. */
  async close(): Promise<void> {
    this.#leave.abort();
    await this.#done;
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const { stt, context, onEvent, onLost, onError } = this.#parts;
    const backOff = new BackOff(this.#parts.clock);
    let wasConnected = false;
    while (!signal.aborted) {
      let isOpen = false;
      try {
        await using stream = await stt.open({ ...context, signal });
        isOpen = true;
        if (wasConnected) this.#countReconnect('completed');
        wasConnected = true;
        this.#unheard.drain((frame, heardAtMs) => stream.write(frame, heardAtMs));
        this.#stream = stream;
        try {
          for await (const event of stream) {
            backOff.reset();
            // Who has left still has last words on their way: they are recorded, and not answered.
            if (signal.aborted) continue;
            onEvent(event);
            if (event.type === 'transcript') this.#wordsCame(event.text);
          }
        } finally {
          // What is said while it is being closed is for the next one.
          this.#stream = undefined;
          if (!signal.aborted) onLost();
        }
      } catch (error) {
        if (signal.aborted) return;
        if (wasConnected && !isOpen) this.#countReconnect('error');
        onError(error, 'speech to text');
      }
      await backOff.pause(signal);
    }
  }

  async #detectTurns(detector: TurnDetector, signal: AbortSignal): Promise<void> {
    const { context, onError } = this.#parts;
    const patienceMs = (): number => this.#patience.delayMs;
    const backOff = new BackOff(this.#parts.clock);
    while (!signal.aborted) {
      try {
        await using detection = await detector.open((event) => this.#turnChanged(event), {
          ...context,
          patienceMs,
        });
        this.#unjudged.drain((frame, heardAtMs) => detection.write(frame, heardAtMs));
        this.#detection = detection;
        await aborted(signal);
      } catch (error) {
        if (signal.aborted) return;
        onError(error, 'turn detection');
        await backOff.pause(signal);
      }
    }
  }

  #wordsCame(text: string): void {
    this.#patience.heard(text);
    this.#detection?.reconsider();
  }

  #turnChanged(event: TurnEvent): void {
    if (event.type === 'speech-start') this.#patience.forget();
    this.#parts.onEvent(event);
    const isEnd = event.type === 'turn-end';
    // The words of a turn that is over, or may be, are wanted now; once, since only silence follows.
    if (isEnd && !this.#hasFlushed) this.#stream?.flush();
    this.#hasFlushed = isEnd;
  }

  #countReconnect(outcome: 'completed' | 'error'): void {
    this.#recorder.counter('providerReconnects', { outcome }).add(1);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  if (signal.aborted) resolve();
  return promise;
}
