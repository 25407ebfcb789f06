import { once } from 'node:events';

import type { RawData, WebSocket } from 'ws';
import { WebSocketServer } from 'ws';

type Json = Record<string, unknown>;

/** A server of sessions that says just what a test says, to see what the client makes of it. */
export interface ScriptedSession extends AsyncDisposable {
  /** With the version. */
  readonly url: string;
  /** What the client has sent, `session.update` not counted. */
  readonly events: readonly Json[];
  readonly sessions: readonly Json[];
  /** Sends an event. */
  send(type: string, fields?: Json): void;
  /** Sends anything. */
  sendText(text: string): void;
}

/**
 * Sets up each session that is asked for, and leaves the rest to the test.
 * @param withSetUp an event that arrives together with the one that says so
 */
export async function startScriptedSession(withSetUp?: Json): Promise<ScriptedSession> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const events: Json[] = [];
  const sessions: Json[] = [];
  let client: WebSocket | undefined;
  let sent = 0;
  const sendText = (text: string): void => client?.send(text);
  const send = (type: string, fields: Json = {}): void =>
    sendText(JSON.stringify({ type, event_id: `event-${(sent += 1)}`, ...fields }));
  server.on('connection', (socket, { socket: network }) => {
    client = socket;
    socket.on('message', (data: RawData) => {
      const event = read(data);
      if (event['type'] !== 'session.update') {
        events.push(event);
        return;
      }
      sessions.push(event);
      network.cork();
      send('session.updated');
      if (withSetUp) sendText(JSON.stringify(withSetUp));
      network.uncork();
    });
    send('session.created');
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    events,
    sessions,
    send,
    sendText,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        for (const socket of server.clients) socket.terminate();
        server.close(() => resolve());
      }),
  };
}

function read(data: RawData): Json {
  const value: unknown = JSON.parse(Buffer.isBuffer(data) ? data.toString() : '{}');
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
