import type { Agent, PipelineAgentOptions, TurnOutcome } from '@vision-agents/core';
import type { Reply } from '@vision-agents/sandbox';

type Parts = Omit<PipelineAgentOptions, 'edge' | 'agentUser'>;

/** A mistake of the program that uses the agent, and what has to become of the call in which it is made. */
export interface ProgramCase {
  /** In the page. */
  readonly mistake: string;
  /** Changes what the agent is made of. */
  readonly parts?: (parts: Parts, model: string, geminiUrl: string) => Parts;
  /** Gets the agent before it joins. */
  readonly attend?: (agent: Agent) => void;
  /** What the model does at the second line, in place of its answer. */
  readonly reply?: Reply;
  /** As in a `FaultCase`: what is counted. */
  readonly errors: readonly string[];
  readonly failedToolCalls: number;
  /** How the second of three turns ends. The others are completed. */
  readonly second: TurnOutcome;
}
