import * as fc from 'fast-check';

import type { Arb } from '../chance.ts';
import { ms, waitMs, weighted } from '../chance.ts';
import { toolCalls, toolRuns } from '../plan-arbitraries.ts';
import { inWords } from './realtime-plan-in-words.ts';
import type {
  AnswerPlan,
  ModelPlan,
  ReactionPlan,
  RealtimeAgentPlan,
  RealtimePlan,
  SessionOpeningPlan,
} from './realtime-plan.ts';
import { realtimeScenes } from './realtime-scenes.ts';

/** The conversations that a property is about. */
export interface RealtimeProfile {
  readonly name: string;
  readonly callers: 1 | 2;
  /** How often the program does something while it is told of something. */
  readonly reactions: number;
}

const agent: Arb<RealtimeAgentPlan> = fc.record({
  deadAirMs: fc.constantFrom(500, 3000, 10_000),
  joinFails: weighted<RealtimeAgentPlan['joinFails']>(
    [60, undefined],
    [1, 'model'],
    [1, 'edge'],
    [1, 'closed'],
  ),
});

const model: Arb<ModelPlan> = fc.record({
  transcribes: weighted([5, true], [1, false]),
  bargeIn: fc.constantFrom('stops-itself', 'is-told'),
  msACharacter: fc.integer({ min: 10, max: 60 }),
  isResumable: fc.boolean(),
});

const answer: Arb<AnswerPlan> = fc.record({
  firstAfterMs: fc.oneof(
    { weight: 1, arbitrary: fc.constant(0) },
    { weight: 4, arbitrary: waitMs },
  ),
  everyMs: ms(150),
  chunkMs: fc.integer({ min: 40, max: 900 }),
  isOdd: fc.boolean(),
  sentences: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 3 }),
  transcripts: fc.constantFrom('ahead', 'along', 'behind'),
  calls: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: toolCalls }),
  callsAfterWords: fc.boolean(),
  usage: fc.constantFrom('never', 'before-end', 'after-end', 'late'),
  end: weighted<AnswerPlan['end']>(
    [14, 'completed'],
    [1, 'error'],
    [1, 'lost'],
    [1, 'stalled'],
    [1, 'silent'],
    [1, 'empty'],
    [1, 'mute'],
    [1, 'ignored'],
  ),
  failsAfter: fc.integer({ min: 0, max: 3 }),
  interrupted: fc.record({
    lagMs: fc.oneof(fc.constant(0), ms(300)),
    end: weighted<AnswerPlan['interrupted']['end']>(
      [8, 'interrupted'],
      [2, 'completed'],
      [1, 'forgotten'],
    ),
    tellsUnbegun: fc.boolean(),
    cancelsCalls: fc.boolean(),
  }),
});

const opening: Arb<SessionOpeningPlan> = fc.record({
  delayMs: ms(400),
  end: weighted<SessionOpeningPlan['end']>([12, 'open'], [6, 'fails'], [1, 'refused']),
});

const reaction: Arb<ReactionPlan> = fc.record({
  to: fc.constantFrom(
    'thinking',
    'speaking',
    'listening',
    'turn',
    'user-transcript',
    'agent-transcript',
    'error',
  ),
  nth: fc.integer({ min: 1, max: 3 }),
  does: weighted<ReactionPlan['does']>([3, 'say'], [3, 'prompt'], [1, 'close']),
  interruptible: weighted([2, true], [1, false]),
});

/** Random conversations, which tell themselves in words when they are shown. */
export function realtimeConversations(profile: RealtimeProfile): Arb<RealtimePlan> {
  const plans: Arb<RealtimePlan> = fc.record({
    agent,
    model,
    steps: fc
      .array(realtimeScenes(profile.callers), { minLength: 1, maxLength: 8 })
      .map((all) => all.flat()),
    ending: weighted<RealtimePlan['ending']>([3, 'silence'], [1, 'hang-up'], [1, 'close']),
    answers: fc.array(answer, { minLength: 1, maxLength: 4 }),
    openings: fc.array(opening, { minLength: 1, maxLength: 4 }),
    runs: toolRuns,
    reactions: fc.array(reaction, { maxLength: profile.reactions }),
  });
  return plans.map((plan) =>
    Object.defineProperty({ ...plan }, fc.toStringMethod, { value: () => inWords(plan) }),
  );
}
