import { once } from 'node:events';
import type { Socket } from 'node:net';

import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { ConnectionErrors, WEB_SOCKET_OPTIONS } from '../../src/index.ts';
import { settled } from '../../src/testing/index.ts';
import { frame, refusingUrl, serveBytes, serveWebSockets, upgraded } from './servers.ts';
import { connected, failureOf, NOTHING_LEFT, WatchedSocket } from './watched-socket.ts';

const CONNECT_TIMEOUT_MS = 5000;

/** Resolves once the server's `answer` has been given a request. */
async function whenAsked(sockets: readonly Socket[]): Promise<void> {
  await expect.poll(() => sockets.some((socket) => socket.bytesRead > 0)).toBe(true);
}

test('a socket is open, counted and handed every message in order', async () => {
  const { watched, peer } = await connected();
  expect(watched.socket.isOpen).toBe(true);
  expect(watched.openCount).toBe(1);
  peer.send('one');
  peer.send(Buffer.from('feed', 'hex'));
  peer.send('three');
  await expect.poll(() => watched.messages).toEqual(['one', 'feed', 'three']);
  expect(watched.clock.pendingTimers).toBe(0);
});

test('a message that comes together with the upgrade is not missed', async () => {
  const { url } = await serveBytes((socket, request) => {
    socket.write(Buffer.concat([Buffer.from(upgraded(request)), frame('text', 'hello')]));
  });
  const watched = new WatchedSocket(url);
  await watched.socket.opened(CONNECT_TIMEOUT_MS);
  await expect.poll(() => watched.messages).toEqual(['hello']);
});

test('a client that is already open is taken as it is', async () => {
  const client = new WebSocket(await serveWebSockets(() => undefined), WEB_SOCKET_OPTIONS);
  await once(client, 'open');
  const watched = new WatchedSocket(client);
  await watched.socket.opened(CONNECT_TIMEOUT_MS);
  expect(watched.openCount).toBe(1);
});

test('a client that is already closed is told as that', async () => {
  const client = new WebSocket(await refusingUrl(), WEB_SOCKET_OPTIONS);
  client.on('error', () => undefined);
  await new Promise((resolve) => void client.on('close', resolve));
  const watched = new WatchedSocket(client);
  await expect(watched.socket.opened(CONNECT_TIMEOUT_MS)).rejects.toMatchObject({
    type: 'network',
    providerCode: '1006',
  });
  await watched.socket.close(2000);
  expect(watched.endings).toHaveLength(1);
  expect(watched.leftovers).toEqual(NOTHING_LEFT);
});

test('a port at which nobody listens is a failure of the network', async () => {
  const watched = new WatchedSocket(await refusingUrl());
  await expect(watched.socket.opened(CONNECT_TIMEOUT_MS)).rejects.toMatchObject({
    type: 'network',
    providerCode: 'ECONNREFUSED',
  });
  await watched.socket.closed;
  expect(watched.endings.map(({ error }) => error.providerCode)).toEqual(['ECONNREFUSED']);
  expect(watched.leftovers).toEqual(NOTHING_LEFT);
});

test('a name that is none is a failure of the network', async () => {
  const watched = new WatchedSocket('ws://nowhere.invalid');
  await expect(watched.socket.opened(CONNECT_TIMEOUT_MS)).rejects.toMatchObject({
    type: 'network',
    cause: { syscall: 'getaddrinfo' },
  });
});

test.each<[what: string, answer: string, type: string, code: string]>([
  ['hangs up', '', 'network', 'ECONNRESET'],
  ['speaks no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n\r\n', 'protocol', 'malformed_answer'],
])('a server that %s has its own error', async (_what, answer, type, providerCode) => {
  const { url } = await serveBytes((socket) => socket.end(answer));
  const watched = new WatchedSocket(url);
  const opened = watched.socket.opened(CONNECT_TIMEOUT_MS);
  await expect(opened).rejects.toMatchObject({ type, providerCode });
  expect(watched.leftovers).toEqual(NOTHING_LEFT);
});

test('a hung upgrade is given up in time', async () => {
  const { url, sockets } = await serveBytes(() => undefined);
  const watched = new WatchedSocket(url);
  const failure = failureOf(watched.socket.opened(CONNECT_TIMEOUT_MS));
  await whenAsked(sockets);
  await watched.clock.advance(CONNECT_TIMEOUT_MS - 1);
  expect(watched.endings).toEqual([]);
  await watched.clock.advance(1);
  expect(await failure).toMatchObject({
    type: 'timeout',
    providerCode: 'connect',
  });
  await watched.socket.closed;
  expect(watched.endings.map(({ error }) => error.type)).toEqual(['timeout']);
  expect(watched.leftovers).toEqual(NOTHING_LEFT);
  await expect.poll(() => sockets[0]?.destroyed || sockets[0]?.readableEnded).toBe(true);
});

test.each(['before', 'during', 'after'])('an abort %s the opening is its reason', async (when) => {
  const { url, sockets } = await serveBytes((socket, request) => {
    if (when === 'after') socket.write(upgraded(request));
  });
  const watched = new WatchedSocket(url);
  const reason = new Error('no longer wanted');
  if (when === 'before') watched.abort(reason);
  if (when === 'after') await once(watched.client, 'open');
  const opened = watched.socket.opened(CONNECT_TIMEOUT_MS);
  if (when === 'during') await whenAsked(sockets);
  watched.abort(reason);
  await expect(opened).rejects.toBe(reason);
  await watched.socket.closed;
  expect(watched.endings).toHaveLength(1);
  expect(watched.socket.isOpen).toBe(false);
  expect(watched.leftovers).toEqual(NOTHING_LEFT);
});

test('who does not wait for the opening is told of its failure all the same', async () => {
  const watched = new WatchedSocket(await refusingUrl());
  await watched.socket.closed;
  // Nobody has taken the failure by now, and the process lives on.
  await settled();
  expect(watched.endings).toHaveLength(1);
  await expect(watched.socket.opened(CONNECT_TIMEOUT_MS)).rejects.toBe(watched.endings[0]?.error);
});

function refusal(status: number, body: string, length = Buffer.byteLength(body)): string {
  return `HTTP/1.1 ${status} Because\r\nContent-Length: ${length}\r\n\r\n${body}`;
}

/** Resolves once the status is known, and all of the body that was sent. */
async function whenRefused({ client }: WatchedSocket): Promise<void> {
  await once(client, 'unexpected-response');
  await settled();
  await settled();
}

describe('a refused upgrade', () => {
  const BODY = '{"code":"NO_WAY"}';

  test.each([
    [200, 'protocol'],
    [301, 'protocol'],
    [400, 'bad_request'],
    [401, 'authentication'],
    [402, 'quota'],
    [403, 'authentication'],
    [404, 'bad_request'],
    [408, 'timeout'],
    [429, 'rate_limit'],
    [500, 'unavailable'],
    [503, 'unavailable'],
    [504, 'timeout'],
  ])('with status %s has the type %s', async (status, type) => {
    const { url, sockets } = await serveBytes((socket) => socket.write(refusal(status, BODY)));
    const watched = new WatchedSocket(url);
    await expect(watched.socket.opened(CONNECT_TIMEOUT_MS)).rejects.toMatchObject({
      type,
      providerCode: String(status),
      message: `someone: the connection was refused with HTTP status ${status} (NO_WAY)`,
    });
    expect(watched.endings).toHaveLength(1);
    expect(watched.leftovers).toEqual(NOTHING_LEFT);
    await expect.poll(() => sockets[0]?.readableEnded).toBe(true);
  });

  test('whose body never ends counts with what came of it', async () => {
    const { url } = await serveBytes((socket) => socket.write(refusal(401, BODY, 1000)));
    const watched = new WatchedSocket(url);
    const failure = failureOf(watched.socket.opened(CONNECT_TIMEOUT_MS));
    await whenRefused(watched);
    await watched.clock.advance(1000);
    expect(await failure).toMatchObject({
      type: 'authentication',
      providerCode: '401',
      message: 'someone: the connection was refused with HTTP status 401 (NO_WAY)',
    });
    expect(watched.leftovers).toEqual(NOTHING_LEFT);
  });

  test('counts also where the time to connect ends before the body', async () => {
    const { url } = await serveBytes((socket) => socket.write(refusal(429, BODY, 1000)));
    const watched = new WatchedSocket(url);
    const failure = failureOf(watched.socket.opened(500));
    await whenRefused(watched);
    await watched.clock.advance(500);
    expect(await failure).toMatchObject({
      type: 'rate_limit',
      providerCode: '429',
    });
    await watched.socket.closed;
    await expect.poll(() => watched.leftovers).toEqual(NOTHING_LEFT);
  });

  test('counts also where the connection breaks within the body', async () => {
    const { url } = await serveBytes((socket) => {
      socket.write(refusal(503, BODY, 1000));
      setTimeout(() => socket.resetAndDestroy(), 20);
    });
    const watched = new WatchedSocket(url);
    await expect(watched.socket.opened(CONNECT_TIMEOUT_MS)).rejects.toMatchObject({
      type: 'unavailable',
      providerCode: '503',
    });
    await expect.poll(() => watched.leftovers).toEqual(NOTHING_LEFT);
  });

  test('with a giant body is hung up on, and its start is read', async () => {
    let readBody = '';
    const { url, sockets } = await serveBytes((socket) => {
      socket.write(refusal(403, '', 1e12));
      const chunk = 'x'.repeat(10_000);
      const pour = (): void => {
        while (socket.write(chunk));
      };
      socket.on('drain', pour);
      pour();
    });
    const watched = new WatchedSocket(url, {
      errors: new ConnectionErrors({
        provider: 'someone',
        readRefusal: (body) => {
          readBody = body;
          return {};
        },
      }),
    });
    await expect(watched.socket.opened(CONNECT_TIMEOUT_MS)).rejects.toMatchObject({
      providerCode: '403',
    });
    expect(readBody).toBe('x'.repeat(16_384));
    await expect.poll(() => sockets[0]?.destroyed).toBe(true);
  });

  test('that cannot be read has the type of its status', async () => {
    const { url } = await serveBytes((socket) => socket.write(refusal(401, 'no JSON')));
    const watched = new WatchedSocket(url, {
      errors: new ConnectionErrors({
        provider: 'someone',
        readRefusal: () => {
          throw new SyntaxError('no JSON');
        },
      }),
    });
    await expect(watched.socket.opened(CONNECT_TIMEOUT_MS)).rejects.toMatchObject({
      type: 'authentication',
      providerCode: '401',
    });
  });
});
