import type { HeardWord } from '../voice/words.ts';

/** What became of a turn, in Flux's words. */
type FluxEvent = 'Update' | 'StartOfTurn' | 'EagerEndOfTurn' | 'TurnResumed' | 'EndOfTurn';

/** The changing part of a `TurnInfo` message. */
export interface FluxTurnInfo {
  event: FluxEvent;
  turnIndex: number;
  windowStartMs: number;
  windowEndMs: number;
  words: readonly HeardWord[];
  trigger?: 'model' | 'timeout';
}

const seconds = (ms: number): number => Math.round(ms) / 1000;

const endConfidence: Record<FluxEvent, number> = {
  Update: 0.05,
  StartOfTurn: 0.01,
  EagerEndOfTurn: 0.5,
  TurnResumed: 0.1,
  EndOfTurn: 0.82,
};

/** The message on the wire, but for `request_id` and `sequence_id`. */
export function turnInfoMessage(info: FluxTurnInfo): Record<string, unknown> {
  return {
    type: 'TurnInfo',
    event: info.event,
    turn_index: info.turnIndex,
    audio_window_start: seconds(info.windowStartMs),
    audio_window_end: seconds(info.windowEndMs),
    transcript: info.words.map(({ word }) => word).join(' '),
    words: info.words.map(({ word, startMs, endMs }) => ({
      word,
      confidence: 0.97,
      start: seconds(startMs),
      end: seconds(endMs),
    })),
    end_of_turn_confidence: endConfidence[info.event],
    ...(info.trigger === undefined ? {} : { trigger: info.trigger }),
  };
}
