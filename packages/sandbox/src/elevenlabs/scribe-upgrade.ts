import { WebSocketServer } from 'ws';

import type { Backstage } from '../backstage.ts';
import { hangUpgrade } from '../loopback-server.ts';
import { ScribeConnection } from './scribe-connection.ts';
import { readScribeQuery } from './scribe-query.ts';
import { refusals, refuse, type Refusal, type Upgrade } from './upgrade.ts';

const handshakeRefusals = {
  'scribe-handshake-401': refusals[401],
  'scribe-handshake-403': refusals[403],
  'scribe-handshake-429': refusals[429],
  'scribe-handshake-500': refusals[500],
} as const;

const handshakeFaults = [
  'scribe-handshake-401',
  'scribe-handshake-403',
  'scribe-handshake-429',
  'scribe-handshake-500',
  'scribe-hung-upgrade',
] as const;

/** Upgrades to `/v1/speech-to-text/realtime`. */
export function scribeUpgrade(backstage: Backstage): Upgrade {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  return ({ request, query }, socket, head) => {
    const fail = (refusal: Refusal): void => {
      backstage.truth.count('stt.errors');
      backstage.truth.problem(`elevenlabs: ${refusal[2]}`);
      refuse(socket, refusal);
    };
    const fault = backstage.faults.take('elevenlabs', handshakeFaults)?.fault;
    if (fault === 'scribe-hung-upgrade') return hangUpgrade(socket);
    if (fault !== undefined) {
      refuse(socket, handshakeRefusals[fault]);
      return;
    }
    if (typeof request.headers['xi-api-key'] !== 'string') {
      fail(refusals[401]);
      return;
    }
    const scribe = readScribeQuery(query);
    if (typeof scribe === 'string') {
      fail([400, 'invalid_request', `Bad request: ${scribe}.`]);
      return;
    }
    server.handleUpgrade(request, socket, head, (ws) => {
      // The object keeps itself alive by its listeners on the socket.
      void new ScribeConnection(backstage, ws, socket, scribe);
    });
  };
}
