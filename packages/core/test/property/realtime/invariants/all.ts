import { statesAreTrue } from '../../invariants/silences.ts';
import { stagesAddUp } from '../../invariants/timelines.ts';
import type { PlayedRealtime } from '../played-realtime.ts';
import { amountsAreWhatWasServed } from './amounts.ts';
import { answersAreHeard, silencedIsSilent } from './answers-are-heard.ts';
import type { RealtimeInvariant } from './invariant.ts';
import { latenciesAreTrue } from './latencies.ts';
import { modelIsTold } from './model-is-told.ts';
import { nothingIsLeft } from './nothing-left.ts';
import { saidIsWhatWasHeard } from './told-history.ts';
import { toolsAreRun } from './tools-are-run.ts';
import { turnsEndOnce } from './turns.ts';
import { userWordsAreKept } from './user-words.ts';

/** What was noticed while the conversation went on. */
const agentBehaves: RealtimeInvariant = ({ problems }) => [...new Set(problems)];

const INVARIANTS: Readonly<Record<string, RealtimeInvariant>> = {
  agentBehaves,
  turnsEndOnce,
  answersAreHeard,
  silencedIsSilent,
  saidIsWhatWasHeard,
  modelIsTold,
  amountsAreWhatWasServed,
  latenciesAreTrue,
  stagesAddUp,
  toolsAreRun,
  userWordsAreKept,
  statesAreTrue,
  nothingIsLeft,
};

/** What is not true of a conversation that must be true of all, each with the name of its invariant. */
export function realtimeProblemsOf(conversation: PlayedRealtime): string[] {
  return Object.entries(INVARIANTS).flatMap(([name, invariant]) =>
    invariant(conversation).map((problem) => `${name}: ${problem}`),
  );
}
