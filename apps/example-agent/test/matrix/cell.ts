import type { Fault } from '@vision-agents/sandbox';

import type { BadManner } from './bad-server.ts';
import type { Component } from './components.ts';

/** Where in the work of a component something goes wrong. */
export type Moment =
  /** While it connects; of what connects with each operation: with that. */
  | 'connecting'
  /** It is connected and something is asked of it, but nothing has come yet. */
  | 'before the first result'
  /** Nothing is asked of it, nor has to come. */
  | 'between two operations'
  | 'in mid-stream';

/** What goes wrong. */
export type Strike =
  | { readonly by: 'provider'; readonly fault: Fault }
  | { readonly by: 'network'; readonly where: 'closed port' | 'unknown host' | BadManner }
  /** What is asked of it is not wanted any more. */
  | { readonly by: 'abort' }
  /** The call ends, and with it the component is closed. */
  | { readonly by: 'close' }
  /**
   * Nobody says anything for longer than the provider waits. `late`: and the signs of life that would keep
   * the connection do not come in time.
   */
  | { readonly by: 'silence'; readonly signs: 'in time' | 'late' };

/** A component and a fault. */
export interface Cell {
  readonly component: Component;
  /** The fault's name in the page. */
  readonly fault: string;
  readonly moment: Moment;
  readonly strike: Strike;
  /** `<error_type> <error_code>` of each error, `-` where there is no code. */
  readonly errors: readonly string[];
  /** Something does not come, so that a wait has to end. */
  readonly impatient: boolean;
}

/** Whether nothing goes wrong: somebody wanted an end. */
export function isWished({ strike: { by } }: Cell): boolean {
  return by === 'abort' || by === 'close';
}

/** What was seen in a cell. */
export interface Outcome {
  /** How much came of the operation that was struck; undefined where its end was wished for. */
  readonly came: 'all' | 'some' | 'nothing' | undefined;
  readonly errors: readonly string[];
  /** What the next operation took. */
  readonly next: 'goes on' | 'opened anew';
}

/** What a cell is called. */
export function titleOf({ component, fault, moment }: Cell): string {
  return `${component.name}: ${fault}, ${moment}`;
}
