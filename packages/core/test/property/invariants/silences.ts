import type { AgentState } from '../../../src/index.ts';
import type { PlayedConversation } from '../played-conversation.ts';
import type { Invariant } from './invariant.ts';

/** Where each state may lead. */
const NEXT: Readonly<Record<AgentState, readonly AgentState[]>> = {
  listening: ['speculating', 'thinking', 'closed'],
  speculating: ['listening', 'thinking', 'closed'],
  thinking: ['speaking', 'listening', 'closed'],
  speaking: ['paused', 'listening', 'closed'],
  paused: ['speaking', 'listening', 'closed'],
  closed: [],
};

/** States follow each other as they may, and frames leave only while the agent says that it speaks. */
export const statesAreTrue: Invariant<'states' | 'frames' | 'hasJoined'> = ({
  states,
  frames,
  hasJoined,
}) => {
  const problems: string[] = [];
  for (const [index, { state, frames: before }] of states.entries()) {
    const next = states[index + 1];
    const sent = (next?.frames ?? frames.length) - before;
    if (next && !NEXT[state].includes(next.state)) {
      problems.push(`after ${state} came ${next.state}`);
    }
    // The first frame is what makes it speak.
    const expected = state === 'thinking' && next?.state === 'speaking' ? 1 : 0;
    if (state !== 'speaking' && sent !== expected) {
      problems.push(`${sent} frames left while the agent was ${state}`);
    }
  }
  if (hasJoined && states[0]?.state !== 'listening') problems.push('it did not begin to listen');
  if (hasJoined && states.at(-1)?.state !== 'closed') {
    problems.push(`in the end the agent is ${states.at(-1)?.state ?? 'nothing'}`);
  }
  return problems;
};

/** What was cut off is never heard again. */
export const interruptedIsSilent: Invariant = (conversation) =>
  conversation.turns
    .filter(({ record }) => record.outcome === 'interrupted')
    .flatMap((turn) => {
      const heard = levelsAfter(conversation, turn.frames);
      const old = heard.filter((level) => level <= turn.speeches);
      return old.length === 0 ? [] : [`${turn.record.id} was heard after it was cut off`];
    });

function levelsAfter({ frames }: PlayedConversation, index: number): number[] {
  return frames.slice(index).flatMap(({ samples }) => {
    const levels = [samples[0] ?? 0, samples.at(-1) ?? 0];
    return levels.filter((level) => level > 0);
  });
}
