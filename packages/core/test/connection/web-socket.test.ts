import { expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { WEB_SOCKET_OPTIONS } from '../../src/index.ts';
import { serveBytes, serveWebSockets, upgraded } from './servers.ts';
import { connected, WatchedSocket } from './watched-socket.ts';

test('compression is not asked for', async () => {
  const { url, sockets } = await serveBytes((socket, request) => {
    socket.write(upgraded(request));
    asked = request;
  });
  let asked = '';
  const watched = new WatchedSocket(url);
  await watched.socket.opened(5000);
  expect(asked.toLowerCase()).not.toContain('sec-websocket-extensions');
  expect(sockets).toHaveLength(1);
});

test('a message of 16 MiB is taken, and a larger one breaks the protocol', async () => {
  const { watched, peer } = await connected();
  peer.send('x'.repeat(WEB_SOCKET_OPTIONS.maxPayload));
  await expect.poll(() => watched.messages[0]?.length).toBe(16 * 1024 * 1024);
  peer.send('x'.repeat(WEB_SOCKET_OPTIONS.maxPayload + 1));
  await watched.socket.closed;
  expect(watched.endings).toMatchObject([{ error: { type: 'protocol' }, messageCount: 1 }]);
});

test('who stays on the line is waited for for a second', async () => {
  const { url } = await serveBytes((socket, request) => socket.write(upgraded(request)));
  const watched = new WatchedSocket(url);
  await watched.socket.opened(5000);
  const startMs = performance.now();
  // The time of the call stands still: this is the socket's own.
  await watched.socket.close(60_000);
  const tookMs = performance.now() - startMs;
  expect(tookMs).toBeGreaterThan(WEB_SOCKET_OPTIONS.closeTimeout - 50);
  expect(tookMs).toBeLessThan(WEB_SOCKET_OPTIONS.closeTimeout + 3000);
});

test('the structure that core uses is that of ws', async () => {
  // This is checked by the compiler: a `WebSocket` can be passed where a `WebSocketClient` is wanted.
  const client = new WebSocket(await serveWebSockets(() => undefined), WEB_SOCKET_OPTIONS);
  const watched = new WatchedSocket(client);
  await watched.socket.opened(5000);
  expect(client.readyState).toBe(1);
});
