import type { CallAct } from '@vision-agents/sandbox';

import type { ProviderChoice } from '../provider-choice.ts';
import { DEFAULT_CHOICE } from '../provider-choice.ts';

/** What callers do in the middle of a call, and how many turns of theirs it takes. */
interface Scene {
  readonly turns: number;
  readonly acts: readonly CallAct[];
}

const SCENES: readonly Scene[] = [
  {
    turns: 1,
    // Longer than the sandbox's eager end of turn, shorter than its end of turn.
    acts: [{ type: 'hesitate', text: 'how do I', pauseMs: 250, rest: 'reset my phone?' }],
  },
  {
    turns: 2,
    acts: [
      { type: 'say', text: 'tell me a story.' },
      { type: 'interrupt', phase: 'speaking', afterMs: 600, text: 'stop it, please.' },
    ],
  },
  { turns: 1, acts: [{ type: 'say', text: 'what is the weather in Paris?' }] },
  {
    turns: 2,
    acts: [
      { type: 'say', text: 'think about the sea.' },
      { type: 'interrupt', phase: 'thinking', afterMs: 1000, text: 'never mind that.' },
    ],
  },
  {
    turns: 1,
    acts: [
      { type: 'say', text: 'count to twenty.' },
      { type: 'back-channel', afterMs: 1500, text: 'uh-huh' },
      { type: 'back-channel', afterMs: 5000, text: 'okay' },
    ],
  },
  { turns: 1, acts: [{ type: 'say', text: 'what can you do for me?' }] },
  { turns: 1, acts: [{ type: 'say', text: 'what is the weather in Rome?' }] },
];

/** The last turn of every other call. */
const ENDINGS: readonly (readonly CallAct[])[] = [
  [{ type: 'farewell', text: 'thank you, goodbye.' }],
  [
    { type: 'say', text: 'tell me another story.' },
    { type: 'hang-up', afterMs: 900 },
  ],
];

/** What a simulated caller does in so many turns, a different mixture for each call. */
export function scriptOfCall(
  callIndex: number,
  turns: number,
  providers: ProviderChoice = DEFAULT_CHOICE,
): readonly CallAct[] {
  const scenes = 'realtime' in providers ? SCENES.filter(isWithoutBackChannel) : SCENES;
  const acts: CallAct[] = [];
  let left = turns - 1;
  for (let next = callIndex * 3; left > 0; next += 1) {
    const scene = scenes[next % scenes.length];
    if (scene === undefined || scene.turns > left) continue;
    acts.push(...scene.acts);
    left -= scene.turns;
  }
  return [...acts, ...(ENDINGS[callIndex % ENDINGS.length] ?? [])];
}

/** A model that hears by itself falls silent at any sound; only an agent's patience tells words apart. */
function isWithoutBackChannel({ acts }: Scene): boolean {
  return acts.every(({ type }) => type !== 'back-channel');
}
