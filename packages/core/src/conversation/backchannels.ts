/**
 * What listeners say to show that they listen, by language (the first part of a BCP 47 tag), in lower
 * case: none of it asks an agent to stop. Words that may also answer a question with weight, such as
 * "yes", "no" and "sure", are not in it.
 */
export const BACKCHANNELS: Readonly<Record<string, readonly string[]>> = {
  en: phrases(
    'uh-huh|mm-hmm|mhm|mm|hm|hmm|uh|um|ah|aha|oh|ooh|wow|yeah|yep|yup|ok|okay|right|alright|all right|' +
      'i see|got it|cool|oh really',
  ),
  de: phrases(
    'mhm|hm|hmm|äh|ähm|ah|aha|ach|ach so|oh|ja|jo|ok|okay|genau|stimmt|verstehe|klar|gut',
  ),
  fr: phrases('mm|hm|hum|euh|ah|ah bon|oh|ouais|ok|okay|d’accord|je vois|bien|voilà'),
  es: phrases('mm|ajá|eh|ah|oh|ya|vale|ok|okay|claro|entiendo|ya veo'),
  it: phrases('mm|mh|eh|ah|oh|già|ok|okay|certo|capisco|va bene|ho capito'),
  pt: phrases('hum|aham|uhum|ah|oh|tá|ok|okay|certo|entendi|sei|pois'),
  nl: phrases('mm|hm|uh|ah|aha|oh|ja|oké|ok|okay|precies|juist|ik snap het'),
  ja: phrases('うん|うんうん|はい|ええ|へえ|そう|そうですか|そうですね|なるほど|ああ'),
  zh: phrases('嗯|嗯嗯|哦|噢|啊|好|好的|对|是|是的|行|明白|知道了'),
  hi: phrases('हाँ|हां|हम्म|अच्छा|ठीक|ठीक है|जी|ओके|ओह'),
};

/** What a text of a user means for an agent that is responding. */
export type BackchannelVerdict = 'backchannel' | 'words' | 'undecided';

/** No listener's noises are longer than this. */
const MAX_LENGTH = 40;

/** Tells listeners' noises from words. */
export class Backchannels {
  readonly #byLanguage: ReadonlyMap<string, readonly string[]>;
  readonly #all: readonly string[];

  /** @param lists phrases by language, in the shape of {@link BACKCHANNELS} */
  constructor(lists: Readonly<Record<string, readonly string[]>>) {
    this.#byLanguage = new Map(
      Object.entries(lists).map(([language, list]) => [
        language.toLowerCase(),
        list.map(squeezed).filter((phrase) => phrase !== ''),
      ]),
    );
    this.#all = [...this.#byLanguage.values()].flat();
  }

  /**
   * Judges what was heard of a user so far. A text that is not final is undecided as long as it may
   * still become a back-channel. Without a language, any language's phrases count.
   */
  judge(text: string, final: boolean, language?: string): BackchannelVerdict {
    const letters = squeezed(text);
    if (letters === '') return 'undecided';
    if (letters.length > MAX_LENGTH) return 'words';
    const list = this.#phrasesOf(language);
    if (consistsOf(letters, list, false)) return 'backchannel';
    return !final && consistsOf(letters, list, true) ? 'undecided' : 'words';
  }

  #phrasesOf(language: string | undefined): readonly string[] {
    if (language === undefined) return this.#all;
    return this.#byLanguage.get(language.toLowerCase().split('-')[0] ?? '') ?? [];
  }
}

const judges = new WeakMap<Readonly<Record<string, readonly string[]>>, Backchannels>();

/** The judge by these lists: one for all calls that have the same, since it takes kilobytes. */
export function backchannelsOf(lists: Readonly<Record<string, readonly string[]>>): Backchannels {
  const judge = judges.get(lists) ?? new Backchannels(lists);
  judges.set(lists, judge);
  return judge;
}

/** Whether a text is one phrase after the other; the last may be only begun where `isOpen`. */
function consistsOf(text: string, list: readonly string[], isOpen: boolean): boolean {
  const ends = new Set([0]);
  // A set hands out what is added while it is walked through: every end is looked at once.
  for (const end of ends) {
    for (const phrase of list) {
      if (text.startsWith(phrase, end)) ends.add(end + phrase.length);
      else if (isOpen && phrase.startsWith(text.slice(end))) return true;
    }
  }
  return ends.has(text.length);
}

/** Letters and digits only, so that "Uh-huh.", "uh huh" and "Mmmmm" need no entries of their own. */
function squeezed(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '')
    .replaceAll(/(.)\1{2,}/gu, '$1$1');
}

function phrases(list: string): readonly string[] {
  return list.split('|');
}
