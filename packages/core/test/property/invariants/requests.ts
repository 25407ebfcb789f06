import type { Message } from '../../../src/index.ts';
import type { PlayedConversation } from '../played-conversation.ts';
import type { Invariant } from './invariant.ts';

/** Every request is one that providers accept: somebody asks, and each call has its result behind it. */
export const requestsAreValid: Invariant = (conversation) => [
  ...conversation.llm.requests.flatMap(({ messages }, index) =>
    problemsOf(messages).map((problem) => `request ${index + 1}: ${problem}`),
  ),
  ...resultsThatNeverCame(conversation),
];

function problemsOf(messages: readonly Message[]): string[] {
  const problems: string[] = [];
  const last = messages.at(-1);
  if (last === undefined || last.role === 'assistant') problems.push('nobody asks for anything');
  const seen = new Set<string>();
  for (const [index, message] of messages.entries()) {
    const next = messages[index + 1];
    const calls = message.role === 'assistant' ? message.toolCalls.map(({ id }) => id) : [];
    const answers = next?.role === 'tool' ? next.results.map(({ callId }) => callId) : [];
    if (message.role !== 'tool' && calls.join() !== answers.join()) {
      problems.push(`the calls [${calls.join()}] are followed by the results [${answers.join()}]`);
    }
    if (message.role === 'tool' && next?.role === 'tool') problems.push('results follow results');
    for (const id of calls) {
      if (seen.has(id)) problems.push(`${id} comes twice`);
      seen.add(id);
    }
  }
  return problems;
}

/** After a long silence no tool is at work: the last request has the true results. */
function resultsThatNeverCame({ llm, hasFinalRequest }: PlayedConversation): string[] {
  const results = hasFinalRequest
    ? (llm.requests.at(-1)?.messages ?? []).flatMap((message) =>
        message.role === 'tool' ? message.results : [],
      )
    : [];
  return results
    .filter(({ output }) => output.includes('"running"'))
    .map(({ callId }) => `${callId} is still said to be running`);
}
