/** A sine at half of full scale. */
export function tone(frequencyHz: number, durationMs: number, sampleRateHz: number): Int16Array {
  const length = Math.round((durationMs * sampleRateHz) / 1000);
  const step = (2 * Math.PI * frequencyHz) / sampleRateHz;
  return Int16Array.from({ length }, (_, index) => Math.round(16_384 * Math.sin(index * step)));
}

/** The frequency of a steady tone, from its zero crossings upwards, in Hz. */
export function frequencyOf(samples: Int16Array, sampleRateHz: number): number {
  const crossings: number[] = [];
  for (let index = 1; index < samples.length; index++) {
    if ((samples[index - 1] ?? 0) < 0 && (samples[index] ?? 0) >= 0) crossings.push(index);
  }
  const span = (crossings.at(-1) ?? 0) - (crossings[0] ?? 0);
  return ((crossings.length - 1) * sampleRateHz) / span;
}
