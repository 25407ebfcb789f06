import { tally } from '../../invariants/invariant.ts';
import { wordsOf } from '../../unique-words.ts';
import type { PlayedRealtime } from '../played-realtime.ts';
import type { UnderstoodWords } from '../realtime-caller.ts';
import type { RealtimeInvariant } from './invariant.ts';

/** What users were understood to say is told once, and is in the record of their turn if it came in time. */
export const userWordsAreKept: RealtimeInvariant = (conversation) => [
  ...toldOnce(conversation),
  ...inTurns(conversation),
  ...inNoLog(conversation),
];

function toldOnce({ understood, userTranscripts, model }: PlayedRealtime): string[] {
  return understood.flatMap(({ text, isThere, atMs }) => {
    const { length } = userTranscripts.filter((one) => one.text === text);
    if (length > 1 && model.earlyLossesMs.some((lostMs) => lostMs >= atMs)) return [];
    return length === 1 || (length === 0 && !isThere) ? [] : [`"${text}" was told ${length} times`];
  });
}

function inTurns({ understood, turns, model }: PlayedRealtime): string[] {
  const words = turns.flatMap(({ record: { userText, participant } }) =>
    wordsOf(userText).map((word) => `${participant?.id ?? 'nobody'}'s ${word}`),
  );
  const counts = tally(words);
  const byAnybody = tally(words.map((word) => word.split(' ')[1]));
  // What a session that is lost has not answered is said to the next one again, which may hear otherwise.
  const isSaidAgain = ({ atMs }: UnderstoodWords): boolean =>
    model.earlyLossesMs.some((lostMs) => lostMs >= atMs);
  return understood.flatMap((one) =>
    wordsOf(one.text).flatMap((word) => {
      if (isSaidAgain(one)) return [];
      if ((byAnybody[word] ?? 0) > 1) return [`"${word}" is in ${byAnybody[word]} turns`];
      const count = counts[`${one.who}'s ${word}`] ?? 0;
      return one.isInTime && count !== 1 ? [`${one.who}'s "${word}" is in ${count} turns`] : [];
    }),
  );
}

/** What was said is nobody's business who reads the log. */
function inNoLog({ logger }: PlayedRealtime): string[] {
  const log = JSON.stringify(logger.entries);
  const found = /\b[qvw][bcdfgklmnp]{4}\b/.exec(log);
  return found ? [`the log has "${found[0]}"`] : [];
}
