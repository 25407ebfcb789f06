import type { ComponentContext } from '@vision-agents/core';
import type { SandboxAddresses } from '@vision-agents/sandbox';

import type { Stopwatch } from './stopwatch.ts';

/** A sandbox takes any key. */
export const API_KEY = 'sandbox';

/**
 * One operation to its end. The stopwatch runs; it is stopped as soon as the first of the answer can be
 * used.
 */
export type Operation = (stopwatch: Stopwatch) => Promise<void>;

/** A client that is connected. */
export interface Client {
  readonly operate: Operation;
  close(): Promise<void>;
}

/** What is waited for. */
type Until = 'first token' | 'first audio' | 'final transcript';

/** A component of a plugin beside the SDK that it uses, both doing the same. */
export interface MeasuredComponent {
  /** The package that the bare client uses. */
  readonly sdk: string;
  readonly until: Until;
  /** How many operations a connection lasts: then both get another. */
  readonly operationsAConnection: number;
  /** The counter in which core counts the operations of the plugin, as Prometheus names it. */
  readonly counter: string;
  /** As somebody would use it who has nothing else. */
  bare(sandbox: SandboxAddresses): Promise<Client>;
  /** As an agent uses it. */
  plugin(sandbox: SandboxAddresses, context: ComponentContext): Promise<Client>;
}
