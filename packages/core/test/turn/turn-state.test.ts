import { expect, test } from 'vitest';

import type { AgentState, TurnEvent } from '../../src/turn/turn-state.ts';
import { nextState } from '../../src/turn/turn-state.ts';

const TABLE: Readonly<Record<AgentState, Partial<Record<TurnEvent, AgentState>>>> = {
  listening: {
    'speculation-started': 'speculating',
    'response-asked': 'thinking',
    'call-ended': 'closed',
  },
  speculating: {
    'speculation-discarded': 'listening',
    'response-asked': 'thinking',
    'call-ended': 'closed',
  },
  thinking: {
    'playout-started': 'speaking',
    'response-ended': 'listening',
    interrupted: 'listening',
    'call-ended': 'closed',
  },
  speaking: {
    'playout-paused': 'paused',
    'response-ended': 'listening',
    interrupted: 'listening',
    'call-ended': 'closed',
  },
  paused: { 'playout-resumed': 'speaking', interrupted: 'listening', 'call-ended': 'closed' },
  closed: {},
};

const STATES = [
  'listening',
  'speculating',
  'thinking',
  'speaking',
  'paused',
  'closed',
] as const satisfies AgentState[];

const EVENTS: readonly TurnEvent[] = [
  'speculation-started',
  'speculation-discarded',
  'response-asked',
  'playout-started',
  'playout-paused',
  'playout-resumed',
  'response-ended',
  'interrupted',
  'call-ended',
];

const ROWS = STATES.flatMap((state) =>
  EVENTS.map((event) => ({ state, event, next: TABLE[state][event] })),
);

test.each(ROWS)('$event while $state leads to $next', ({ state, event, next }) => {
  expect(nextState(state, event)).toBe(next);
});
