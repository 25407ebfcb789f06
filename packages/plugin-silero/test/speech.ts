import { execFileSync } from 'node:child_process';

import { pcmSamples, Resampler } from '@vision-agents/core';

/** The rate of everything here, in Hz. */
export const RATE_HZ = 16_000;

/** What a voice of `espeak-ng` makes of a text, at 16 kHz. */
export function speak(text: string, voice = 'en'): Int16Array {
  const wav = execFileSync('espeak-ng', ['-v', voice, '--stdout', text], { timeout: 10_000 });
  const rateHz = wav.readUInt32LE(24);
  const data = wav.indexOf('data', 12, 'latin1') + 8;
  const evenLength = (wav.length - data) & ~1;
  return new Resampler(rateHz, RATE_HZ).push(pcmSamples(wav.subarray(data, data + evenLength)));
}

/** Nothing to hear. */
export function quiet(durationMs: number): Int16Array {
  return new Int16Array(samplesIn(durationMs));
}

/** White noise at a tenth of full scale, the same each time. */
export function noise(durationMs: number): Int16Array {
  let seed = 1;
  return Int16Array.from({ length: samplesIn(durationMs) }, () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return (seed / 2 ** 32 - 0.5) * 6554;
  });
}

/** A sine at half of full scale. */
export function tone(frequencyHz: number, durationMs: number): Int16Array {
  return Int16Array.from(
    { length: samplesIn(durationMs) },
    (_, index) => 16_384 * Math.sin((2 * Math.PI * frequencyHz * index) / RATE_HZ),
  );
}

/** One after the other. */
export function joined(...pieces: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Where the sound begins and ends, in milliseconds: by its energy in steps of 5 ms, from 5 % of the loudest. */
export function soundIn(samples: Int16Array): { startMs: number; endMs: number } {
  const step = samplesIn(5);
  const levels = Array.from({ length: Math.floor(samples.length / step) }, (_, index) =>
    Math.hypot(...samples.subarray(index * step, (index + 1) * step)),
  );
  const isSound = (level: number): boolean => level > 0.05 * Math.max(...levels);
  return { startMs: levels.findIndex(isSound) * 5, endMs: levels.findLastIndex(isSound) * 5 + 5 };
}

/** How long samples at 16 kHz sound. */
export function lengthMs(samples: Int16Array): number {
  return (samples.length / RATE_HZ) * 1000;
}

function samplesIn(durationMs: number): number {
  return Math.round((durationMs * RATE_HZ) / 1000);
}
