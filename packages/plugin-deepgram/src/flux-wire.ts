import type { ControlMessage, Fields } from './deepgram-wire.ts';
import {
  controlMessage,
  firstLanguage,
  isFields,
  isWords,
  malformed,
  milliseconds,
  nameOf,
  numberOf,
} from './deepgram-wire.ts';

/** What happened to a turn. */
export type FluxEvent = 'StartOfTurn' | 'Update' | 'EagerEndOfTurn' | 'TurnResumed' | 'EndOfTurn';

/** A `TurnInfo` message. */
export interface FluxTurnInfo {
  readonly type: 'turn';
  readonly event: FluxEvent;
  /** Counts all messages of a connection; undefined when it is not told. */
  readonly sequence: number | undefined;
  /** Counts the turns of a connection, from 0; undefined when it is not told. */
  readonly turnIndex: number | undefined;
  /** All of the turn so far. */
  readonly text: string;
  /** Where the first word starts in the audio of this connection; undefined when it is not told. */
  readonly speechStartMs: number | undefined;
  /** Where the last word ends; undefined when it is not told. */
  readonly speechEndMs: number | undefined;
  /** The language heard most in the turn. */
  readonly language: string | undefined;
}

const EVENTS: ReadonlySet<string> = new Set<FluxEvent>([
  'StartOfTurn',
  'Update',
  'EagerEndOfTurn',
  'TurnResumed',
  'EndOfTurn',
]);

/**
 * Reads a message of `/v2/listen`. Never throws: what is new is `ignored`, what contradicts the
 * documentation is `malformed`.
 * Protocol: https://developers.deepgram.com/docs/flux/state
 */
export function parseFluxMessage(message: unknown): FluxTurnInfo | ControlMessage {
  if (!isFields(message)) return malformed('it is not a JSON object');
  return message['type'] === 'TurnInfo' ? parseTurnInfo(message) : controlMessage(message);
}

function parseTurnInfo(message: Fields): FluxTurnInfo | ControlMessage {
  const { event, transcript, words = [], languages, sequence_id, turn_index } = message;
  if (typeof event !== 'string') return malformed('`event` is not a string');
  if (!isEvent(event)) return { type: 'ignored', name: nameOf(event, 'TurnInfo') };
  if (typeof transcript !== 'string') return malformed('`transcript` is not a string');
  // Flux tells the times of words since July 2026.
  if (!isWords(words)) return malformed('`words` is not a list of words');
  return {
    type: 'turn',
    event,
    sequence: numberOf(sequence_id),
    turnIndex: numberOf(turn_index),
    text: transcript,
    speechStartMs: milliseconds(words[0]?.start),
    speechEndMs: milliseconds(words.at(-1)?.end),
    language: firstLanguage(languages),
  };
}

function isEvent(value: string): value is FluxEvent {
  return EVENTS.has(value);
}
