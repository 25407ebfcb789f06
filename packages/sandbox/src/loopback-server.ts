import { createServer, STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';

import { asksAgain } from './delivery.ts';

/** A request with its address read: leading slashes normalised, the provider's prefix taken off. */
export interface Routed {
  request: IncomingMessage;
  path: string;
  query: URLSearchParams;
}

/** What answers under one path prefix. */
export interface Route {
  /** First segment of the path, e.g. `deepgram`. */
  prefix: string;
  http?: (routed: Routed, response: ServerResponse) => Promise<void>;
  upgrade?: (routed: Routed, socket: Socket, head: Buffer) => void;
}

/** A server on one port that can be closed for good. */
export interface LoopbackServer {
  /** `http://host:port`, without a slash at the end. */
  url: string;
  /** How many requests have no whole answer yet, and how many sockets are open that were or want to be upgraded. */
  readonly busy: number;
  /** Cuts every connection. Idempotent. */
  close(): Promise<void>;
}

function routeOf(
  request: IncomingMessage,
  routes: readonly Route[],
): { route: Route | undefined; routed: Routed } {
  // A base URL without a path makes some clients ask for `//ws/…`, which `URL` would take for a host.
  const address = new URL((request.url ?? '/').replace(/^\/+/, '/'), 'http://loopback');
  const [, prefix = '', rest = '/'] = /^\/([^/]*)(\/.*)?$/.exec(address.pathname) ?? [];
  return {
    route: routes.find((candidate) => candidate.prefix === prefix),
    routed: { request, path: rest.replace(/^\/+/, '/'), query: address.searchParams },
  };
}

/** Listens on a port (0 for any that is free). Idle connections are closed so many times sooner than usual. */
export async function listen(
  host: string,
  port: number,
  hurry: number,
  routes: readonly Route[],
): Promise<LoopbackServer> {
  const sockets = new Set<Socket>();
  const busy = new Set<Socket | ServerResponse>();
  const server = createServer((request, response) => {
    asksAgain(request.socket);
    const { route, routed } = routeOf(request, routes);
    busy.add(response);
    response.once('close', () => busy.delete(response));
    // A caller that goes away in mid-answer is no fault of the server.
    response.on('error', () => response.destroy());
    if (route?.http === undefined) {
      sendJson(response, 404, { error: 'no such endpoint' });
      return;
    }
    route.http(routed, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: error instanceof Error ? error.message : 'unknown' });
    });
  });
  server.keepAliveTimeout /= hurry;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket: Duplex, head) => {
    if (!(socket instanceof Socket)) return;
    busy.add(socket);
    socket.once('close', () => busy.delete(socket));
    const { route, routed } = routeOf(request, routes);
    if (route?.upgrade === undefined) refuseUpgrade(socket, 404, {}, { error: 'no such endpoint' });
    else route.upgrade(routed, socket, head);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const actualPort = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://${host}:${actualPort}`,
    get busy() {
      return busy.size;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Never answers an upgrade, until the client has lost its patience. */
export function hangUpgrade(socket: Socket): void {
  socket.once('end', () => socket.destroy());
  socket.resume();
}

/** Answers a request with JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Answers an upgrade with an HTTP status and a JSON body instead of a socket. */
export function refuseUpgrade(
  socket: Duplex,
  status: number,
  headers: Record<string, string>,
  body: unknown,
): void {
  const content = JSON.stringify(body);
  const lines = Object.entries({
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(content)),
    connection: 'close',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${content}`);
}

/** Reads a request's body as text. */
export function readBody(request: IncomingMessage): Promise<string> {
  return text(request);
}
