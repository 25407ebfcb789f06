/** What happened to a turn. */
export type FluxEvent = 'StartOfTurn' | 'Update' | 'EagerEndOfTurn' | 'TurnResumed' | 'EndOfTurn';

/** A `TurnInfo` message. */
export interface FluxTurnInfo {
  readonly type: 'turn';
  readonly event: FluxEvent;
  /** All of the turn so far. */
  readonly text: string;
  /** Where the first word starts in the audio of this connection; undefined when it is not told. */
  readonly speechStartMs: number | undefined;
  /** Where the last word ends; undefined when it is not told. */
  readonly speechEndMs: number | undefined;
  /** The language heard most in the turn. */
  readonly language: string | undefined;
}

/** A message of Flux, as far as it matters here. */
export type FluxMessage =
  | FluxTurnInfo
  | { readonly type: 'error'; readonly code: string }
  | { readonly type: 'ignored'; readonly name: string }
  | { readonly type: 'malformed'; readonly problem: string };

type Fields = Readonly<Record<string, unknown>>;

const EVENTS: ReadonlySet<string> = new Set<FluxEvent>([
  'StartOfTurn',
  'Update',
  'EagerEndOfTurn',
  'TurnResumed',
  'EndOfTurn',
]);
const MAX_NAME_LENGTH = 40;

/**
 * Reads a message of `/v2/listen` that was JSON; a text or a blob was not. Never throws: what is new
 * is `ignored`, what contradicts the documentation is `malformed`.
 * Protocol: https://developers.deepgram.com/docs/flux/state
 */
export function parseFluxMessage(message: unknown): FluxMessage {
  if (!isFields(message)) return malformed('it is not a JSON object');
  switch (message['type']) {
    case 'TurnInfo':
      return parseTurnInfo(message);
    case 'Error':
      return { type: 'error', code: nameOf(message['code'], 'unnamed') };
    default:
      return typeof message['type'] === 'string'
        ? { type: 'ignored', name: nameOf(message['type'], 'unnamed') }
        : malformed('it has no type');
  }
}

function parseTurnInfo(message: Fields): FluxMessage {
  const { event, transcript, words = [], languages } = message;
  if (typeof event !== 'string') return malformed('`event` is not a string');
  if (!isEvent(event)) return { type: 'ignored', name: nameOf(event, 'TurnInfo') };
  if (typeof transcript !== 'string') return malformed('`transcript` is not a string');
  if (!Array.isArray(words) || !words.every(isWord)) {
    return malformed('`words` is not a list of words');
  }
  return {
    type: 'turn',
    event,
    text: transcript,
    speechStartMs: milliseconds(words[0]?.start),
    speechEndMs: milliseconds(words.at(-1)?.end),
    language: Array.isArray(languages) ? languages.find(isString) : undefined,
  };
}

interface Word {
  /** Seconds; Flux tells them since July 2026. */
  readonly start?: number | undefined;
  readonly end?: number | undefined;
}

function isWord(value: unknown): value is Word {
  return isFields(value) && isOptionalNumber(value['start']) && isOptionalNumber(value['end']);
}

function isOptionalNumber(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && value >= 0);
}

function isEvent(value: string): value is FluxEvent {
  return EVENTS.has(value);
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !(value instanceof Blob);
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

/** A name fit for a label: what is not one of ours is cut and never a text of the user. */
function nameOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' && /^[\w-]+$/.test(value)
    ? value.slice(0, MAX_NAME_LENGTH)
    : otherwise;
}

function malformed(problem: string): FluxMessage {
  return { type: 'malformed', problem };
}
