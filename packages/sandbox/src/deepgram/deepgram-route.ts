import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';

import { WebSocketServer, type WebSocket } from 'ws';

import type { Backstage } from '../backstage.ts';
import { hangUpgrade, refuseUpgrade, type Route } from '../loopback-server.ts';
import { quoting } from '../quotation.ts';
import { FluxDialect } from './flux-dialect.ts';
import { readFluxQuery } from './flux-query.ts';
import { ListenConnection } from './listen-connection.ts';
import { NovaDialect } from './nova-dialect.ts';
import { readNovaQuery } from './nova-query.ts';
import { SpeakConnection } from './speak-connection.ts';
import { AuraDialect, FluxSpeakDialect } from './speak-dialect.ts';
import { readSpeakQuery } from './speak-query.ts';

const refusals = {
  401: [401, 'INVALID_AUTH', 'Invalid credentials.'],
  403: [403, 'INSUFFICIENT_PERMISSIONS', 'No access to the requested model.'],
  429: [429, 'TOO_MANY_REQUESTS', 'Too many requests. Please try again later.'],
  500: [500, 'INTERNAL_SERVER_ERROR', 'An internal server error occurred.'],
} as const;

const listenFaults = [
  'handshake-401',
  'handshake-403',
  'handshake-429',
  'handshake-500',
  'hung-upgrade',
] as const;

const speakFaults = [
  'speak-handshake-401',
  'speak-handshake-403',
  'speak-handshake-429',
  'speak-handshake-500',
  'speak-hung-upgrade',
] as const;

type Refusal = readonly [status: number, code: string, message: string];

/** Serves a socket that was accepted; it keeps itself alive by its listeners on it. */
type Serve = (ws: WebSocket, socket: Socket) => unknown;

/** Deepgram: `listen` and `speak`, each in versions 1 and 2. */
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
          { err_code: code, err_msg: quoting(message, request), request_id: requestId },
        );
      const isSpeak = path.endsWith('/speak');
      const fail = (refusal: Refusal): void => {
        backstage.truth.count(isSpeak ? 'tts.errors' : 'stt.errors');
        backstage.truth.problem(`deepgram: ${refusal[2]}`);
        refuse(refusal);
      };
      const fault = backstage.faults.take('deepgram', isSpeak ? speakFaults : listenFaults)?.fault;
      if (fault?.endsWith('hung-upgrade')) return hangUpgrade(socket);
      for (const status of [401, 403, 429, 500] as const) {
        if (fault?.endsWith(String(status))) {
          refuse(refusals[status]);
          return;
        }
      }
      if (!/^Token \S+$/i.test(request.headers.authorization ?? '')) {
        fail(refusals[401]);
        return;
      }
      const serve = serverOf(backstage, path, query);
      if (typeof serve !== 'function') {
        fail(serve ?? [404, 'NOT_FOUND', 'No such endpoint.']);
        return;
      }
      server.once('headers', (headers) => headers.push(`dg-request-id: ${requestId}`));
      server.handleUpgrade(request, socket, head, (ws) => void serve(ws, socket));
    },
  };
}

/** Who serves a path; a refusal for a query that is wrong, and nobody for a path that is not there. */
function serverOf(
  backstage: Backstage,
  path: string,
  search: URLSearchParams,
): Serve | Refusal | undefined {
  switch (path) {
    case '/v1/listen': {
      const query = readNovaQuery(search);
      if (typeof query === 'string') return badRequest(query);
      return (ws, socket) =>
        new ListenConnection(
          backstage,
          ws,
          socket,
          query.sampleRateHz,
          (link) => new NovaDialect(backstage, query, link),
        );
    }
    case '/v2/listen': {
      const query = readFluxQuery(search);
      if (typeof query === 'string') return badRequest(query);
      return (ws, socket) =>
        new ListenConnection(
          backstage,
          ws,
          socket,
          query.sampleRateHz,
          (link) => new FluxDialect(backstage, query, link),
        );
    }
    case '/v1/speak': {
      const query = readSpeakQuery('v1', search);
      if (typeof query === 'string') return badRequest(query);
      return (ws, socket) => new SpeakConnection(backstage, ws, socket, query, new AuraDialect());
    }
    case '/v2/speak': {
      const query = readSpeakQuery('v2', search);
      if (typeof query === 'string') return badRequest(query);
      return (ws, socket) =>
        new SpeakConnection(backstage, ws, socket, query, new FluxSpeakDialect());
    }
    default:
      return undefined;
  }
}

function badRequest(problem: string): Refusal {
  return [400, 'INVALID_QUERY_PARAMETER', `Bad request: ${problem}.`];
}
