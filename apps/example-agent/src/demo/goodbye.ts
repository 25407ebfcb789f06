import type { Agent } from '@vision-agents/core';

/** Has the agent leave once it has answered a caller's goodbye. */
export function hangUpAfterGoodbye(agent: Agent): void {
  agent.on('turn', ({ userText, outcome }) => {
    if (outcome === 'completed' && /\bgoodbye\b/i.test(userText)) void agent.close();
  });
}
