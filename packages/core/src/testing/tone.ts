import type { AudioFrame } from '../audio/audio-frame.ts';

/** What a tone is like. */
export interface ToneOptions {
  readonly durationMs: number;
  /** @default 440 */
  readonly frequencyHz?: number;
  /** Samples per second. @default 16000 */
  readonly sampleRateHz?: number;
  /** The height of its peaks, in steps of a sample: 0 to 32767. @default 10000 */
  readonly amplitude?: number;
}

/** A sine. */
export function tone(options: ToneOptions): AudioFrame {
  const { durationMs, frequencyHz = 440, sampleRateHz = 16_000, amplitude = 10_000 } = options;
  const length = Math.round((sampleRateHz * durationMs) / 1000);
  const step = (2 * Math.PI * frequencyHz) / sampleRateHz;
  const samples = Int16Array.from({ length }, (_, index) =>
    Math.round(amplitude * Math.sin(index * step)),
  );
  return { samples, sampleRateHz };
}
