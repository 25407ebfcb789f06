import type { AudioFrame } from '../../audio/audio-frame.ts';
import type { Scene } from './scene.ts';

/** Speech as a far side understands it, with the silence after it that ends a turn. */
export interface SpokenAudio {
  readonly frame: AudioFrame;
  /** Where the speech begins and ends, in milliseconds of the audio. */
  readonly startMs: number;
  readonly endMs: number;
}

/** How far from the truth a moment of speech may be told, in milliseconds. */
export const TOLERANCE_MS = 250;

/** Writes audio as a microphone does: in real time on the scene's clock, a frame of 20 ms after another. */
export async function speakInto(
  scene: Scene,
  stream: { write(frame: AudioFrame): void },
  { samples, sampleRateHz }: AudioFrame,
  lengths: readonly number[] = [sampleRateHz / 50],
): Promise<void> {
  for (let at = 0, piece = 0; at < samples.length; piece++) {
    const length = lengths[piece % lengths.length] ?? samples.length;
    const frame = { samples: samples.subarray(at, at + length), sampleRateHz };
    await scene.clock.advance((frame.samples.length / sampleRateHz) * 1000);
    stream.write(frame);
    at += length;
  }
}

/** Lengths of pieces, in samples, that no provider's own frames are multiples of. */
export const ODD_LENGTHS: readonly number[] = [1, 7, 333, 159, 200];
