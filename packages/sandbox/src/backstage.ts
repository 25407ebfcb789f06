import type { DelaySource } from './delays.ts';
import type { FaultBox } from './fault-box.ts';
import type { TruthLedger } from './truth.ts';

/** What all simulated providers of a sandbox share. */
export interface Backstage {
  truth: TruthLedger;
  faults: FaultBox;
  delays: DelaySource;
  /** Numbers from 0 to 1, the same on every run with the same seed. */
  random: () => number;
  /** Length of a chord of the voice, in ms. */
  chordMs: number;
  /** How many times faster than documented the providers lose patience with who says nothing. */
  hurry: number;
}
