import { signsByCharacter, startSign } from './alphabet.ts';
import { defaultChordMs, edgeShare, toneHz, tonesOf } from './chord.ts';

/** How an utterance is spoken. */
export interface SpeakOptions {
  /** Sampling rate in Hz of the audio wanted; at least 8000. */
  sampleRateHz: number;
  /** Length of one chord in ms, 50 or more. The listener must be told the same. Default 80. */
  chordMs?: number;
  /** Peak amplitude, above 0 and up to 1 (full scale). Default 0.4. */
  amplitude?: number;
}

/** Speaks a text as mono 16-bit audio: the start sign, then a chord for each sign of the text, and nothing after the last. */
export function speak(text: string, options: SpeakOptions): Int16Array {
  const { sampleRateHz, chordMs = defaultChordMs, amplitude = 0.4 } = options;
  const signs = [startSign, ...signsByCharacter(text).flat()];
  const chordSamples = (chordMs * sampleRateHz) / 1000;
  const edgeSamples = chordSamples * edgeShare;
  const samples = new Int16Array(Math.round(signs.length * chordSamples));
  const toneAmplitude = (amplitude * 32_767) / 2;
  for (const [index, sign] of signs.entries()) {
    const [low, high] = tonesOf(sign);
    const lowStep = (2 * Math.PI * toneHz(low)) / sampleRateHz;
    const highStep = (2 * Math.PI * toneHz(high)) / sampleRateHz;
    const start = Math.round(index * chordSamples);
    const end = Math.round((index + 1) * chordSamples);
    for (let at = start; at < end; at += 1) {
      const toEdge = Math.min(at - start + 0.5, end - at - 0.5);
      const gain =
        toEdge < edgeSamples ? 0.5 - 0.5 * Math.cos((Math.PI * toEdge) / edgeSamples) : 1;
      const phase = at - start;
      samples[at] = Math.round(
        gain * toneAmplitude * (Math.sin(lowStep * phase) + Math.sin(highStep * phase)),
      );
    }
  }
  return samples;
}

/** How long {@link speak} takes to say a text, in ms, start sign included. */
export function spokenDurationMs(text: string, chordMs: number = defaultChordMs): number {
  return (1 + signsByCharacter(text).flat().length) * chordMs;
}
