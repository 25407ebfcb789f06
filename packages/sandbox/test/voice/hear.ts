import { Listener, type HeardCharacter } from '@vision-agents/sandbox';

export interface Heard {
  text: string;
  characters: HeardCharacter[];
  starts: number[];
  ends: number[];
}

/** Listens to audio in pieces of `pieceBytes` bytes and returns all that was heard. */
export function hear(
  samples: Int16Array,
  sampleRateHz: number,
  { chordMs = 80, pieceBytes = 640 }: { chordMs?: number; pieceBytes?: number } = {},
): Heard {
  const heard: Heard = { text: '', characters: [], starts: [], ends: [] };
  const listener = new Listener({
    sampleRateHz,
    chordMs,
    onSpeechStart: (offsetMs) => heard.starts.push(offsetMs),
    onSpeechEnd: (offsetMs) => heard.ends.push(offsetMs),
    onCharacter: (character) => {
      heard.characters.push(character);
      heard.text += character.text;
    },
  });
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    listener.write(bytes.subarray(at, at + pieceBytes));
  }
  return heard;
}

/** Audio with silence before and after it. */
export function padded(
  samples: Int16Array,
  sampleRateHz: number,
  { beforeMs = 400, afterMs = 400 }: { beforeMs?: number; afterMs?: number } = {},
): Int16Array {
  const before = Math.round((beforeMs * sampleRateHz) / 1000);
  const after = Math.round((afterMs * sampleRateHz) / 1000);
  const all = new Int16Array(before + samples.length + after);
  all.set(samples, before);
  return all;
}

/** Linear resampling, the crudest there is, by any ratio. */
export function resampled(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
  const result = new Int16Array(Math.floor((samples.length * toHz) / fromHz));
  for (let index = 0; index < result.length; index += 1) {
    const at = (index * fromHz) / toHz;
    const left = samples[Math.floor(at)] ?? 0;
    const right = samples[Math.floor(at) + 1] ?? left;
    result[index] = Math.round(left + (right - left) * (at - Math.floor(at)));
  }
  return result;
}

/** G.711 mu-law and back: a lossy coder with 8 bits a sample. */
export function throughMuLaw(samples: Int16Array): Int16Array {
  return samples.map((sample) => {
    const sign = Math.sign(sample);
    const code = Math.round((Math.log1p((255 * Math.abs(sample)) / 32_768) / Math.log(256)) * 127);
    return sign * Math.round(((256 ** (code / 127) - 1) / 255) * 32_768);
  });
}

/** White noise of a given power (dB full scale) on top, the same on every run. */
export function noisy(samples: Int16Array, powerDb: number): Int16Array {
  const amplitude = 32_768 * Math.sqrt(3 * 10 ** (powerDb / 10));
  let state = 1;
  return samples.map((sample) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.max(-32_768, Math.min(32_767, sample + (state / 2 ** 31 - 1) * amplitude));
  });
}
