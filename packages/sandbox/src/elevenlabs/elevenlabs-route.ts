import { WebSocketServer } from 'ws';

import type { Backstage } from '../backstage.ts';
import { refuseUpgrade, sendJson, type Route } from '../loopback-server.ts';
import { RequestGuard } from '../request-guard.ts';
import { answerHttpStream } from './http-stream.ts';
import { MultiStreamConnection } from './multi-stream-connection.ts';
import { sampleRateOf } from './output-format.ts';

const refusals = {
  'handshake-401': [401, 'invalid_api_key', 'Invalid API key'],
  'handshake-429': [429, 'too_many_concurrent_requests', 'Too many concurrent requests.'],
  'handshake-500': [500, 'internal_error', 'An internal error occurred.'],
} as const;

const handshakeFaults = [
  'handshake-401',
  'handshake-429',
  'handshake-500',
  'hung-upgrade',
] as const;

type Refusal = readonly [status: number, code: string, message: string];

/** ElevenLabs: multi-context text-to-speech over a socket, and streaming over HTTP. */
export function elevenLabsRoute(backstage: Backstage): Route {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const guard = new RequestGuard('elevenlabs', backstage.truth);
  return {
    prefix: 'elevenlabs',
    http: async (routed, response) => {
      if (/^\/v1\/text-to-speech\/[^/]+\/stream$/.test(routed.path)) {
        await answerHttpStream(backstage, guard, routed, response);
      } else sendJson(response, 404, { detail: { status: 'not_found', message: 'Not found' } });
    },
    upgrade: ({ request, path, query }, socket, head) => {
      const refuse = ([status, code, message]: Refusal): void =>
        refuseUpgrade(socket, status, {}, { detail: { status: code, message } });
      const fail = (refusal: Refusal): void => {
        backstage.truth.count('tts.errors');
        backstage.truth.problem(`elevenlabs: ${refusal[2]}`);
        refuse(refusal);
      };
      const fault = backstage.faults.take('elevenlabs', handshakeFaults)?.fault;
      if (fault === 'hung-upgrade') return;
      if (fault !== undefined) {
        refuse(refusals[fault]);
        return;
      }
      if (!/^\/v1\/text-to-speech\/[^/]+\/multi-stream-input$/.test(path)) {
        fail([404, 'not_found', 'No such endpoint.']);
        return;
      }
      if (typeof request.headers['xi-api-key'] !== 'string') {
        fail(refusals['handshake-401']);
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
    },
  };
}
