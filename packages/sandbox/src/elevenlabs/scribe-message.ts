import type { HeardWord } from '../voice/words.ts';

const seconds = (ms: number): number => Math.round(ms) / 1000;

/** The words of a segment as one text. */
export function textOf(words: readonly HeardWord[]): string {
  return words.map(({ word }) => word).join(' ');
}

/** `committed_transcript_with_timestamps`: what Scribe knows of a segment, told after its text. */
export function timestampsMessage(
  words: readonly HeardWord[],
  languageCode: string | null,
  hasTimestamps: boolean,
): Record<string, unknown> {
  return {
    message_type: 'committed_transcript_with_timestamps',
    text: textOf(words),
    language_code: languageCode,
    words: hasTimestamps ? words.flatMap(wordItems) : null,
  };
}

/** A word and, but for the first, the space before it. */
function wordItems({ word, startMs, endMs }: HeardWord, index: number): object[] {
  const details = { speaker_id: null, logprob: -0.05, characters: null };
  const start = seconds(startMs);
  const item = { text: word, start, end: seconds(endMs), type: 'word', ...details };
  const spacing = { text: ' ', start, end: start, type: 'spacing', ...details };
  return index === 0 ? [item] : [spacing, item];
}
