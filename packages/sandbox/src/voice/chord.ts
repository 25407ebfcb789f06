const tonesPerGroup = 8;

/** How many tones the voice uses: eight low, eight high. */
export const toneCount: number = 2 * tonesPerGroup;

/** How long one chord lasts unless told otherwise. Shorter is faster to test with, longer survives more packet loss. */
export const defaultChordMs = 80;

/** The soft edge at each end of a chord, as a part of the chord: without it every change would click. */
export const edgeShare = 0.1;

/** Frequency in Hz of a tone: 0 to 7 are low (500 to 1270 Hz), 8 to 15 high (1600 to 2790 Hz). All are multiples of 10 Hz. */
export function toneHz(tone: number): number {
  return tone < tonesPerGroup ? 500 + 110 * tone : 1600 + 170 * (tone - tonesPerGroup);
}

/** The two tones of a sign (0 to 63). Sign 0 has the lowest and the highest, which disturb each other least. */
export function tonesOf(sign: number): [low: number, high: number] {
  return [Math.floor(sign / tonesPerGroup), toneCount - 1 - (sign % tonesPerGroup)];
}

/** The sign made of a low and a high tone. */
export function signOfTones(low: number, high: number): number {
  return low * tonesPerGroup + (toneCount - 1 - high);
}
