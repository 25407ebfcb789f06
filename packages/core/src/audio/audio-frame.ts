import { endianness } from 'node:os';

/** A piece of mono 16-bit PCM audio. */
export interface AudioFrame {
  readonly samples: Int16Array;
  /** Samples per second, 8,000 to 48,000. */
  readonly sampleRateHz: number;
}

/** How long a frame sounds, in milliseconds. */
export function frameDurationMs(frame: AudioFrame): number {
  return (frame.samples.length / frame.sampleRateHz) * 1000;
}

/** A frame of silence. */
export function silence(durationMs: number, sampleRateHz: number): AudioFrame {
  return { samples: new Int16Array(Math.round((durationMs * sampleRateHz) / 1000)), sampleRateHz };
}

const LITTLE_ENDIAN = endianness() === 'LE';

/** Little-endian bytes of the samples, as every provider wants them; shares memory where it can. */
export function pcmBytes(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  return LITTLE_ENDIAN ? bytes : swapped(bytes);
}

/**
 * Samples of little-endian bytes. Shares memory where alignment allows.
 * @throws RangeError when the number of bytes is odd
 */
export function pcmSamples(bytes: Uint8Array): Int16Array {
  if (bytes.byteLength % 2 !== 0) {
    throw new RangeError(`16-bit PCM cannot have an odd number of bytes (${bytes.byteLength})`);
  }
  const ordered = LITTLE_ENDIAN ? bytes : swapped(bytes);
  // Not slice(): a Buffer's shares the memory and stays where it is.
  const aligned = ordered.byteOffset % 2 === 0 ? ordered : new Uint8Array(ordered);
  return new Int16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 2);
}

function swapped(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes, (_byte, index) => bytes[index ^ 1] ?? 0);
}
