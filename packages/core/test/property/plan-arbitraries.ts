import * as fc from 'fast-check';

import type { Arb } from './chance.ts';
import { ms, waitMs, weighted } from './chance.ts';
import type {
  AgentPlan,
  CallPlan,
  ConversationPlan,
  OpeningPlan,
  RoundPlan,
  RunPlan,
  VoicePlan,
} from './conversation-plan.ts';
import { inWords } from './plan-in-words.ts';
import { scenes } from './scenes.ts';

const interruption = fc.record({
  minSpeechMs: fc.constantFrom(0, 200, 500),
  minWords: fc.constantFrom(0, 1, 1, 1, 2, 3),
  falseAlarmMs: fc.constantFrom(0, 300, 2000),
});

/** The agents that a property is about. */
export interface Profile {
  readonly name: string;
  readonly turnEnds: readonly AgentPlan['turnEnds'][];
  readonly callers: 1 | 2;
}

function agents({ turnEnds }: Profile): Arb<AgentPlan> {
  return fc.record({
    turnEnds: fc.constantFrom(...turnEnds),
    speculation: weighted([3, true], [1, false]),
    interruption: fc.oneof(
      { weight: 5, arbitrary: interruption },
      { weight: 1, arbitrary: fc.constant<false>(false) },
    ),
    crossTalk: fc.constantFrom('open', 'first-speaker'),
    apologises: fc.boolean(),
    fillerAfterMs: fc.option(fc.constantFrom(0, 100, 800), { nil: undefined }),
    maxToolRounds: fc.constantFrom(0, 1, 5),
    unfinishedDelayMs: fc.constantFrom(0, 700),
    brokenPart: weighted<AgentPlan['brokenPart']>([48, undefined], [1, 'voice'], [1, 'edge']),
  });
}

const call: Arb<CallPlan> = fc.record({
  tool: weighted<CallPlan['tool']>([4, 'look'], [4, 'act'], [1, 'unknown']),
  input: fc.integer({ min: -1, max: 2 }),
});

/** What a model asks for at once. */
export const toolCalls: Arb<readonly CallPlan[]> = fc.array(call, { maxLength: 3 });

const round: Arb<RoundPlan> = fc.record({
  firstAfterMs: waitMs,
  everyMs: ms(200),
  sentences: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 3 }),
  calls: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: toolCalls }),
  usage: fc.constantFrom('never', 'first', 'last', 'both'),
  end: weighted<RoundPlan['end']>(
    [12, 'stop'],
    [1, 'length'],
    [1, 'truncated'],
    [1, 'error'],
    [1, 'stall'],
  ),
  failsAfter: fc.integer({ min: 0, max: 3 }),
});

const voice: Arb<VoicePlan> = fc.record({
  firstAfterMs: ms(600),
  everyMs: ms(150),
  chunkMs: fc.integer({ min: 15, max: 900 }),
  msACharacter: fc.integer({ min: 5, max: 60 }),
  end: weighted<VoicePlan['end']>(
    [12, 'complete'],
    [1, 'error'],
    [1, 'stall'],
    [1, 'silent'],
    [1, 'odd'],
  ),
  failsAfter: fc.integer({ min: 0, max: 2 }),
});

const opening: Arb<OpeningPlan> = fc.record({
  delayMs: ms(40),
  fails: weighted([9, false], [1, true]),
});

const run: Arb<RunPlan> = fc.record({
  takesMs: ms(3000),
  end: weighted<RunPlan['end']>([6, 'done'], [1, 'error'], [1, 'hang']),
});

/** What tools do, one after the other. */
export const toolRuns: Arb<readonly RunPlan[]> = fc.array(run, { minLength: 1, maxLength: 3 });

/** Random conversations, which tell themselves in words when they are shown. */
export function conversations(profile: Profile): Arb<ConversationPlan> {
  const plans: Arb<ConversationPlan> = fc.record({
    agent: agents(profile),
    steps: fc
      .array(scenes(profile.callers), { minLength: 1, maxLength: 7 })
      .map((all) => all.flat()),
    ending: weighted<ConversationPlan['ending']>([3, 'silence'], [1, 'hang-up'], [1, 'close']),
    rounds: fc.array(round, { minLength: 1, maxLength: 4 }),
    voices: fc.array(voice, { minLength: 1, maxLength: 4 }),
    openings: fc.array(opening, { minLength: 1, maxLength: 3 }),
    runs: toolRuns,
  });
  return plans.map((plan) =>
    Object.defineProperty({ ...plan }, fc.toStringMethod, { value: () => inWords(plan) }),
  );
}
