import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';

import type { Doings } from './tool-server.ts';
import { createToolServer } from './tool-server.ts';

/** Answers a request itself, or leaves it to the server. */
type Interception = (request: IncomingMessage, response: ServerResponse) => boolean;

/** How to start a server over streamable HTTP. */
export interface HTTPServerStart {
  /** @default any that is free */
  readonly port?: number;
  /** Whether results come as JSON rather than as a stream of events. */
  readonly json?: boolean;
}

/** A running server, and what the test can look at and do to it. */
export interface RunningHTTPServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly doings: Doings;
  /** The method of each request, in order. */
  readonly methods: string[];
  /** The headers of the last request. */
  headers: IncomingMessage['headers'];
  /** How many requests are being answered. */
  openRequests: number;
  /** The sessions that there are. */
  readonly sessions: Map<string, StreamableHTTPServerTransport>;
  intercept: Interception;
  /** Breaks every connection, and takes no more. */
  kill(): Promise<void>;
}

/** Starts a server on 127.0.0.1 which ends, all connections with it, when its tool `die` is called. */
export async function startHTTPServer(options: HTTPServerStart = {}): Promise<RunningHTTPServer> {
  const { port: wantedPort = 0, json = false } = options;
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const doings: Doings = { slowBegun: 0, slowCancelled: 0 };
  const server = createServer((request, response) => {
    running.methods.push(request.method ?? '');
    running.headers = request.headers;
    running.openRequests += 1;
    response.on('close', () => (running.openRequests -= 1));
    if (!running.intercept(request, response)) void handle(request, response);
  });

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const sessionId = request.headers['mcp-session-id'];
    const known = typeof sessionId === 'string' ? sessions.get(sessionId) : undefined;
    if (sessionId !== undefined && !known) {
      response.writeHead(404).end('{"error":"what was said: a secret"}');
      return;
    }
    const transport = known ?? (await newSession());
    await transport.handleRequest(request, response);
  };

  const newSession = async (): Promise<StreamableHTTPServerTransport> => {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      enableJsonResponse: json,
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await createToolServer(doings, () => void running.kill()).connect(transport);
    return transport;
  };

  const kill = async (): Promise<void> => {
    server.closeAllConnections();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };

  server.listen(wantedPort, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server.address());
  const running: RunningHTTPServer = {
    port,
    url: `http://127.0.0.1:${port}/mcp`,
    doings,
    methods: [],
    headers: {},
    openRequests: 0,
    sessions,
    intercept: () => false,
    kill,
    [Symbol.asyncDispose]: kill,
  };
  return running;
}

/** The port of a server that listens on TCP. */
export function portOf(address: AddressInfo | string | null): number {
  if (typeof address === 'object' && address !== null) return address.port;
  throw new Error('the server does not listen on a port');
}
