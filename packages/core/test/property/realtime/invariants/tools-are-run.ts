import { differences, seriesOf, tally } from '../../invariants/invariant.ts';
import type { RealtimeInvariant } from './invariant.ts';

/** What tools did is counted once, and what must not be done twice is not. */
export const toolsAreRun: RealtimeInvariant = (conversation) => {
  const { tools, model } = conversation;
  const counted = { ...seriesOf(conversation, 'llm.tool_calls') };
  const unknown = 'tool_name=other success=false';
  const calls = model.sessions.flatMap((session) => session.calls);
  const unknownCalls = calls.filter(({ name }) => name === 'unknown').length;
  const tooMany = (counted[unknown] ?? 0) > unknownCalls;
  delete counted[unknown];
  const ran = tally(tools.runs.map((run) => `tool_name=${run.tool} success=${run.end === 'done'}`));
  return [
    ...differences('llm.tool_calls', counted, ran),
    ...(tooMany ? ['more calls of unknown tools were counted than there were'] : []),
    ...tools.doubled.map((run) => `the tool did "${run}" twice at the same time`),
  ];
};
