import { WebSocketServer } from 'ws';

import type { Backstage } from '../backstage.ts';
import { hangUpgrade, refuseUpgrade, type Route } from '../loopback-server.ts';
import type { ReplyHook } from './brain.ts';
import { LiveConnection } from './live-connection.ts';
import { LiveSessions } from './live-session.ts';

const refusals = {
  'handshake-401': [401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.'],
  'handshake-403': [403, 'PERMISSION_DENIED', 'Method does not allow unregistered callers.'],
  'handshake-429': [429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).'],
  'handshake-503': [503, 'UNAVAILABLE', 'The service is currently unavailable.'],
} as const;

const handshakeFaults = [
  'handshake-401',
  'handshake-403',
  'handshake-429',
  'handshake-503',
  'hung-upgrade',
] as const;

type Refusal = readonly [code: number, status: string, message: string];

const path =
  /^\/ws\/google\.ai\.generativelanguage\.v1(?:beta|alpha)?\.GenerativeService\.BidiGenerateContent$/;

/** Gemini's Live API: the upgrade of its socket. */
export function liveUpgrade(
  backstage: Backstage,
  replyHook: ReplyHook | undefined,
): NonNullable<Route['upgrade']> {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const sessions = new LiveSessions();
  return (routed, socket, head) => {
    const refuse = ([code, status, message]: Refusal): void =>
      refuseUpgrade(socket, code, {}, { error: { code, message, status } });
    const fail = (refusal: Refusal): void => {
      backstage.truth.count('realtime.errors');
      backstage.truth.problem(`gemini live: ${refusal[2]}`);
      refuse(refusal);
    };
    const fault = backstage.faults.take('gemini-live', handshakeFaults)?.fault;
    if (fault === 'hung-upgrade') return hangUpgrade(socket);
    if (fault !== undefined) {
      refuse(refusals[fault]);
      return;
    }
    if (!path.test(routed.path)) {
      fail([404, 'NOT_FOUND', 'Not found.']);
      return;
    }
    if (!routed.query.get('key')) {
      fail(refusals['handshake-403']);
      return;
    }
    server.handleUpgrade(routed.request, socket, head, (ws) => {
      // The object keeps itself alive by its listeners on the socket.
      void new LiveConnection(backstage, { ws, socket, sessions, replyHook });
    });
  };
}
