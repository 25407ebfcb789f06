/**
 * One emoji or one part of a sequence of them, after Unicode Technical Standard 51: keycaps with their
 * sign, the tags of regional flags, and what is shown in colour (which flags and skin tones are) or
 * stands among signs that are meant as pictures. Signs that are text unless they are told otherwise (ℹ ↔ ▶) stay where they
 * are not told, and © ® ™ ‼ ⁉ always.
 */
const PART = [
  String.raw`[0-9#*]\uFE0F?\u20E3`,
  String.raw`[\u{E0020}-\u{E007F}]`,
  String.raw`\p{Emoji_Presentation}|[\p{Emoji}&&[\u{2600}-\u{27BF}]]`,
  String.raw`[\p{Extended_Pictographic}&&[\u{1F000}-\u{1FAFF}]]`,
  String.raw`[\p{Extended_Pictographic}--[©®™‼⁉]]\uFE0F`,
].join('|');

/** Emoji that follow each other, with what joins them and the white space around them. */
const EMOJI = new RegExp(String.raw`\s*(?:(?:${PART})[\uFE0F\u200D]*\s*)+`, 'gv');

/** Takes emoji out, and the white space that stood around them as far as the words do not need it. */
export function withoutEmoji(text: string): string {
  return text.replaceAll(EMOJI, (run: string, offset: number) => {
    const before = text.slice(0, offset);
    const after = text.slice(offset + run.length);
    const isAtBorder = /^$|[([]$/.test(before) || /^$|^(?![([–—-])\p{P}/u.test(after);
    return isAtBorder ? '' : ' ';
  });
}
