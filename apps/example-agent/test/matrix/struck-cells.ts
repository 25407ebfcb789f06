import type { Fault } from '@vision-agents/sandbox';

import type { Cell, Moment } from './cell.ts';
import type { Component } from './components.ts';

/** More of a fault than its name. */
export interface Details {
  readonly after?: number;
  readonly code?: 1008 | 1011;
  readonly name?: string;
  readonly reason?: string;
}

/** A fault of the sandbox and the errors that it makes, each `<error_type> <error_code>`. */
export type Row<F extends string> = readonly [
  fault: F,
  errors?: string | readonly string[],
  details?: Details,
];

/** The cells of a component that a provider's faults strike at a moment. */
export function struck<F extends string>(
  component: Component,
  moment: Moment,
  faultOf: (fault: F, details: Details) => Fault,
  rows: readonly Row<F>[],
): Cell[] {
  return rows.map(([name, errors = [], details = {}]) => {
    const { code, reason, name: message } = details;
    const kind = [code, reason, message].filter((part) => part !== undefined).join(' ');
    const list = [errors].flat();
    return {
      component,
      fault: kind === '' ? nameOf(name) : `${nameOf(name)} ${kind}`,
      moment,
      strike: { by: 'provider', fault: faultOf(name, details) },
      errors: list,
      impatient: list.some((error) => error.startsWith('timeout')),
    };
  });
}

/** A fault's name in the page: the same for what is the same at several providers. */
function nameOf(fault: string): string {
  return fault
    .replace(/^(?:speak|scribe|speech|http|status)-/, '')
    .replace(/^(?=\d)/, 'HTTP ')
    .replaceAll('-', ' ');
}
