import type { PlayedRealtime, ToldRealtimeTurn } from '../played-realtime.ts';
import { SAMPLES_A_MS } from '../spoken-pieces.ts';

export const FRAME_MS = 20;

/** How many samples of each answer left for the callers between two frames. */
export type SamplesHeard = ReadonlyMap<number, number>;

/** A turn of which something was heard, and what. */
export interface HeardTurn {
  readonly turn: ToldRealtimeTurn;
  /** The frames that left in it: from the first to the one before the second. */
  readonly from: number;
  readonly to: number;
  readonly heard: SamplesHeard;
}

/** Whether anything left for the callers in a turn, as it says. */
export function wasHeard({ record }: ToldRealtimeTurn): boolean {
  return record.marks.playoutStart !== undefined;
}

/** The turns that were heard, in order: what left since the one before is theirs. */
export function heardTurns(conversation: PlayedRealtime): HeardTurn[] {
  let from = 0;
  return conversation.turns.filter(wasHeard).map((turn) => {
    const window = {
      turn,
      from,
      to: turn.frames,
      heard: samplesHeard(conversation, from, turn.frames),
    };
    from = turn.frames;
    return window;
  });
}

/** What left of each answer; what fills the last frame up is no answer. */
export function samplesHeard(
  { frames }: PlayedRealtime,
  from: number,
  to: number = frames.length,
): SamplesHeard {
  const heard = new Map<number, number>();
  for (const { samples } of frames.slice(from, to)) {
    for (let start = 0; start < samples.length;) {
      const level = samples[start] ?? 0;
      // Most frames are of one answer throughout.
      let end = samples.at(-1) === level && start === 0 ? samples.length : start + 1;
      while (end < samples.length && samples[end] === level) end += 1;
      if (level !== 0) heard.set(level, (heard.get(level) ?? 0) + end - start);
      start = end;
    }
  }
  return heard;
}

/** How long samples sound. */
export function durationMs(samples: number): number {
  return samples / SAMPLES_A_MS;
}
