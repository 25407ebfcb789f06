import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';

import { onTestFinished } from 'vitest';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';

/** What RFC 6455 has a server add to a client's key. */
const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** A WebSocket server of the test's, which is gone when the test is over. Returns its URL. */
export async function serveWebSockets(meet: (peer: WebSocket) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  server.on('connection', (peer) => {
    peer.on('error', () => undefined);
    meet(peer);
  });
  onTestFinished(() => {
    for (const peer of server.clients) peer.terminate();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('there is no port');
  return `ws://127.0.0.1:${address.port}`;
}

/** A server of the test's that is handed whole requests, and whose every byte the test writes. */
export async function serveBytes(
  answer: (socket: Socket, request: string) => void,
): Promise<{ url: string; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  // Who keeps its half open stays on the line after the client has gone.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    let request = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      if (request.endsWith('\r\n\r\n')) return;
      request += chunk.toString('latin1');
      if (request.endsWith('\r\n\r\n')) answer(socket, request);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `ws://127.0.0.1:${portOf(server.address())}`, sockets };
}

/** The answer to an upgrade that is granted. */
export function upgraded(request: string): string {
  const key = /^sec-websocket-key: *(.+)$/im.exec(request)?.[1]?.trim() ?? '';
  const accept = createHash('sha1')
    .update(key + HANDSHAKE_GUID)
    .digest('base64');
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    '\r\n',
  ].join('\r\n');
}

/** A frame as a server sends it: unmasked, and of less than 126 bytes. */
export function frame(opcode: 'text' | 'close', payload: Buffer | string): Buffer {
  const body = Buffer.from(payload);
  return Buffer.concat([Buffer.from([opcode === 'text' ? 0x81 : 0x88, body.length]), body]);
}

/** The payload of a close frame. */
export function closePayload(code: number, reason = ''): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code);
  payload.write(reason, 2);
  return payload;
}

/** A URL at which nobody listens. */
export async function refusingUrl(): Promise<string> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server.address());
  server.close();
  await once(server, 'close');
  return `ws://127.0.0.1:${port}`;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('there is no port');
  return address.port;
}
