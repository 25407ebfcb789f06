import { once } from 'node:events';

import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { ConnectionErrors, InterruptedError, WEB_SOCKET_OPTIONS } from '../../src/index.ts';
import { settled } from '../../src/testing/index.ts';
import { closePayload, frame, serveBytes, upgraded } from './servers.ts';
import { connected, errors, failureOf, NOTHING_LEFT, WatchedSocket } from './watched-socket.ts';

const CONNECT_TIMEOUT_MS = 5000;
const CLOSE_TIMEOUT_MS = 2000;
/** `ws` would hang up itself after the time that plugins give to it. */
const PATIENT_OPTIONS = { ...WEB_SOCKET_OPTIONS, closeTimeout: 60_000 };

const readClose = (reason: string): { name: string } => {
  if (reason === '') throw new Error('there is none');
  return { name: reason };
};

describe('a close from the other side', () => {
  test.each([
    [1000, 'aborted_by_provider'],
    [1001, 'aborted_by_provider'],
    [1002, 'bad_request'],
    [1003, 'bad_request'],
    [1007, 'bad_request'],
    [1008, 'bad_request'],
    [1009, 'bad_request'],
    [1010, 'aborted_by_provider'],
    [1011, 'unavailable'],
    [1012, 'unavailable'],
    [1013, 'unavailable'],
    [1014, 'unavailable'],
    [3000, 'aborted_by_provider'],
    [4999, 'aborted_by_provider'],
  ])('with code %s has the type %s', async (code, type) => {
    const { watched, peer } = await connected();
    peer.send('last');
    peer.close(code);
    await watched.socket.closed;
    expect(watched.endings).toMatchObject([
      { error: { type, providerCode: String(code) }, messageCount: 1 },
    ]);
    expect(watched.socket.isOpen).toBe(false);
    expect(watched.leftovers).toEqual(NOTHING_LEFT);
  });

  test('without a code, or without a goodbye, is told as that', async () => {
    const silent = await connected();
    silent.peer.close();
    const rude = await connected();
    rude.peer.terminate();
    await Promise.all([silent.watched.socket.closed, rude.watched.socket.closed]);
    expect(silent.watched.endings).toMatchObject([{ error: { providerCode: '1005' } }]);
    expect(rude.watched.endings).toMatchObject([
      { error: { type: 'network', providerCode: '1006' } },
    ]);
  });

  test('is not put off by who stays on the line', async () => {
    const goodbye = frame('close', closePayload(1011, 'sorry'));
    const { url, sockets } = await serveBytes((socket, request) => {
      socket.write(Buffer.concat([Buffer.from(upgraded(request)), goodbye]));
    });
    const watched = new WatchedSocket(url);
    await watched.socket.opened(CONNECT_TIMEOUT_MS);
    await watched.socket.closed;
    expect(watched.endings).toMatchObject([
      { error: { type: 'unavailable', providerCode: '1011' } },
    ]);
    expect(watched.leftovers).toEqual(NOTHING_LEFT);
    expect(sockets[0]?.writableEnded).toBe(false);
  });

  test('has the reason read, and what the reader throws is no matter', async () => {
    const parts = { errors: new ConnectionErrors({ provider: 'someone', readClose }) };
    const talkative = await connected(parts);
    talkative.peer.close(1008, 'too-long');
    const silent = await connected(parts);
    silent.peer.close(1008);
    await Promise.all([talkative.watched.socket.closed, silent.watched.socket.closed]);
    const messages = [talkative, silent].map(({ watched }) => watched.endings[0]?.error.message);
    expect(messages).toEqual([
      'someone: the connection was closed with code 1008 (too-long)',
      'someone: the connection was closed with code 1008',
    ]);
  });

  test('after a frame that breaks the protocol is the protocol', async () => {
    const { url } = await serveBytes((socket, request) => {
      // A reserved bit is set.
      socket.write(Buffer.concat([Buffer.from(upgraded(request)), Buffer.from([0xc1, 0])]));
    });
    const watched = new WatchedSocket(url);
    await watched.socket.closed;
    expect(watched.endings).toMatchObject([
      { error: { type: 'protocol', providerCode: 'WS_ERR_UNEXPECTED_RSV_1' } },
    ]);
  });
});

describe('breaking', () => {
  test('is at once, for the first reason, and no message is taken any more', async () => {
    const { url } = await serveBytes((socket, request) => {
      const both = [frame('text', 'one'), frame('text', 'two')];
      socket.write(Buffer.concat([Buffer.from(upgraded(request)), ...both]));
    });
    const first = errors.stalled(10);
    const watched = new WatchedSocket(url, {
      onMessage: () => {
        watched.socket.break(first);
        watched.socket.break(errors.stalled(20));
      },
    });
    await watched.socket.closed;
    expect(watched.messages).toEqual(['one']);
    expect(watched.endings.map(({ error }) => error)).toEqual([first]);
    expect(watched.leftovers).toEqual(NOTHING_LEFT);
  });

  test('before the opening ends the wait for that', async () => {
    const { url } = await serveBytes(() => undefined);
    const watched = new WatchedSocket(url);
    const opened = watched.socket.opened(CONNECT_TIMEOUT_MS);
    const error = errors.stalled(10);
    watched.socket.break(error);
    await expect(opened).rejects.toBe(error);
    expect(watched.leftovers).toEqual(NOTHING_LEFT);
  });

  test('after the close changes nothing', async () => {
    const { watched, peer } = await connected();
    peer.close(1001);
    await watched.socket.closed;
    watched.socket.break(errors.stalled(10));
    watched.client.emit('error', new Error('late'));
    await settled();
    expect(watched.endings).toMatchObject([{ error: { providerCode: '1001' } }]);
  });

  test('is what becomes of a message that cannot be handled', async () => {
    const thrown = new TypeError('is no function');
    const { watched, peer } = await connected({
      onMessage: () => {
        throw thrown;
      },
    });
    peer.send('one');
    peer.send('two');
    await watched.socket.closed;
    expect(watched.messages).toEqual(['one']);
    expect(watched.endings).toMatchObject([
      { error: { type: 'protocol', providerCode: 'malformed_message', cause: thrown } },
    ]);
  });

  test('that cannot be told is logged, and the socket is closed', async () => {
    const error = new Error('nobody home');
    const { watched, peer } = await connected({
      onClosed: () => {
        throw error;
      },
    });
    peer.close(1000);
    await watched.socket.closed;
    await settled();
    expect(watched.logger.entries).toMatchObject([{ level: 'error', fields: { error } }]);
    expect(watched.leftovers).toEqual(NOTHING_LEFT);
  });
});

describe('a close from here', () => {
  test('says goodbye, and what was sent by then still arrives', async () => {
    const { watched, peer } = await connected();
    const closed = once(peer, 'close');
    peer.send('last');
    await watched.socket.close(CLOSE_TIMEOUT_MS);
    expect((await closed)[0]).toBe(1000);
    expect(watched.endings).toMatchObject([{ error: { providerCode: '1000' }, messageCount: 1 }]);
    expect(watched.leftovers).toEqual(NOTHING_LEFT);
  });

  test('is idempotent', async () => {
    const { watched } = await connected();
    const { socket } = watched;
    await Promise.all([socket.close(CLOSE_TIMEOUT_MS), socket.close(CLOSE_TIMEOUT_MS)]);
    await socket.close(CLOSE_TIMEOUT_MS);
    await socket.finish(CLOSE_TIMEOUT_MS);
    expect(watched.endings).toHaveLength(1);
    expect(watched.leftovers).toEqual(NOTHING_LEFT);
  });

  test('of one that is not open yet is told to who waits for that as no failure', async () => {
    const { url } = await serveBytes(() => undefined);
    const watched = new WatchedSocket(url);
    const failure = failureOf(watched.socket.opened(CONNECT_TIMEOUT_MS));
    await watched.socket.close(CLOSE_TIMEOUT_MS);
    expect(await failure).toBeInstanceOf(InterruptedError);
    expect(watched.leftovers).toEqual(NOTHING_LEFT);
  });

  test('comes after the last result', async () => {
    const { watched, peer } = await connected();
    const lastResult = Promise.withResolvers<void>();
    const closed = watched.socket.close(CLOSE_TIMEOUT_MS, lastResult.promise);
    await watched.clock.advance(CLOSE_TIMEOUT_MS - 1);
    expect(watched.socket.isOpen).toBe(true);
    peer.send('last');
    await expect.poll(() => watched.messages).toEqual(['last']);
    lastResult.resolve();
    await closed;
    expect(watched.endings).toMatchObject([{ error: { providerCode: '1000' } }]);
    expect(watched.leftovers).toEqual(NOTHING_LEFT);
  });

  test('comes at once where the last result fails', async () => {
    const { watched } = await connected();
    await watched.socket.close(CLOSE_TIMEOUT_MS, Promise.reject(new Error('none')));
    expect(watched.endings).toMatchObject([{ error: { providerCode: '1000' } }]);
  });

  test('waits for no result longer than it may', async () => {
    const { watched } = await connected();
    const lastResult = Promise.withResolvers<void>();
    const closed = watched.socket.close(CLOSE_TIMEOUT_MS, lastResult.promise);
    await watched.clock.advance(CLOSE_TIMEOUT_MS);
    await closed;
    lastResult.resolve();
    await settled();
    expect(watched.endings).toMatchObject([{ error: { providerCode: '1006' } }]);
    expect(watched.leftovers).toEqual(NOTHING_LEFT);
  });

  test.each(['close', 'finish'] as const)(
    'by %s waits for no answer longer than it may',
    async (how) => {
      const { url, sockets } = await serveBytes((socket, request) =>
        socket.write(upgraded(request)),
      );
      const client = new WebSocket(url, PATIENT_OPTIONS);
      const watched = new WatchedSocket(client);
      await watched.socket.opened(CONNECT_TIMEOUT_MS);
      const closed = watched.socket[how](CLOSE_TIMEOUT_MS);
      await watched.clock.advance(CLOSE_TIMEOUT_MS - 1);
      expect(watched.endings).toEqual([]);
      await watched.clock.advance(1);
      await closed;
      expect(watched.endings).toHaveLength(1);
      expect(watched.leftovers).toEqual(NOTHING_LEFT);
      expect(sockets).toHaveLength(1);
    },
  );

  test('by finish leaves the goodbye to the other side', async () => {
    const { watched, peer } = await connected();
    const finished = watched.socket.finish(CLOSE_TIMEOUT_MS);
    expect(watched.socket.isOpen).toBe(true);
    peer.send('last');
    peer.close(1000);
    await finished;
    expect(watched.endings).toMatchObject([{ messageCount: 1 }]);
    expect(watched.leftovers).toEqual(NOTHING_LEFT);
  });
});

test('what the network has not taken yet is known', async () => {
  const { url } = await serveBytes((socket, request) => {
    socket.write(upgraded(request));
    socket.pause();
  });
  const watched = new WatchedSocket(url);
  await watched.socket.opened(CONNECT_TIMEOUT_MS);
  expect(watched.socket.bufferedBytes).toBe(0);
  watched.client.send(Buffer.alloc(32 * 1024 * 1024));
  await settled();
  expect(watched.socket.bufferedBytes).toBeGreaterThan(1024 * 1024);
});
