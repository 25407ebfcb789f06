import type { PlayedRealtime } from '../played-realtime.ts';
import type { ServedAnswer } from '../served-answer.ts';
import { SAMPLES_A_MS } from '../spoken-pieces.ts';
import { durationMs, FRAME_MS, heardTurns, samplesHeard } from './heard-answers.ts';
import type { RealtimeInvariant } from './invariant.ts';

/** Each answer is heard in one turn, as it was sent; and whole, if nobody cut it off. */
export const answersAreHeard: RealtimeInvariant = (conversation) => [
  ...onceEach(conversation),
  ...whole(conversation),
];

function onceEach(conversation: PlayedRealtime): string[] {
  const { model, frames, turns } = conversation;
  const windows = heardTurns(conversation);
  const problems = windows.flatMap(({ turn, from, to, heard }) => {
    const { id, marks } = turn.record;
    const first = frames[from];
    if (to === from || !first) return [`${id} says that it was heard, and nothing left`];
    if (heard.size === 0) return [`only silence was heard in ${id}`];
    return first.atMs === marks.playoutStart
      ? []
      : [`${id} was heard at ${first.atMs}, and says ${marks.playoutStart}`];
  });
  const rest = frames.length - (windows.at(-1)?.to ?? 0);
  if (rest > 0) problems.push(`${rest} frames left in no turn`);
  const levels = windows.flatMap(({ heard }) => Array.from(heard.keys()));
  if (levels.some((level, index) => level <= (levels[index - 1] ?? 0))) {
    problems.push(`answers were heard in the order ${levels.join(', ')}`);
  }
  for (const [level, samples] of samplesHeard(conversation, 0)) {
    const answer = model.answers[level - 1];
    if (!answer || samples > answer.samples) problems.push(`too much was heard of answer ${level}`);
  }
  if (turns.some(({ frames: count }) => count > frames.length)) problems.push('frames were lost');
  return problems;
}

function whole(conversation: PlayedRealtime): string[] {
  const { model } = conversation;
  const heard = samplesHeard(conversation, 0);
  return model.answers
    .filter((answer) => !mayBeCutOff(conversation, answer))
    .flatMap(({ level, wholeSamples, end }) => {
      const count = heard.get(level) ?? 0;
      // Less than a frame waits for what the model says next, if it says something.
      const maySpare = level < model.answers.length ? FRAME_MS * SAMPLES_A_MS : 1;
      if (count <= wholeSamples && count > wholeSamples - maySpare) return [];
      return [`${count} of ${wholeSamples} samples were heard of answer ${level}, which ${end}`];
    });
}

/** Whether somebody spoke, or the call ended, before all of an answer can have been heard. */
function mayBeCutOff({ model, barriers }: PlayedRealtime, answer: ServedAnswer): boolean {
  // It may have to wait for what was being said before, of which it is an afterthought.
  const before = model.answers.slice(Math.max(0, answer.level - 5), answer.level);
  const playsMs = durationMs(before.reduce((sum, { samples }) => sum + samples, 0));
  const heardByMs = (answer.endedAtMs ?? Infinity) + playsMs + 2 * FRAME_MS;
  return barriers.some(({ level, atMs }) => level >= answer.level && atMs < heardByMs);
}

/** What was cut off is never heard again, whatever still comes of it. */
export const silencedIsSilent: RealtimeInvariant = (conversation) => {
  const { barriers, frames, seen } = conversation;
  const problems = barriers.flatMap(({ why, frames: from, level }) => {
    const old = [...samplesHeard(conversation, from).keys()].filter((one) => one <= level);
    return old.length === 0 ? [] : [`answer ${old.join()} was heard after ${why}`];
  });
  const after = frames.length - (seen.framesAtEnd ?? frames.length);
  return after === 0 ? problems : [...problems, `${after} frames left after the end of the call`];
};
