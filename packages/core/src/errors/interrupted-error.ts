import { AgentError } from './agent-error.ts';

/**
 * The reason of an abort that is part of a conversation: work that was begun and is no longer wanted.
 * `interrupted`: the user spoke or the call ended. `discarded`: a speculation that came to nothing.
 */
export class InterruptedError extends AgentError {
  readonly outcome: 'interrupted' | 'discarded';

  constructor(outcome: 'interrupted' | 'discarded' = 'interrupted') {
    super(outcome, `the work was ${outcome}`);
    this.name = 'InterruptedError';
    this.outcome = outcome;
  }
}

/** How work ended whose signal was aborted with this reason. */
export function outcomeOfAbort(reason: unknown): 'interrupted' | 'discarded' {
  return reason instanceof InterruptedError ? reason.outcome : 'interrupted';
}
