/**
 * What the agent is doing in a call. `speculating`: it prepares an answer to a turn that is probably
 * over. `paused`: it was speaking and hears somebody else speak, who may or may not mean to interrupt.
 */
export type AgentState =
  | 'listening'
  | 'speculating'
  | 'thinking'
  | 'speaking'
  | 'paused'
  | 'closed';

/** What moves it on. */
export type TurnEvent =
  | 'speculation-started'
  | 'speculation-discarded'
  | 'response-asked' // a user's turn was committed, or the program wants something said
  | 'playout-started'
  | 'playout-paused' // somebody speaks while the agent does
  | 'playout-resumed' // it was nothing
  | 'response-ended'
  | 'interrupted'
  | 'call-ended';

const TRANSITIONS: Readonly<Record<AgentState, Readonly<Partial<Record<TurnEvent, AgentState>>>>> =
  {
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

/** The state after an event, or undefined where the event has no place. */
export function nextState(state: AgentState, event: TurnEvent): AgentState | undefined {
  return TRANSITIONS[state][event];
}
