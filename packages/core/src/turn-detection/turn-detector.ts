import { systemClock } from '../clock/clock.ts';
import { ProviderError } from '../errors/provider-error.ts';
import { Recorder } from '../metrics/recorder.ts';
import type { ComponentContext } from '../stream/component-context.ts';
import type { TurnEvent } from './turn-detector-stream.ts';
import { TurnDetectorStream } from './turn-detector-stream.ts';

/**
 * What a detector reports. Offsets are milliseconds of the audio that it was given; `eager` means
 * that the turn is probably over, and that `turn-resumed` or a `turn-end` which is not follows.
 */
export type TurnFact =
  | { readonly type: 'speech-start'; readonly offsetMs: number }
  | { readonly type: 'turn-end'; readonly eager: boolean; readonly speechEndMs: number }
  | { readonly type: 'turn-resumed' };

/** What a call gives to a detector's stream. */
export interface TurnDetectorContext extends ComponentContext {
  /**
   * How much longer than the detector would the stream waits before it declares a turn over, in
   * milliseconds: asked at the end of each turn. Meanwhile the end is told eagerly. Must not throw.
   * @default 0
   */
  readonly patienceMs?: (() => number) | undefined;
}

/** A detector at work on one participant's audio. */
export interface TurnDetection {
  /** Takes the next samples at {@link TurnDetector.sampleRateHz}. Must not block or throw. */
  send(samples: Int16Array): void;
  /** Idempotent, bounded in time, never throws. */
  close(): Promise<void>;
}

/**
 * Finds where users start and end to speak, for a speech to text that does not. The object is
 * configuration and can serve any number of calls.
 */
export abstract class TurnDetector {
  /** The vendor or the model's name: the `provider` label of `turn.*`. */
  abstract readonly provider: string;
  /** The rate that the detector is given, in Hz. Core converts. */
  abstract readonly sampleRateHz: number;

  /**
   * Starts to listen to one participant; `onEvent` hears what is found.
   * @throws ProviderError when the detector cannot be started
   */
  async open(
    onEvent: (event: TurnEvent) => void,
    context: TurnDetectorContext = {},
  ): Promise<TurnDetectorStream> {
    const recorder = new Recorder({ provider: this.provider }, context.metrics);
    const stream = new TurnDetectorStream({
      sampleRateHz: this.sampleRateHz,
      recorder,
      clock: context.clock ?? systemClock,
      patienceMs: context.patienceMs ?? (() => 0),
      onEvent,
    });
    try {
      stream.attach(await this.connect((fact) => stream.report(fact)));
      return stream;
    } catch (error) {
      throw ProviderError.from(this.provider, error);
    }
  }

  /** Starts a detection that reports facts until it is closed. */
  protected abstract connect(report: (fact: TurnFact) => void): Promise<TurnDetection>;
}
