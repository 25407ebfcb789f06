import { isString, labelOf, parseObject } from './elevenlabs-wire.ts';

/** What Scribe knows of a segment beside its text. */
export interface ScribeDetails {
  readonly text: string;
  /** Where the first word starts in the audio of this session; undefined when it is not told. */
  readonly speechStartMs: number | undefined;
  /** Where the last word ends; undefined when it is not told. */
  readonly speechEndMs: number | undefined;
  /** As Scribe was told or found out; undefined when it does not say. */
  readonly language: string | undefined;
}

/** A message of Scribe, as far as it matters here. */
export type ScribeMessage =
  | { readonly type: 'started'; readonly sampleRateHz: number | undefined }
  /** All of the segment so far. */
  | { readonly type: 'partial'; readonly text: string }
  /** The segment is over. */
  | { readonly type: 'committed'; readonly text: string }
  /** Follows a committed text where times or the language are asked for. */
  | (ScribeDetails & { readonly type: 'details' })
  | { readonly type: 'error'; readonly name: string }
  | { readonly type: 'ignored'; readonly name: string }
  | { readonly type: 'malformed'; readonly problem: string };

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a message. Never throws: what is new is `ignored`, what is not as documented is `malformed`.
 * Protocol: https://elevenlabs.io/docs/api-reference/speech-to-text/v-1-speech-to-text-realtime
 */
export function parseScribeMessage(json: string): ScribeMessage {
  const message = parseObject(json);
  if (!message) return malformed('it is not a JSON object');
  const { message_type: type, text } = message;
  if (!isString(type)) return malformed('it has no `message_type`');
  switch (type) {
    case 'session_started':
      return { type: 'started', sampleRateHz: sampleRateOf(message['config']) };
    case 'partial_transcript':
    // Will not change, and yet may grow: a segment is only over once it is committed.
    case 'final_transcript':
      return isString(text) ? { type: 'partial', text } : malformed('`text` is not a string');
    case 'committed_transcript':
      return isString(text) ? { type: 'committed', text } : malformed('`text` is not a string');
    case 'committed_transcript_with_timestamps':
      return parseDetails(message);
    default:
      // Whatever has an `error` is one, also under a name that is new.
      return isString(message['error'])
        ? { type: 'error', name: labelOf(type) }
        : { type: 'ignored', name: labelOf(type) };
  }
}

function parseDetails({ text, words, language_code: language }: Fields): ScribeMessage {
  if (!isString(text)) return malformed('`text` is not a string');
  const items = words ?? [];
  if (!Array.isArray(items) || !items.every(isWord)) {
    return malformed('`words` is not a list of words');
  }
  const spoken = items.filter(({ type }) => type === 'word');
  return {
    type: 'details',
    text,
    speechStartMs: milliseconds(spoken[0]?.start),
    speechEndMs: milliseconds(spoken.at(-1)?.end),
    language: isString(language) ? language : undefined,
  };
}

interface Word {
  readonly type?: unknown;
  /** Seconds. */
  readonly start?: number | null | undefined;
  readonly end?: number | null | undefined;
}

function isWord(value: unknown): value is Word {
  return isFields(value) && isOptionalTime(value['start']) && isOptionalTime(value['end']);
}

function isOptionalTime(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'number' && value >= 0);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function sampleRateOf(config: unknown): number | undefined {
  const rate = isFields(config) ? config['sample_rate'] : undefined;
  return typeof rate === 'number' ? rate : undefined;
}

function milliseconds(seconds: number | null | undefined): number | undefined {
  return typeof seconds === 'number' ? seconds * 1000 : undefined;
}

function malformed(problem: string): ScribeMessage {
  return { type: 'malformed', problem };
}
