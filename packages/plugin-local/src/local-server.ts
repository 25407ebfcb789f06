import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

import { WebSocketServer } from 'ws';

import { isToken, isTrustedHost, isTrustedOrigin } from './local-access.ts';
import { edgeClosed, listenError } from './local-error.ts';
import type { EdgeSettings } from './local-options.ts';
import type { PageFile } from './local-page.ts';
import { loadPage, SECURITY_HEADERS } from './local-page.ts';
import type { LocalRoom } from './local-room.ts';
import { MAX_MESSAGE_BYTES, parseSocketQuery, SOCKET_PATH } from './local-wire.ts';

const TOKEN_BYTES = 16;

// A constant, since `@types/ws` does not know `closeTimeout` yet: how long a socket may take to
// answer the closing handshake before it is cut, in milliseconds.
const SOCKET_OPTIONS = {
  noServer: true,
  clientTracking: false,
  maxPayload: MAX_MESSAGE_BYTES,
  perMessageDeflate: false,
  closeTimeout: 1000,
};

/** Serves the page and the sockets of all calls of an edge, each behind the token of this start. */
export class LocalServer {
  readonly #settings: EdgeSettings;
  readonly #findRoom: (callId: string) => LocalRoom | undefined;
  readonly #token = randomBytes(TOKEN_BYTES).toString('base64url');
  readonly #http = createServer((request, response) => this.#respond(request, response));
  readonly #sockets = new WebSocketServer(SOCKET_OPTIONS);
  #page: ReadonlyMap<string, PageFile> = new Map();

  constructor(settings: EdgeSettings, findRoom: (callId: string) => LocalRoom | undefined) {
    this.#settings = settings;
    this.#findRoom = findRoom;
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** @throws ConfigurationError which names `port` or `host` when it cannot be listened on */
  async listen(): Promise<void> {
    const { host, port } = this.#settings;
    try {
      this.#page = await loadPage();
      this.#http.listen({ host, port });
      await once(this.#http, 'listening');
    } catch (error) {
      throw listenError(error, { host, port });
    }
  }

  /** The addresses of a call, token included. */
  urlsOf(callId: string): { pageUrl: string; socketUrl: string } {
    const bound = this.#http.address();
    if (bound === null || typeof bound === 'string') throw edgeClosed();
    const { address, port, family } = bound;
    const reachable = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
    const authority = `${family === 'IPv6' ? `[${reachable}]` : reachable}:${port}`;
    const query = new URLSearchParams({ id: callId, token: this.#token }).toString();
    return {
      pageUrl: `http://${authority}/?${query}`,
      socketUrl: `ws://${authority}${SOCKET_PATH}?${query}`,
    };
  }

  /** Stops listening and drops what is still connected. Never rejects. */
  async close(): Promise<void> {
    if (!this.#http.listening) return;
    const closed = once(this.#http, 'close');
    this.#http.close();
    this.#http.closeAllConnections();
    await closed;
  }

  #respond(request: IncomingMessage, response: ServerResponse): void {
    const url = urlOf(request);
    const refusal = url === undefined ? 400 : this.#refusalOfPage(request, url);
    const file = refusal === undefined && url ? this.#page.get(url.pathname) : undefined;
    const status = refusal ?? (file === undefined ? 404 : 200);
    response.writeHead(status, {
      ...SECURITY_HEADERS,
      'content-type': file?.contentType ?? 'text/plain; charset=utf-8',
    });
    response.end(file?.body ?? `${refusalText(status)}\n`);
  }

  #refusalOfPage(request: IncomingMessage, url: URL): number | undefined {
    if (!isTrustedHost(request.headers.host, this.#settings)) return 403;
    if (request.method !== 'GET' && request.method !== 'HEAD') return 405;
    // The page's parts are the same for everybody and hold nothing of a call.
    return url.pathname === '/' ? this.#refusalOfCall(url) : undefined;
  }

  #refusalOfCall(url: URL): number | undefined {
    if (!isToken(url.searchParams.get('token'), this.#token)) return 403;
    return this.#findRoom(url.searchParams.get('id') ?? '') === undefined ? 404 : undefined;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Nobody else listens yet, and a reset during the handshake must not end the process.
    socket.on('error', () => socket.destroy());
    const url = urlOf(request);
    const query = url && parseSocketQuery(url.searchParams);
    const refusal =
      url === undefined ? 400 : (this.#refusalOfSocket(request, url) ?? (query ? undefined : 400));
    const room = this.#findRoom(url?.searchParams.get('id') ?? '');
    if (refusal !== undefined || query === undefined || room === undefined) {
      refuse(socket, refusal ?? 404);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => room.admit(webSocket, query));
  }

  #refusalOfSocket(request: IncomingMessage, url: URL): number | undefined {
    const { host, origin } = request.headers;
    if (!isTrustedHost(host, this.#settings)) return 403;
    if (!isTrustedOrigin(origin, host, this.#settings)) return 403;
    return url.pathname === SOCKET_PATH ? this.#refusalOfCall(url) : 404;
  }
}

function urlOf(request: IncomingMessage): URL | undefined {
  return URL.parse(request.url ?? '', 'http://local') ?? undefined;
}

function refuse(socket: Duplex, status: number): void {
  const body = `${refusalText(status)}\n`;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.once('finish', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function refusalText(status: number): string {
  switch (status) {
    case 400:
      return 'The address is not complete: `rate` must be from 8000 to 48000.';
    case 403:
      return 'Not allowed: open the page at the address that the agent printed, token included.';
    case 404:
      return 'There is nothing here: the call may be over.';
    default:
      return STATUS_CODES[status] ?? '';
  }
}
