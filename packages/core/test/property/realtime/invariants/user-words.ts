import { tally } from '../../invariants/invariant.ts';
import { wordsOf } from '../../unique-words.ts';
import type { PlayedRealtime } from '../played-realtime.ts';
import type { RealtimeInvariant } from './invariant.ts';

/** What users were understood to say is told once, and is in the record of their turn if it came in time. */
export const userWordsAreKept: RealtimeInvariant = (conversation) => [
  ...toldOnce(conversation),
  ...inTurns(conversation),
  ...inNoLog(conversation),
];

function toldOnce({ understood, userTranscripts }: PlayedRealtime): string[] {
  return understood.flatMap(({ text, isThere }) => {
    const { length } = userTranscripts.filter((one) => one.text === text);
    return length === 1 || (length === 0 && !isThere) ? [] : [`"${text}" was told ${length} times`];
  });
}

function inTurns({ understood, turns }: PlayedRealtime): string[] {
  const words = turns.flatMap(({ record: { userText, participant } }) =>
    wordsOf(userText).map((word) => `${participant?.id ?? 'nobody'}'s ${word}`),
  );
  const counts = tally(words);
  const byAnybody = tally(words.map((word) => word.split(' ')[1]));
  return understood.flatMap(({ text, who, isInTime }) =>
    wordsOf(text).flatMap((word) => {
      if ((byAnybody[word] ?? 0) > 1) return [`"${word}" is in ${byAnybody[word]} turns`];
      const count = counts[`${who}'s ${word}`] ?? 0;
      return isInTime && count !== 1 ? [`${who}'s "${word}" is in ${count} turns`] : [];
    }),
  );
}

/** What was said is nobody's business who reads the log. */
function inNoLog({ logger }: PlayedRealtime): string[] {
  const log = JSON.stringify(logger.entries);
  const found = /\b[qvw][bcdfgklmnp]{4}\b/.exec(log);
  return found ? [`the log has "${found[0]}"`] : [];
}
