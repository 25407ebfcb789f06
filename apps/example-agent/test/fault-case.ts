import type { TurnOutcome } from '@vision-agents/core';
import type { Fault } from '@vision-agents/sandbox';

/** When a fault is switched on. */
export type Moment =
  /** Before anything has connected. */
  | 'first connection'
  /** After the greeting, right before the first line. */
  | 'line 1'
  /** After the answer to the first line, half a second of silence before the second. */
  | 'pause'
  /** Right before the second line. */
  | 'line 2';

/** A fault that strikes once. `after` of Deepgram's faults is in ms of audio from the moment on. */
export interface Strike {
  readonly at: Moment;
  readonly fault: Fault;
}

/** A provider's fault, and what has to become of the call that it strikes. */
export interface FaultCase {
  readonly name: string;
  /** Of the voice. @default 'websocket' */
  readonly transport?: 'http';
  readonly strikes: readonly Strike[];
  /** `<provider> <error_type> <error_code>` of every error, in order; `-`: no code. */
  readonly errors: readonly string[];
  /** How the turns end. */
  readonly turns: readonly [TurnOutcome, TurnOutcome, 'completed'];
}
