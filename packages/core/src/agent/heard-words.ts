import { wordSegmenter } from '../conversation/word-segmenter.ts';

/** How long a character sounds: 150 English words a minute of six characters, the space included. */
const MS_A_CHARACTER = 67;

/** Durations are sums of fractions: what lacks less than this was heard whole. */
const ROUNDING_MS = 1;

/** The audio of a text, in milliseconds. */
export interface PlayedAudio {
  /** How much has left for the caller. */
  readonly playedMs: number;
  /** How much has come of it. */
  readonly audioMs: number;
  /** Whether that is all. */
  readonly isComplete: boolean;
}

/** The words of a text that have left for the caller; cut between two words. */
export function heardWords(text: string, { playedMs, audioMs, isComplete }: PlayedAudio): string {
  if (isComplete && playedMs >= audioMs - ROUNDING_MS) return text;
  // While audio still comes, its length is not known: what has come may be only the first words.
  const wholeMs = isComplete ? audioMs : Math.max(audioMs, text.length * MS_A_CHARACTER);
  return wholeMs === 0 ? '' : firstWords(text, Math.min(playedMs, audioMs) / wholeMs);
}

/** The words that lie in the first part of a text, in scripts with and without spaces between them. */
function firstWords(text: string, share: number): string {
  const end = Math.floor(text.length * Math.min(1, share));
  let words = '';
  for (const { segment } of wordSegmenter().segment(text)) {
    if (words.length + segment.length > end) break;
    words += segment;
  }
  return words;
}
