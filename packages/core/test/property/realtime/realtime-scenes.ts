import * as fc from 'fast-check';

import type { Arb } from '../chance.ts';
import { waitMs, weighted } from '../chance.ts';
import type { RealtimeStep, SpeechStep } from './realtime-plan.ts';

const wait: Arb<RealtimeStep> = waitMs.map((ms) => ({ type: 'wait', ms }));

const interruptible = weighted([2, true], [1, false]);

function speech(type: SpeechStep['type']): Arb<RealtimeStep> {
  return fc.record({ type: fc.constant(type), tellsOffset: weighted([4, true], [1, false]) });
}

function words(final: boolean): Arb<RealtimeStep> {
  return fc.record({
    type: fc.constant('words'),
    final: fc.constant(final),
    count: fc.integer({ min: 1, max: 4 }),
  });
}

const start = speech('speech-start');
const end = speech('speech-end');
const maybe = words(false);
const certainly = words(true);
const answer = fc.constant<RealtimeStep>({ type: 'answer' });
const cancel = fc.constant<RealtimeStep>({ type: 'cancel-calls' });
const failure = fc.constant<RealtimeStep>({ type: 'provider-error' });
const lost: Arb<RealtimeStep> = fc.record({
  type: fc.constant('session-lost'),
  how: weighted<'network' | 'ended' | 'for-good'>([6, 'network'], [3, 'ended'], [1, 'for-good']),
});
const program: Arb<RealtimeStep> = fc.oneof(
  fc.record({
    type: fc.constant('say'),
    words: fc.integer({ min: 1, max: 10 }),
    interruptible,
  }),
  fc.record({ type: fc.constant('prompt'), interruptible }),
);

/** What one participant does with their voice and their place in the call. */
function voiceOf(who: number) {
  return {
    talk: fc.constant<RealtimeStep>({ type: 'talk', who }),
    hush: fc.constant<RealtimeStep>({ type: 'hush', who }),
    join: fc.constant<RealtimeStep>({ type: 'join', who }),
    leave: fc.constant<RealtimeStep>({ type: 'leave', who }),
  };
}

type VoiceSteps = ReturnType<typeof voiceOf>;

/** Scenes of one participant, and how often each comes. */
const SCENES: readonly (readonly [weight: number, (voice: VoiceSteps) => Arb<RealtimeStep>[]])[] = [
  // Words before the end of the turn, after it, and never.
  [4, ({ talk, hush }) => [talk, wait, start, wait, certainly, hush, wait, end, wait]],
  [4, ({ talk, hush }) => [talk, wait, start, wait, hush, wait, end, wait, certainly, wait]],
  [2, ({ talk, hush }) => [talk, wait, start, maybe, wait, hush, end, wait, certainly]],
  [1, ({ talk, hush }) => [talk, wait, start, hush, wait, end, wait]],
  // Somebody cuts in, or a noise does.
  [3, ({ talk, hush }) => [talk, wait, start, certainly, hush, end, wait, talk, start, wait]],
  [2, () => [start, wait, end, wait]],
  [1, ({ talk, hush }) => [talk, wait, start, wait, answer, wait, hush, end, wait]],
  [1, () => [answer, wait]],
  [1, () => [cancel, wait]],
  [2, () => [lost, wait]],
  [1, () => [failure, wait]],
  [2, ({ talk, hush }) => [talk, wait, start, certainly, hush, end, wait, lost, wait]],
  [2, ({ join, leave }) => [fc.oneof(join, join, leave), wait]],
  [
    4,
    ({ talk, hush }) => [fc.oneof(talk, hush, start, end, maybe, certainly, answer, cancel, wait)],
  ],
];

/** A few steps in a row that make sense together. */
export function realtimeScenes(callers: 1 | 2): Arb<readonly RealtimeStep[]> {
  const whos = fc.integer({ min: 0, max: callers - 1 });
  return fc.oneof(
    { weight: 3, arbitrary: fc.tuple(program, wait) },
    { weight: 1, arbitrary: fc.tuple(wait) },
    ...SCENES.map(([weight, scene]) => ({
      weight,
      arbitrary: whos.chain((who) => fc.tuple(...scene(voiceOf(who)))),
    })),
  );
}
