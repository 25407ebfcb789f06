import { expect, test } from 'vitest';

import type { ProviderError } from '../../src/index.ts';
import { AudioUplink } from '../../src/index.ts';
import { serveBytes, upgraded } from './servers.ts';
import { errors, WatchedSocket } from './watched-socket.ts';

const BYTES_PER_MS = 32;
/** Two seconds of audio. */
const LIMIT_BYTES = 64_000;

/** A way to a socket with a backlog that the test sets. */
function uplink() {
  const broken: ProviderError[] = [];
  const socket = { bufferedBytes: 0, break: (error: ProviderError) => void broken.push(error) };
  const told: ProviderError[] = [];
  const way = new AudioUplink({
    socket,
    errors,
    bytesPerMs: BYTES_PER_MS,
    onBacklog: (error) => told.push(error),
  });
  return { way, socket, told, broken };
}

test('audio is taken while less than two seconds of it wait', () => {
  const { way, socket, told } = uplink();
  expect(way.takes(20)).toBe(true);
  socket.bufferedBytes = LIMIT_BYTES - 1;
  expect(way.takes(20)).toBe(true);
  expect(told).toEqual([]);
  socket.bufferedBytes = LIMIT_BYTES;
  expect(way.takes(20)).toBe(false);
  expect(told).toMatchObject([{ type: 'network', providerCode: 'send_backlog' }]);
});

test('a backlog is told once until all of it is gone', () => {
  const { way, socket, told } = uplink();
  const taken: boolean[] = [];
  for (const bytes of [LIMIT_BYTES, LIMIT_BYTES, 1, LIMIT_BYTES, 0, LIMIT_BYTES]) {
    socket.bufferedBytes = bytes;
    taken.push(way.takes(20));
  }
  expect(taken).toEqual([false, false, true, false, true, false]);
  expect(told).toHaveLength(2);
});

test('a network that takes nothing for five seconds of audio ends the socket', () => {
  const { way, socket, broken } = uplink();
  const drop = (durationMs: number): void => {
    socket.bufferedBytes = LIMIT_BYTES;
    way.takes(durationMs);
  };
  drop(4000);
  socket.bufferedBytes = LIMIT_BYTES - 1;
  way.takes(20);
  drop(4980);
  expect(broken).toEqual([]);
  drop(20);
  expect(broken).toMatchObject([{ type: 'network', providerCode: 'send_backlog' }]);
});

test('offsets are those of all that was written, dropped audio and added silence included', () => {
  const { way, socket } = uplink();
  way.takes(1000);
  socket.bufferedBytes = LIMIT_BYTES;
  way.takes(500);
  socket.bufferedBytes = 0;
  way.takes(1000);
  way.added(300);
  way.takes(1000);
  expect(way.writtenOffset(900)).toBe(900);
  expect(way.writtenOffset(1500)).toBe(2000);
  expect(way.writtenOffset(2400)).toBe(2600);
  expect(way.writtenOffset(undefined)).toBeUndefined();
});

test('a real socket whose network stands still holds no more than the limit', async () => {
  const { url } = await serveBytes((socket, request) => {
    socket.write(upgraded(request));
    socket.pause();
  });
  const watched = new WatchedSocket(url);
  await watched.socket.opened(5000);
  const told: ProviderError[] = [];
  const way = new AudioUplink({
    socket: watched.socket,
    errors,
    bytesPerMs: BYTES_PER_MS,
    onBacklog: (error) => told.push(error),
  });
  const second = Buffer.alloc(1000 * BYTES_PER_MS);
  while (told.length === 0) {
    if (way.takes(1000)) watched.client.send(second);
    await new Promise((resolve) => void setImmediate(resolve));
  }
  expect(watched.socket.bufferedBytes).toBeLessThan(LIMIT_BYTES + second.length + 100);
});
