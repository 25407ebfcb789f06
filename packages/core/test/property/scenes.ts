import * as fc from 'fast-check';

import type { Arb } from './chance.ts';
import { waitMs, weighted } from './chance.ts';
import type { Step, WordsStep } from './conversation-plan.ts';

const wait: Arb<Step> = waitMs.map((ms) => ({ type: 'wait', ms }));

function words(who: number, kind: WordsStep['kind'], final: boolean): Arb<Step> {
  return fc.record({
    type: fc.constant('words'),
    who: fc.constant(who),
    final: fc.constant(final),
    kind: fc.constant(kind),
    count: fc.integer({ min: 1, max: 4 }),
    endsSentence: fc.boolean(),
  });
}

/** What one participant's speech is made of. */
function speechOf(who: number) {
  return {
    sound: fc.constant<Step>({ type: 'speech-start', who }),
    maybe: words(who, 'new', false),
    certainly: words(who, 'new', true),
    otherwise: words(who, 'changed', true),
    uhHuh: words(who, 'backchannel', true),
    eagerEnd: fc.constant<Step>({ type: 'turn-end', who, eager: true }),
    end: fc.constant<Step>({ type: 'turn-end', who, eager: false }),
    resumed: fc.constant<Step>({ type: 'turn-resumed', who }),
    lost: fc.constant<Step>({ type: 'connection-lost', who }),
    failure: fc.constant<Step>({ type: 'provider-error', who }),
    join: fc.constant<Step>({ type: 'join', who }),
    leave: fc.constant<Step>({ type: 'leave', who }),
  };
}

type Speech = ReturnType<typeof speechOf>;

/** Scenes of one participant, and how often each comes. */
const SCENES: readonly (readonly [weight: number, (speech: Speech) => Arb<Step>[]])[] = [
  [4, ({ sound, maybe, certainly, end }) => [sound, wait, maybe, wait, certainly, end, wait]],
  [
    2,
    ({ sound, maybe, eagerEnd, otherwise, end }) => [
      sound,
      wait,
      maybe,
      eagerEnd,
      wait,
      otherwise,
      end,
      wait,
    ],
  ],
  [3, ({ sound, certainly, eagerEnd, end }) => [sound, wait, certainly, eagerEnd, wait, end, wait]],
  [
    1,
    ({ sound, certainly, eagerEnd, resumed, end }) => [
      sound,
      wait,
      certainly,
      eagerEnd,
      wait,
      resumed,
      wait,
      certainly,
      end,
      wait,
    ],
  ],
  [1, ({ sound, end }) => [sound, wait, end, wait]],
  [1, ({ sound, uhHuh, end }) => [sound, wait, uhHuh, end, wait]],
  [2, ({ sound, maybe }) => [sound, wait, maybe, wait]],
  [1, ({ lost, failure }) => [fc.oneof(lost, failure), wait]],
  [
    1,
    ({ sound, certainly, eagerEnd, lost }) => [sound, wait, certainly, eagerEnd, wait, lost, wait],
  ],
  [
    2,
    ({ sound, maybe, lost, certainly, end }) => [
      sound,
      wait,
      maybe,
      lost,
      maybe,
      wait,
      certainly,
      end,
      wait,
    ],
  ],
  [1, ({ join, leave }) => [fc.oneof(join, join, leave), wait]],
  [
    4,
    ({ sound, maybe, certainly, otherwise, eagerEnd, end, resumed }) => [
      fc.oneof(sound, maybe, certainly, otherwise, eagerEnd, end, resumed),
    ],
  ],
];

const interruptible = weighted([2, true], [1, false]);

const program: Arb<readonly Step[]> = fc.tuple(
  fc.oneof(
    fc.record({
      type: fc.constant('say'),
      words: fc.integer({ min: 0, max: 15 }),
      interruptible,
    }),
    fc.record({ type: fc.constant('prompt'), interruptible }),
  ),
  wait,
);

/** A few steps in a row that make sense together. */
export function scenes(callers: 1 | 2): Arb<readonly Step[]> {
  const whos = fc.integer({ min: 0, max: callers - 1 });
  return fc.oneof(
    { weight: 2, arbitrary: program },
    { weight: 1, arbitrary: fc.tuple(wait) },
    ...SCENES.map(([weight, scene]) => ({
      weight,
      arbitrary: whos.chain((who) => fc.tuple(...scene(speechOf(who)))),
    })),
  );
}
