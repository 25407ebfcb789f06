/** The sign that opens every utterance: the alignment of the chord grid, and the start of speech. */
export const startSign = 0;
const shiftSign = 1;
const escapeSign = 2;

const firstCharacterSign = 3;
const characters = 'abcdefghijklmnopqrstuvwxyz0123456789 .,?!\'"-:;()/%$&+=@#*_<>';
const hexDigits = '0123456789abcdef';

const signOf = new Map(
  Array.from(characters, (character, index) => [character, firstCharacterSign + index]),
);

function characterOf(sign: number): string | undefined {
  return sign < firstCharacterSign ? undefined : characters[sign - firstCharacterSign];
}

function signsOfCharacter(character: string): number[] {
  const plain = signOf.get(character);
  if (plain !== undefined) return [plain];
  const lower = character.toLowerCase();
  const lowerSign = signOf.get(lower);
  // 'K' (Kelvin) has a lower case 'k' too: only what comes back as itself may be shifted.
  if (lowerSign !== undefined && lower.toUpperCase() === character) return [shiftSign, lowerSign];
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  return [escapeSign, ...Array.from(hex, (digit) => signOf.get(digit) ?? 0), escapeSign];
}

/** The signs (0 to 63) of each character of a text: one for most, two for upper case, more for the rest of Unicode. */
export function signsByCharacter(text: string): number[][] {
  return Array.from(text, signsOfCharacter);
}

/**
 * Turns signs back into characters, one sign at a time. A sequence that audio damage has made senseless becomes U+FFFD,
 * so that a broken audio path shows in the transcript.
 */
export class SignReader {
  #shifted = false;
  #hex: string | undefined;

  /** The character that this sign completes, if it completes one. */
  read(sign: number): string | undefined {
    if (sign === escapeSign) {
      const hex = this.#hex;
      this.#hex = hex === undefined ? '' : undefined;
      return hex === undefined ? undefined : codePoint(hex);
    }
    const character = characterOf(sign);
    if (this.#hex !== undefined) {
      if (character !== undefined && hexDigits.includes(character) && this.#hex.length < 6) {
        this.#hex += character;
        return undefined;
      }
      this.reset();
      return '\uFFFD';
    }
    if (sign === shiftSign) {
      this.#shifted = true;
      return undefined;
    }
    const shifted = this.#shifted;
    this.#shifted = false;
    return shifted ? character?.toUpperCase() : character;
  }

  /** Forgets a half-read character. */
  reset(): void {
    this.#shifted = false;
    this.#hex = undefined;
  }
}

function codePoint(hex: string): string {
  const value = Number.parseInt(hex, 16);
  return value <= 0x10ffff ? String.fromCodePoint(value) : '\uFFFD';
}
