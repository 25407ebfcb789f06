import type { ControlMessage, Fields } from './deepgram-wire.ts';
import {
  controlMessage,
  firstLanguage,
  isFields,
  isWords,
  malformed,
  milliseconds,
  numberOf,
} from './deepgram-wire.ts';

/** A `Results` message: one stretch of audio, which is told again until it is final. */
export interface NovaResults {
  readonly type: 'results';
  /** What was said in the stretch; empty in silence. */
  readonly text: string;
  /** Where the stretch starts and ends in the audio of this connection; undefined when it is not told. */
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
  /** The stretch will not be told again. */
  readonly isFinal: boolean;
  /** The speaker has finished. */
  readonly speechFinal: boolean;
  /** The answer to `Finalize`. */
  readonly fromFinalize: boolean;
  /** Where the first word starts in the audio of this connection; undefined when it is not told. */
  readonly speechStartMs: number | undefined;
  /** Where the last word ends; undefined when it is not told. */
  readonly speechEndMs: number | undefined;
  /** The language heard most, where several are expected. */
  readonly language: string | undefined;
}

/** A message of `/v1/listen`, as far as it matters here. */
export type NovaMessage =
  | NovaResults
  | { readonly type: 'speech-started'; readonly offsetMs: number | undefined }
  | { readonly type: 'utterance-end'; readonly lastWordEndMs: number | undefined }
  | ControlMessage;

/**
 * Reads a message of `/v1/listen`. Never throws: what is new is `ignored`, what contradicts the
 * documentation is `malformed`.
 * Protocol: https://developers.deepgram.com/docs/understand-endpointing-interim-results
 */
export function parseNovaMessage(message: unknown): NovaMessage {
  if (!isFields(message)) return malformed('it is not a JSON object');
  switch (message['type']) {
    case 'Results':
      return parseResults(message);
    case 'SpeechStarted':
      return { type: 'speech-started', offsetMs: time(message['timestamp']) };
    case 'UtteranceEnd':
      return { type: 'utterance-end', lastWordEndMs: time(message['last_word_end']) };
    default:
      return controlMessage(message);
  }
}

function parseResults(message: Fields): NovaMessage {
  const { channel, is_final: isFinal, speech_final: speechFinal } = message;
  const startMs = milliseconds(numberOf(message['start']));
  const durationMs = milliseconds(numberOf(message['duration']));
  const alternatives = isFields(channel) ? channel['alternatives'] : undefined;
  if (!Array.isArray(alternatives)) return malformed('`alternatives` is not a list');
  const best: unknown = alternatives[0] ?? { transcript: '' };
  if (!isFields(best)) return malformed('an alternative is not an object');
  const { transcript, words = [], languages } = best;
  if (typeof transcript !== 'string') return malformed('`transcript` is not a string');
  if (!isWords(words)) return malformed('`words` is not a list of words');
  return {
    type: 'results',
    text: transcript,
    startMs,
    endMs: startMs === undefined || durationMs === undefined ? undefined : startMs + durationMs,
    isFinal: isFinal === true,
    speechFinal: speechFinal === true,
    fromFinalize: message['from_finalize'] === true,
    speechStartMs: milliseconds(words[0]?.start),
    speechEndMs: milliseconds(words.at(-1)?.end),
    language: firstLanguage(languages),
  };
}

/** Deepgram writes -1 where there is no such moment. */
function time(seconds: unknown): number | undefined {
  return typeof seconds === 'number' && seconds >= 0 ? seconds * 1000 : undefined;
}
