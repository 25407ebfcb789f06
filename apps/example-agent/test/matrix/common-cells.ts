import type { Cell, Moment, Strike } from './cell.ts';
import type { Component } from './components.ts';
import { COMPONENTS } from './components.ts';
import { RECONNECTING } from './reconnecting.ts';

type NetworkFault = Extract<Strike, { by: 'network' }>['where'];

/** What a network does to whom, and the error that it makes: of what connects first, and of requests. */
const OF_NETWORKS: readonly (readonly [NetworkFault, socket: string, request: string])[] = [
  ['closed port', 'network ECONNREFUSED', 'network ECONNREFUSED'],
  ['unknown host', 'network ENOTFOUND', 'network ENOTFOUND'],
  ['no answer', 'timeout connect', 'timeout -'],
  ['reset before an answer', 'network ECONNRESET', 'network ECONNRESET'],
  ['end before an answer', 'network ECONNRESET', 'network ECONNRESET'],
  ['an answer that is no HTTP', 'protocol malformed_answer', 'protocol malformed_answer'],
  ['a web page in place of the service', 'protocol 200', 'protocol malformed_answer'],
  ['HTTP 404 of a gateway', 'bad_request 404', 'bad_request 404'],
  ['HTTP 503 of a gateway', 'unavailable 503', 'unavailable 503'],
];

/** What the libraries beneath a component make of it in another way. */
const OTHERWISE: ReadonlyMap<Component, Partial<Record<NetworkFault, string>>> = new Map([
  [COMPONENTS.responses, { 'a web page in place of the service': 'protocol truncated' }],
  [COMPONENTS.chatCompletions, { 'a web page in place of the service': 'protocol truncated' }],
]);

const MOMENTS: readonly Moment[] = ['connecting', 'before the first result', 'in mid-stream'];

function commonCells(component: Component): Cell[] {
  const isSocket = component.link === 'socket';
  return [
    ...OF_NETWORKS.map(([where, socket, request]): Cell => {
      const error = OTHERWISE.get(component)?.[where] ?? (isSocket ? socket : request);
      const strike = { by: 'network', where } as const;
      const impatient = error.startsWith('timeout');
      return { component, fault: where, moment: 'connecting', strike, errors: [error], impatient };
    }),
    ...MOMENTS.map((moment): Cell => wished(component, moment, 'abort')),
    ...silences(component),
    ...closings(component),
    ...MOMENTS.slice(1).map((moment): Cell => wished(component, moment, 'close')),
  ];
}

function wished(component: Component, moment: Moment, by: 'abort' | 'close'): Cell {
  const fault = by === 'abort' ? 'abort' : 'end of the call';
  return { component, fault, moment, strike: { by }, errors: [], impatient: false };
}

/** What is not open cannot be closed: the call that ends meanwhile aborts. But what is open may connect anew. */
function closings(component: Component): Cell[] {
  if (component.role === 'stt' || component === COMPONENTS.openaiRealtime) return [];
  const { errors = [] } = RECONNECTING.get(component) ?? {};
  return [{ ...wished(component, 'connecting', 'close'), errors }];
}

/** What becomes of a connection on which nothing is said. */
function silences(component: Component): Cell[] {
  const { hurry, link, role } = component;
  if (hurry === undefined) return [];
  const moment = 'between two operations';
  const endured: Cell = {
    component,
    fault: 'silence beyond the idle limit',
    moment,
    strike: { by: 'silence', signs: 'in time' },
    errors: [],
    impatient: false,
  };
  if (link === 'request') return [endured];
  return [
    endured,
    {
      ...endured,
      fault: 'silence, and hung up on',
      strike: { by: 'silence', signs: 'late' },
      // Nobody misses a voice that is silent: it is connected anew when it has something to say.
      errors: role === 'stt' ? [HUNG_UP.get(component) ?? ''] : [],
    },
  ];
}

/** What a provider says when it hangs up on who is silent. */
const HUNG_UP: ReadonlyMap<Component, string> = new Map([
  [COMPONENTS.flux, 'timeout NET-0001'],
  [COMPONENTS.nova, 'timeout NET-0001'],
  [COMPONENTS.scribe, 'timeout insufficient_audio_activity'],
]);

export const COMMON_CELLS: readonly Cell[] = Object.values(COMPONENTS).flatMap(commonCells);
