const rates = new Set([16_000, 22_050, 24_000, 44_100, 48_000]);

/** The sampling rate of an `output_format`, `pcm_<rate>`; undefined when the sandbox does not speak it. */
export function sampleRateOf(format: string | null): number | undefined {
  const rate = Number(/^pcm_(\d+)$/.exec(format ?? '')?.[1]);
  return rates.has(rate) ? rate : undefined;
}

/** Samples as s16le bytes. */
export function bytesOf(samples: Int16Array): Buffer {
  return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
}

/** Cuts audio into about so many pieces of nearly equal size, each but the last of `even` or odd length in bytes. */
export function cut(audio: Buffer, count: number, parity: 'even' | 'odd'): Buffer[] {
  const size = Math.max(2, Math.ceil(audio.length / count));
  const step = size % 2 === (parity === 'even' ? 0 : 1) ? size : size + 1;
  return Array.from({ length: Math.ceil(audio.length / step) }, (_, index) =>
    audio.subarray(index * step, (index + 1) * step),
  );
}

/** How many pieces a stretch of audio is sent in: one for each 100 ms, and two at least. */
export function pieceCount(audio: Buffer, sampleRateHz: number): number {
  return Math.max(2, Math.round(audio.length / (sampleRateHz * 0.2)));
}
