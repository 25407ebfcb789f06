import type { PlayedConversation } from '../played-conversation.ts';
import { amountsAreWhatWasServed } from './amounts.ts';
import { conversationIsWhatWasHeard } from './heard-text.ts';
import type { Invariant } from './invariant.ts';
import { nothingIsLeft } from './nothing-left.ts';
import { operationsAreCountedOnce } from './operations.ts';
import { requestsAreValid } from './requests.ts';
import { interruptedIsSilent, statesAreTrue } from './silences.ts';
import { stagesAddUp } from './timelines.ts';
import { nobodyInterruptsUnasked, turnsAreClosedOnce } from './turns.ts';
import { userWordsAreKept } from './user-words.ts';

/** What was noticed while the conversation went on, such as an agent that does not give way. */
const agentBehaves: Invariant = ({ problems }) => [...problems];

const INVARIANTS: Readonly<Record<string, Invariant>> = {
  agentBehaves,
  operationsAreCountedOnce,
  amountsAreWhatWasServed,
  stagesAddUp,
  turnsAreClosedOnce,
  nobodyInterruptsUnasked,
  nothingIsLeft,
  requestsAreValid,
  conversationIsWhatWasHeard,
  userWordsAreKept,
  statesAreTrue,
  interruptedIsSilent,
};

/** What is not true of a conversation that must be true of all, each with the name of its invariant. */
export function problemsOf(conversation: PlayedConversation): string[] {
  return Object.entries(INVARIANTS).flatMap(([name, invariant]) =>
    invariant(conversation).map((problem) => `${name}: ${problem}`),
  );
}
