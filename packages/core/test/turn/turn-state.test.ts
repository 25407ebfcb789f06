import { expect, test } from 'vitest';

import type { AgentState, TurnEvent } from '../../src/turn/turn-state.ts';
import { nextState } from '../../src/turn/turn-state.ts';

const EVENTS: readonly TurnEvent[] = [
  'speculation-started',
  'speculation-discarded',
  'response-asked',
  'playout-started',
  'response-ended',
  'interrupted',
  'call-ended',
];

const TABLE: Readonly<Record<AgentState, readonly (AgentState | undefined)[]>> = {
  listening: ['speculating', undefined, 'thinking', undefined, undefined, undefined, 'closed'],
  speculating: [undefined, 'listening', 'thinking', undefined, undefined, undefined, 'closed'],
  thinking: [undefined, undefined, undefined, 'speaking', 'listening', 'listening', 'closed'],
  speaking: [undefined, undefined, undefined, undefined, 'listening', 'listening', 'closed'],
  closed: Array<undefined>(7).fill(undefined),
};

const STATES = [
  'listening',
  'speculating',
  'thinking',
  'speaking',
  'closed',
] as const satisfies AgentState[];
const ROWS = STATES.flatMap((state) =>
  EVENTS.map((event, column) => ({ state, event, next: TABLE[state][column] })),
);

test.each(ROWS)('$event while $state leads to $next', ({ state, event, next }) => {
  expect(nextState(state, event)).toBe(next);
});
