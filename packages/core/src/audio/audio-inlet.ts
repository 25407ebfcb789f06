import type { AudioFrame } from './audio-frame.ts';
import { AudioLedger } from './audio-ledger.ts';
import { Resampler } from './resampler.ts';

/**
 * The way of one participant's audio to one listener: converts frames of any rate to the one that the
 * listener wants, and remembers when each piece was heard.
 */
export class AudioInlet {
  readonly #sampleRateHz: number;
  readonly #ledger = new AudioLedger();
  #resampler: { readonly rateHz: number; readonly resampler: Resampler } | undefined;

  constructor(sampleRateHz: number) {
    this.#sampleRateHz = sampleRateHz;
  }

  /** The samples to hand on; may be none. `heardAtMs` is when the frame ended to be heard. */
  write(frame: AudioFrame, heardAtMs: number): Int16Array {
    const samples = this.#resample(frame);
    if (samples.length > 0) this.#ledger.append(this.durationMs(samples), heardAtMs);
    return samples;
  }

  /** How long samples at the listener's rate sound. */
  durationMs(samples: Int16Array): number {
    return (samples.length / this.#sampleRateHz) * 1000;
  }

  /** When the audio at an offset was heard; undefined where that is not known. */
  timeOf(offsetMs: number | undefined): number | undefined {
    return offsetMs === undefined ? undefined : this.#ledger.timeOf(offsetMs);
  }

  #resample(frame: AudioFrame): Int16Array {
    if (frame.sampleRateHz === this.#sampleRateHz) return frame.samples;
    if (this.#resampler?.rateHz !== frame.sampleRateHz) {
      const resampler = new Resampler(frame.sampleRateHz, this.#sampleRateHz);
      this.#resampler = { rateHz: frame.sampleRateHz, resampler };
    }
    return this.#resampler.resampler.push(frame.samples);
  }
}
