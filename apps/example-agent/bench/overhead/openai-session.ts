import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';

import type { OpenAIRealtimeWS as Realtime } from 'openai/realtime/ws';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import type { SessionUpdateEvent } from 'openai/resources/realtime/realtime';

import { API_KEY } from './component.ts';

/** The audio that OpenAI takes and sends. */
export const SESSION_FORMAT = { type: 'audio/pcm', rate: 24_000 } as const;

/** A session by the SDK alone. It insists on TLS, which a sandbox has not: the connection is made for it. */
export async function openSession(
  baseURL: string,
  target: { readonly model: string } | { readonly intent: 'transcription' },
  session: SessionUpdateEvent['session'],
): Promise<Realtime> {
  const { hostname, port } = new URL(baseURL);
  const createConnection = (): Socket => connect(Number(port), hostname);
  const client = { apiKey: API_KEY, baseURL };
  const realtime = new OpenAIRealtimeWS({ ...target, options: { createConnection } }, client);
  realtime.on('session.created', () => realtime.send({ type: 'session.update', session }));
  const updated = Promise.withResolvers<unknown>();
  realtime.on('session.updated', updated.resolve);
  realtime.on('error', updated.reject);
  await updated.promise;
  return realtime;
}

/** Hangs up. */
export async function closeSession(realtime: Realtime): Promise<void> {
  realtime.close();
  await once(realtime.socket, 'close');
}
