/** A message that is not about what was heard or spoken. */
export type ControlMessage =
  | { readonly type: 'error'; readonly code: string }
  | { readonly type: 'ignored'; readonly name: string }
  | { readonly type: 'malformed'; readonly problem: string };

/** A JSON object whose fields were not looked at. */
export type Fields = Readonly<Record<string, unknown>>;

const MAX_NAME_LENGTH = 40;

/** What a text message holds; undefined where it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A message that has no other meaning than its type: an error, or one that is new. */
export function controlMessage(message: Fields): ControlMessage {
  const { type, code } = message;
  if (typeof type !== 'string') return malformed('it has no type');
  return type === 'Error'
    ? { type: 'error', code: nameOf(code, 'unnamed') }
    : { type: 'ignored', name: nameOf(type, 'unnamed') };
}

/** A message that contradicts the documentation. */
export function malformed(problem: string): ControlMessage & { readonly type: 'malformed' } {
  return { type: 'malformed', problem };
}

/** Whether a value is a JSON object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

/** A name fit for a label: what is not one of ours is cut and never a text of the user. */
export function nameOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' && /^[\w-]+$/.test(value)
    ? value.slice(0, MAX_NAME_LENGTH)
    : otherwise;
}

/** A word, as far as it matters here. */
export interface Word {
  /** Seconds. */
  readonly start?: number | undefined;
  readonly end?: number | undefined;
}

/** Whether a value is a list of words. */
export function isWords(value: unknown): value is readonly Word[] {
  return Array.isArray(value) && value.every(isWord);
}

function isWord(value: unknown): value is Word {
  return isFields(value) && isOptionalTime(value['start']) && isOptionalTime(value['end']);
}

function isOptionalTime(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && value >= 0);
}

/** The language that is heard most, which is the first of a list. */
export function firstLanguage(languages: unknown): string | undefined {
  return Array.isArray(languages)
    ? languages.find((language): language is string => typeof language === 'string')
    : undefined;
}

/** A number; undefined for what is none. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** Seconds as milliseconds. */
export function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
