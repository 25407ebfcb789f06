import { withoutEmoji } from './emoji.ts';

const ATTRIBUTES = String.raw`(?:\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>=]+))*\s*\/?>`;
/** Tags of HTML that models write; others, such as a voice's own `<break time="1s"/>`, stay. */
const INLINE_TAG = new RegExp(
  String.raw`<\/?(?:a|b|code|del|em|font|i|ins|kbd|mark|s|small|span|strike|strong|sub|sup|tt|u)${ATTRIBUTES}|<!--(?:(?!<!--).)*?-->`,
  'gi',
);
const BLOCK_TAG = new RegExp(
  String.raw`<\/?(?:blockquote|br|center|details|div|h[1-6]|hr|img|li|ol|p|pre|summary|table|tbody|td|tfoot|th|thead|tr|ul)${ATTRIBUTES}`,
  'gi',
);

const FENCE = /^(?:`{3,}|~{3,})[^`]*$/;
const QUOTE = /^(?:>(?:\s|$))+/;
const HEADING = /^#{1,6}(?:\s+|$)(.*?)(?:\s+#+)?\s*$/;
const BULLET = /^[-*+•‣◦▪●](?:\s+|$)(?:\[[ xX]\]\s+)?/;

/** The address of a link, in which brackets may stand in pairs, and its title. */
const ADDRESS = String.raw`\((?:[^()\s]|\([^()\s]*\))*(?:\s+(?:"[^"]*"|'[^']*'))?\)`;
const IMAGE = new RegExp(String.raw`!\[([^\[\]]*)\]${ADDRESS}`, 'g');
const LINK = new RegExp(String.raw`\[([^\[\]]*)\](?:${ADDRESS}|\[[^\[\]]*\])`, 'g');
const FOOTNOTE = /\[\^[^\]\s]+\]:?/g;
const AUTOLINK = /<((?:https?:|mailto:)[^<>\s]+)>/g;
/** What a link that is cut in two by the end of a sentence leaves over. */
const LINK_START = /!?\[([^[\]]*)$/;
const LINK_END = /^([^[\]]*)\](?:\([^\s()]*\)?)?/;

/** URLs, in which marks are letters; else a run of marks of emphasis. */
const EMPHASIS = /(?:https?:\/\/|www\.)[^\s*<>]*[^\s*<>_.,;:!?)\]]|\*+|_+|~{2,}/g;
/** Invisible signs. Those that join and part letters are kept in the scripts that are written with them. */
const INVISIBLE =
  /[\u00AD\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF]|[\u{FE0E}\u{FE0F}]|(?<![[\p{L}\p{M}]--[\p{sc=Latin}\p{sc=Cyrillic}\p{sc=Greek}]])[\u200C\u200D]|[\u200C\u200D](?![\p{L}\p{M}])/gv;
const SPEAKABLE = /[\p{L}\p{N}\p{Sc}%&@°©®™]/u;

/**
 * What a voice is to say of a text: without the marks of Markdown, tags of HTML, emoji and invisible
 * signs, and empty where nothing is left to say. Links keep their text, images their description, code its
 * words, numbered lists their numbers; currencies, per cent and punctuation stay, also where it is
 * repeated.
 *
 * It is meant for one piece of a {@link SentenceSplitter} at a time, so marks whose other half is in
 * another piece ("**two" … "words**") go as well. It is for the voice only: captions and the
 * conversation have the text as the model wrote it, since a screen can show the marks and the model
 * is to see its own words.
 */
export function speakableText(text: string): string {
  const lines = text.split('\n').map(speakableLine);
  return lines.filter((line) => SPEAKABLE.test(line)).join('\n');
}

function speakableLine(original: string): string {
  const line = original.replaceAll(/\s+/g, ' ').trim();
  if (FENCE.test(line)) return '';
  const words = withoutEmoji(line)
    .replaceAll(INVISIBLE, '')
    .replace(QUOTE, '')
    .replace(BULLET, '')
    .replace(HEADING, '$1');
  return withoutEmphasis(withoutLinks(withoutTags(withoutTableMarks(words))))
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function withoutTags(text: string): string {
  return text.replaceAll(AUTOLINK, '$1').replaceAll(INLINE_TAG, '').replaceAll(BLOCK_TAG, ' ');
}

function withoutLinks(text: string): string {
  return text
    .replaceAll(FOOTNOTE, '')
    .replaceAll(IMAGE, '$1')
    .replaceAll(LINK, '$1')
    .replace(LINK_START, '$1')
    .replace(LINK_END, '$1');
}

/** Cells become an enumeration. A bar within a word of running text is none of a table's. */
function withoutTableMarks(text: string): string {
  const cells = text.split(text.startsWith('|') ? /(?<!\\)\|/ : /(?<=\s)\|(?=\s|$)/);
  if (cells.length === 1) return text;
  return cells
    .map((cell) => cell.trim())
    .filter((cell) => cell !== '')
    .join(', ');
}

function withoutEmphasis(text: string): string {
  const unescaped = text.replaceAll(/\\(?=[*_`#~|[\]<>])/g, '').replaceAll(/`+/g, '');
  return unescaped.replaceAll(EMPHASIS, (run: string, offset: number) => {
    const before = unescaped.slice(0, offset);
    const after = unescaped.slice(offset + run.length);
    return isText(run, before, after) ? run : '';
  });
}

/** URLs, snake_case, 2*3*4, 2 * 3 and 2**8. */
function isText(run: string, before: string, after: string): boolean {
  const isWithin = (sign: RegExp): boolean =>
    sign.test(before.slice(-1)) && sign.test(after.charAt(0));
  switch (run.charAt(0)) {
    case '_':
      return isWithin(/[\p{L}\p{N}]/u);
    case '*':
      if (run.length === 1 && isWithin(/\s/)) return /\w\s+$/.test(before) && /^\s+\w/.test(after);
      return isWithin(/\d/) || (run.length === 1 && isWithin(/[A-Za-z0-9]/));
    case '~':
      return false;
    default:
      return true;
  }
}
