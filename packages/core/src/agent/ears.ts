import type { AudioFrame } from '../audio/audio-frame.ts';
import type { Clock } from '../clock/clock.ts';
import { AudioFeed } from '../connection/audio-feed.ts';
import { BackOff } from '../connection/back-off.ts';
import { FrameBacklog } from '../connection/frame-backlog.ts';
import type { ReconnectAttempt } from '../connection/reconnects.ts';
import { Reconnects } from '../connection/reconnects.ts';
import type { Participant } from '../edge/edge.ts';
import { ProviderError } from '../errors/provider-error.ts';
import type { FallbackSTT } from '../fallback/fallback-stt.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
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
  /**
   * There is no connection to the speech to text, and with one that was lost went the turn that it was
   * in. `wordsAreDue`: perhaps something was said to that of which the words did not come.
   */
  readonly onLost: (wordsAreDue: boolean) => void;
  /** There is a connection, and it was sent all that nobody had understood before. */
  readonly onLive: () => void;
  /** A connection that was lost was tried to be opened anew. */
  readonly onReconnect: (attempt: ReconnectAttempt) => void;
  /** Something failed; it is tried again. */
  readonly onError: (error: unknown, what: 'speech to text' | 'turn detection') => void;
}

/**
 * Listens to one participant for as long as the call lasts: a connection that fails is opened anew,
 * later and later, and is sent what was said meanwhile and what the lost one had not understood.
 */
export class Ears {
  readonly #parts: EarsParts;
  readonly #leave = new AbortController();
  readonly #reconnects: Reconnects;
  readonly #backOff: BackOff;
  readonly #done: Promise<unknown>;
  #stream: STTStream | undefined;
  #detection: TurnDetectorStream | undefined;
  readonly #patience: Patience;
  /** When the connection was lost after which nothing has been heard of any. */
  #unheardSinceMs: number | undefined;
  /** Whether all words of a turn are wanted, which a detector takes for over, or has said to be so. */
  #lastWords: 'not-due' | 'due' | 'came' = 'not-due';
  readonly #feed: AudioFeed;
  readonly #unjudged = new FrameBacklog();

  constructor(parts: EarsParts) {
    this.#parts = parts;
    this.#reconnects = new Reconnects({
      ...parts,
      component: 'stt',
      onAttempt: parts.onReconnect,
    });
    this.#backOff = new BackOff(parts.clock);
    this.#patience = new Patience(parts.unfinishedDelayMs);
    this.#feed = new AudioFeed(parts.clock);
    const signal = AbortSignal.any([parts.signal, this.#leave.signal]);
    const detecting = parts.turnDetector && this.#detectTurns(parts.turnDetector, signal);
    this.#done = Promise.all([this.#listen(signal), detecting]);
  }

  hear(frame: AudioFrame): void {
    const { clock, turnDetector } = this.#parts;
    const heardAtMs = clock.now();
    if (this.#detection) this.#detection.write(frame, heardAtMs);
    else if (turnDetector) this.#unjudged.push(frame, heardAtMs);
    this.#feed.hear(frame, heardAtMs);
  }

  /** What was heard is taken for all that was said: none of it is sent again. */
  settle(): void {
    this.#forget(this.#unheardSinceMs);
  }

  /** Listens no more. Resolves when everything is closed; never rejects. */
  async close(): Promise<void> {
    this.#leave.abort();
    await this.#done;
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const { stt, context, onError } = this.#parts;
    while (!signal.aborted) {
      let isOpen = false;
      try {
        await using stream = await stt.open({ ...context, signal });
        isOpen = true;
        this.#reconnects.tried('completed', stream.provider);
        this.#stream = stream;
        this.#feed.attach(stream, () => this.#isLive(stream));
        try {
          for await (const event of stream) {
            // Who has left still has last words on their way: they are recorded, and not answered.
            if (!signal.aborted) this.#heard(event);
          }
        } finally {
          // What is said while it is being closed is for the next one.
          this.#stream = undefined;
          this.#feed.detach();
          if (!signal.aborted) this.#isLost();
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!isOpen) this.#isRefused(error);
        onError(error, 'speech to text');
      }
      await this.#backOff.pause(signal);
    }
  }

  #isRefused(error: unknown): void {
    const { stt, onLost } = this.#parts;
    const { provider } = error instanceof ProviderError ? error : stt;
    this.#reconnects.tried('error', provider);
    // Also where there never was one: what is said now comes late.
    onLost(false);
  }

  #isLive(stream: STTStream): void {
    // The end of the turn came when nobody could be asked for its words.
    if (this.#lastWords === 'due') stream.flush();
    this.#parts.onLive();
  }

  #isLost(): void {
    this.#reconnects.lost();
    this.#unheardSinceMs ??= this.#parts.clock.now();
    this.#parts.onLost(this.#parts.turnDetector === undefined || this.#lastWords !== 'came');
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

  #heard(event: STTEvent): void {
    if (event.type !== 'error') this.#unheardSinceMs = undefined;
    // A sound is no sign that all is well: what breaks a connection whenever it is said begins with one.
    if (event.type !== 'error' && event.type !== 'speech-start') this.#backOff.reset();
    this.#understood(event);
    this.#parts.onEvent(event);
    if (event.type !== 'transcript') return;
    this.#patience.heard(event.text);
    this.#detection?.reconsider();
  }

  /** What is certain need not be heard again. */
  #understood(event: STTEvent): void {
    if (event.type === 'transcript' && event.final && event.text !== '') {
      this.#forget(event.settledAtMs);
      if (this.#lastWords === 'due') this.#lastWords = 'came';
    } else if (event.type === 'turn-end' && !event.eager) {
      this.#forget(event.speechEndedAtMs);
    }
  }

  #forget(untilMs: number | undefined): void {
    if (untilMs === undefined) this.#feed.forgetSent();
    else this.#feed.forget(untilMs);
  }

  #turnChanged(event: TurnEvent): void {
    if (event.type === 'speech-start') this.#patience.forget();
    this.#parts.onEvent(event);
    if (event.type !== 'turn-end') {
      this.#lastWords = 'not-due';
    } else if (this.#lastWords === 'not-due') {
      // The words of a turn that is over, or may be, are wanted now; once, since only silence follows.
      this.#lastWords = 'due';
      if (this.#feed.isLive) this.#stream?.flush();
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  if (signal.aborted) resolve();
  return promise;
}
