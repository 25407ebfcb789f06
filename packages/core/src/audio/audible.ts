/** Quieter than this (root mean square, -50 dB of full scale) is silence, also in a room. */
const AUDIBLE_LEVEL = 100;

/** Whether something can be heard in 16-bit samples, be it speech or not. */
export function isAudible(samples: Int16Array): boolean {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / Math.max(1, samples.length)) >= AUDIBLE_LEVEL;
}
