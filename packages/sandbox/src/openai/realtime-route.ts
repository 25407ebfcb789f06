import type { Socket } from 'node:net';

import { WebSocketServer } from 'ws';

import type { Backstage } from '../backstage.ts';
import type { ReplyHook } from '../gemini/brain.ts';
import { hangUpgrade, refuseUpgrade, type Route, type Routed } from '../loopback-server.ts';
import { RealtimeChannel, type SessionProvider } from './realtime-channel.ts';
import { serveRealtime } from './realtime-connection.ts';
import { refusals, standardHeaders, type Refusal } from './refusals.ts';
import { serveTranscription } from './transcription.ts';

const refusalOf = {
  'handshake-401': 'status-401',
  'handshake-403': 'status-403',
  'handshake-404': 'status-404',
  'handshake-429': 'status-429',
  'handshake-quota': 'quota',
  'handshake-500': 'status-500',
  'handshake-503': 'status-503',
} as const;

const handshakeFaults = [
  'handshake-401',
  'handshake-403',
  'handshake-404',
  'handshake-429',
  'handshake-quota',
  'handshake-500',
  'handshake-503',
  'hung-upgrade',
] as const;

/** Sockets at `/v1/realtime`: of a `model` that answers, or with the `intent` to write down what is said. */
export function realtimeUpgrade(
  backstage: Backstage,
  replyHook: ReplyHook | undefined,
): NonNullable<Route['upgrade']> {
  // The SDK offers no compression, and a server must not insist on it.
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  return (routed, socket, head) => {
    const intent = routed.query.get('intent');
    const provider = intent === 'transcription' ? 'openai-transcription' : 'openai-realtime';
    const fault = backstage.faults.take(provider, handshakeFaults)?.fault;
    if (fault === 'hung-upgrade') return hangUpgrade(socket);
    const refusal =
      fault === undefined
        ? refusalOfRequest(backstage, provider, routed)
        : refusals[refusalOf[fault]];
    if (refusal !== undefined) {
      refuse(socket, refusal);
      return;
    }
    server.handleUpgrade(routed.request, socket, head, (ws) => {
      const channel = new RealtimeChannel({ backstage, provider, ws, socket });
      if (provider === 'openai-transcription') serveTranscription(channel);
      else serveRealtime(channel, replyHook);
    });
  };
}

/** What is wrong with an upgrade, if anything. */
function refusalOfRequest(
  { truth }: Backstage,
  provider: SessionProvider,
  { request, path, query }: Routed,
): Refusal | undefined {
  const fail = (refusal: Refusal): Refusal => {
    truth.count(provider === 'openai-realtime' ? 'realtime.errors' : 'stt.errors');
    truth.problem(`${provider}: ${refusal.message}`);
    return refusal;
  };
  if (path !== '/v1/realtime') return fail({ ...refusals['status-404'], message: 'No such URL.' });
  if (!/^Bearer \S+$/.test(request.headers.authorization ?? '')) {
    return fail(refusals['status-401']);
  }
  if (request.headers['openai-beta'] !== undefined) {
    return fail({ ...refusals['status-400'], message: 'The beta of Realtime is over.' });
  }
  const isSpoken = Boolean(query.get('model'));
  if (provider === 'openai-realtime' && !isSpoken) {
    return fail({ ...refusals['status-400'], message: 'You must provide a model parameter.' });
  }
  return undefined;
}

function refuse(socket: Socket, { status, type, code, message }: Refusal): void {
  const body = { error: { message, type, param: null, code } };
  refuseUpgrade(socket, status, standardHeaders(), body);
}
