import type { PlayedRealtime, ToldRealtimeTurn } from '../played-realtime.ts';
import { heardTurns } from './heard-answers.ts';
import type { RealtimeInvariant } from './invariant.ts';

/** A response latency is the time from the end of what was said to the first frame; unknown where that is. */
export const latenciesAreTrue: RealtimeInvariant = (conversation) =>
  heardTurns(conversation).flatMap(({ turn, from }) => {
    const { id, timeline } = turn.record;
    const startMs = responseStartsAt(conversation, turn);
    if (startMs === 'unchecked') return [];
    const firstFrameMs = conversation.frames[from]?.atMs;
    const is = timeline?.responseLatencyMs;
    const shall =
      startMs === undefined || firstFrameMs === undefined ? undefined : firstFrameMs - startMs;
    const problems = is === shall ? [] : [`${id} took ${is} ms instead of ${shall}`];
    // Nothing in core takes time on a clock that only the test turns.
    if (timeline && timeline.overheadMs > 0)
      problems.push(`${id} has ${timeline.overheadMs} ms of overhead`);
    return problems;
  });

function responseStartsAt(
  { utterances, firstJoinedAtMs, turns, model }: PlayedRealtime,
  { record, atMs }: ToldRealtimeTurn,
): number | undefined | 'unchecked' {
  const { marks, participant, kind } = record;
  if (kind === 'greeting') {
    // Words that are asked for before anybody is there keep nobody waiting.
    const isForSomebody =
      firstJoinedAtMs !== undefined && firstJoinedAtMs <= (marks.committed ?? 0);
    return isForSomebody ? firstJoinedAtMs : undefined;
  }
  if (!participant) return undefined;
  const ended = utterances.filter(({ endToldAtMs }) => endToldAtMs === marks.committed);
  const [utterance] = ended;
  // What was said to two sessions ended twice.
  if (model.lossesMs.some((lostMs) => lostMs <= atMs)) return 'unchecked';
  // An answer that came first, or two ends at once: which it was is core's to know.
  if (!utterance || ended.length > 1) return 'unchecked';
  if (
    turns.some(
      (other) => other.record !== record && other.record.marks.committed === marks.committed,
    )
  ) {
    return 'unchecked';
  }
  return utterance.endedAtMs;
}
