import { randomUUID } from 'node:crypto';

import { WebSocketServer } from 'ws';

import type { Backstage } from '../backstage.ts';
import { refuseUpgrade, type Route } from '../loopback-server.ts';
import { FluxConnection } from './flux-connection.ts';
import { readFluxQuery } from './flux-query.ts';

const refusals = {
  'handshake-401': [401, 'INVALID_AUTH', 'Invalid credentials.'],
  'handshake-403': [403, 'INSUFFICIENT_PERMISSIONS', 'No access to the requested model.'],
  'handshake-429': [429, 'TOO_MANY_REQUESTS', 'Too many requests. Please try again later.'],
  'handshake-500': [500, 'INTERNAL_SERVER_ERROR', 'An internal server error occurred.'],
} as const;

const handshakeFaults = [
  'handshake-401',
  'handshake-403',
  'handshake-429',
  'handshake-500',
  'hung-upgrade',
] as const;

type Refusal = readonly [status: number, code: string, message: string];

/** Deepgram: `/v2/listen`, the Flux protocol. */
export function deepgramRoute(backstage: Backstage): Route {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  return {
    prefix: 'deepgram',
    upgrade: ({ request, path, query }, socket, head) => {
      const requestId = randomUUID();
      const refuse = ([status, code, message]: Refusal): void =>
        refuseUpgrade(
          socket,
          status,
          { 'dg-error': message, 'dg-request-id': requestId },
          { err_code: code, err_msg: message, request_id: requestId },
        );
      const fail = (refusal: Refusal): void => {
        backstage.truth.count('stt.errors');
        backstage.truth.problem(`deepgram: ${refusal[2]}`);
        refuse(refusal);
      };
      const fault = backstage.faults.take('deepgram', handshakeFaults)?.fault;
      if (fault === 'hung-upgrade') return;
      if (fault !== undefined) {
        refuse(refusals[fault]);
        return;
      }
      if (path !== '/v2/listen') {
        fail([404, 'NOT_FOUND', 'No such endpoint.']);
        return;
      }
      if (!/^Token \S+$/i.test(request.headers.authorization ?? '')) {
        fail([401, 'INVALID_AUTH', 'Invalid credentials.']);
        return;
      }
      const flux = readFluxQuery(query);
      if (typeof flux === 'string') {
        fail([400, 'INVALID_QUERY_PARAMETER', `Bad request: ${flux}.`]);
        return;
      }
      server.once('headers', (headers) => headers.push(`dg-request-id: ${requestId}`));
      server.handleUpgrade(request, socket, head, (ws) => {
        // The object keeps itself alive by its listeners on the socket.
        void new FluxConnection(backstage, ws, socket, flux);
      });
    },
  };
}
