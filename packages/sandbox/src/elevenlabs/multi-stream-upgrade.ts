import { WebSocketServer } from 'ws';

import type { Backstage } from '../backstage.ts';
import { hangUpgrade } from '../loopback-server.ts';
import { MultiStreamConnection } from './multi-stream-connection.ts';
import { sampleRateOf } from './output-format.ts';
import { refusals, refuse, type Refusal, type Upgrade } from './upgrade.ts';

const handshakeRefusals = {
  'handshake-401': refusals[401],
  'handshake-403': refusals[403],
  'handshake-429': refusals[429],
  'handshake-500': refusals[500],
} as const;

const handshakeFaults = [
  'handshake-401',
  'handshake-403',
  'handshake-429',
  'handshake-500',
  'hung-upgrade',
] as const;

/** Upgrades to `/v1/text-to-speech/{voice}/multi-stream-input`. */
export function multiStreamUpgrade(backstage: Backstage): Upgrade {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  return ({ request, query }, socket, head) => {
    const fail = (refusal: Refusal): void => {
      backstage.truth.count('tts.errors');
      backstage.truth.problem(`elevenlabs: ${refusal[2]}`);
      refuse(socket, refusal);
    };
    const fault = backstage.faults.take('elevenlabs', handshakeFaults)?.fault;
    if (fault === 'hung-upgrade') return hangUpgrade(socket);
    if (fault !== undefined) {
      refuse(socket, handshakeRefusals[fault]);
      return;
    }
    if (typeof request.headers['xi-api-key'] !== 'string') {
      fail(refusals[401]);
      return;
    }
    const sampleRateHz = sampleRateOf(query.get('output_format'));
    const timeoutS = Number(query.get('inactivity_timeout') ?? 20);
    if (sampleRateHz === undefined) {
      fail([400, 'invalid_output_format', 'Unknown output_format.']);
      return;
    }
    if (!(timeoutS > 0 && timeoutS <= 180)) {
      fail([400, 'invalid_inactivity_timeout', 'inactivity_timeout is not between 0 and 180.']);
      return;
    }
    server.handleUpgrade(request, socket, head, (ws) => {
      // The object keeps itself alive by its listeners on the socket.
      void new MultiStreamConnection(backstage, ws, socket, {
        sampleRateHz,
        autoMode: query.get('auto_mode') === 'true',
        inactivityTimeoutMs: timeoutS * 1000,
      });
    });
  };
}
