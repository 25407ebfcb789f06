import type { CountName } from './truth.ts';

/** What is known of the faults of one provider. */
export interface FaultList<N extends string = string> {
  /** What a client has to call an error. */
  readonly failing: readonly N[];
  /** What a client should survive without calling it an error. */
  readonly harmless: readonly N[];
  /** Which of both need something to have been sent before. */
  readonly midStream: readonly N[];
  /** Where a failing one is counted. */
  readonly errorCounterOf: (fault: string) => CountName;
}
