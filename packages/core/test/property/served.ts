import { InterruptedError, ProviderError } from '../../src/index.ts';

/** How an operation ended, as the component saw it. */
export type ServedOutcome = 'completed' | 'interrupted' | 'discarded' | 'error';

/**
 * What an abort that the component saw makes of its work. Core aborts what has timed out with the failure that
 * this is; at the same moment it may also have been cut off because of another failure.
 */
export function outcomeOf(signal: AbortSignal, hasTimedOut: boolean): ServedOutcome {
  const reason: unknown = signal.reason;
  if (reason instanceof ProviderError && reason.type === 'timeout' && hasTimedOut) return 'error';
  return reason instanceof InterruptedError ? reason.outcome : 'interrupted';
}

/** The plan whose turn it is; from the start again when all were used. */
export function planFor<Plan>(plans: readonly Plan[], index: number): Plan {
  const plan = plans[index % plans.length];
  if (plan === undefined) throw new RangeError('there is no plan');
  return plan;
}
