/** How loud one frequency is in the samples: the height of its peaks. */
export function amplitudeAt(
  samples: Int16Array,
  sampleRateHz: number,
  frequencyHz: number,
): number {
  // Whole periods only, so that the ends do not count as another tone.
  const periods = Math.floor((samples.length * frequencyHz) / sampleRateHz);
  const length = Math.round((periods * sampleRateHz) / frequencyHz);
  let real = 0;
  let imaginary = 0;
  for (const [index, sample] of samples.subarray(0, length).entries()) {
    const phase = (2 * Math.PI * frequencyHz * index) / sampleRateHz;
    real += sample * Math.cos(phase);
    imaginary += sample * Math.sin(phase);
  }
  return (2 * Math.hypot(real, imaginary)) / length;
}
