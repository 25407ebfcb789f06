import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';

import type { Clock, ConnectContext, STTConnection } from '@vision-agents/core';
import { createConsoleLogger, MetricsCollector, silence, systemClock } from '@vision-agents/core';
import { ManualClock, settled } from '@vision-agents/core/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';

import type { STTOptions } from '../src/index.ts';
import { STT } from '../src/index.ts';
import { finals, readUntil, SAMPLE_RATE_HZ, utterance, write } from './caller.ts';

/** For what the sandbox does not do. */
let server: WebSocketServer;
let serve: (socket: WebSocket) => void;
let collector: MetricsCollector;

beforeEach(async () => {
  collector = new MetricsCollector();
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) => serve(socket));
  await once(server, 'listening');
});

afterEach(async () => {
  for (const client of server.clients) client.terminate();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

function baseUrl(of: { address: () => unknown } = server): string {
  const address = of.address();
  assert.ok(typeof address === 'object' && address !== null && 'port' in address);
  return `http://127.0.0.1:${Number(address.port)}`;
}

function stt(options: STTOptions = {}): STT {
  return new STT({ apiKey: 'test-key', baseUrl: baseUrl(), closeTimeoutMs: 50, ...options });
}

const update = {
  type: 'TurnInfo',
  event: 'Update',
  transcript: 'unfinished words',
  words: [{ word: 'words', start: 0.1, end: 0.5 }],
};

test('words of a turn that Flux leaves open at the close are a final transcript', async () => {
  serve = (socket) => {
    socket.on('message', (data, isBinary) => {
      if (isBinary) socket.send(JSON.stringify(update));
      else socket.close();
    });
  };
  const stream = await stt().open({ metrics: collector });
  const events = stream[Symbol.asyncIterator]();
  write(stream, utterance('a', 0).subarray(0, 320));
  const read = await readUntil(events, ({ type }) => type === 'transcript');
  expect(read.at(-1)).toMatchObject({ type: 'transcript', final: false });
  await stream.close();
  expect(finals(await readUntil(events, () => false))).toEqual(['unfinished words']);
  expect(collector.metrics.sttTranscripts.total).toBe(1);
  expect(collector.metrics.sttLatencyMs.count).toBe(0);
});

test('a binary message is a protocol error, and the stream goes on', async () => {
  serve = (socket) => {
    socket.send(Buffer.from('x'));
    socket.send(JSON.stringify(update));
  };
  const stream = await stt().open({ metrics: collector });
  const events = stream[Symbol.asyncIterator]();
  const read = await readUntil(events, (event) => event.type === 'transcript');
  expect(read[0]).toMatchObject({ type: 'error', error: { type: 'protocol' } });
  await stream.close();
});

test('audio that the network does not take is dropped, with one error, and in the end the stream is', async () => {
  serve = (socket) => socket.pause();
  const stream = await stt().open({ metrics: collector });
  const samples = new Int16Array(SAMPLE_RATE_HZ);
  // Many times what the kernel's buffers hold.
  for (let second = 0; second < 1000; second += 1) {
    stream.write({ samples, sampleRateHz: SAMPLE_RATE_HZ });
  }
  const events = stream[Symbol.asyncIterator]();
  const backlogged = { type: 'network', providerCode: 'send_backlog' };
  expect((await events.next()).value).toMatchObject({ type: 'error', error: backlogged });
  expect(collector.metrics.sttErrors.total).toBe(1);
  // So much was dropped that the network is given up.
  await expect(events.next()).rejects.toMatchObject(backlogged);
});

test('what is counted as sent is what arrives, whatever the network did not take', async () => {
  let receivedMs = 0;
  let paused: WebSocket | undefined;
  serve = (socket) => {
    socket.pause();
    paused = socket;
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) receivedMs += data.length / 32;
      else socket.close();
    });
  };
  const stream = await stt({ closeTimeoutMs: 10_000 }).open({ metrics: collector });
  const rest = readUntil(stream[Symbol.asyncIterator](), () => false);
  let writtenMs = 0;
  while (collector.metrics.sttErrors.total === 0) {
    stream.write(silence(1000, SAMPLE_RATE_HZ));
    writtenMs += 1000;
    await setImmediate();
  }
  paused?.resume();
  await stream.close();
  await rest;
  expect(receivedMs).toBeLessThan(writtenMs);
  expect(receivedMs).toBeGreaterThan(0);
  expect(collector.metrics.sttAudioDurationMs.sum).toBe(receivedMs);
});

test('an error message ends the stream, whether a close follows or not', async () => {
  serve = (socket) => socket.send(JSON.stringify({ type: 'Error', code: 'NET-0002' }));
  const stream = await stt().open({ metrics: collector });
  const reading = readUntil(stream[Symbol.asyncIterator](), () => false);
  await expect(reading).rejects.toMatchObject({ providerCode: 'NET-0002' });
  await stream.close();
  expect(collector.metrics.providerConnections.total).toBe(0);
});

test('compression is not offered: audio does not get smaller by it', async () => {
  let extensions: string | undefined;
  server.on('connection', (_socket, request) => {
    extensions = request.headers['sec-websocket-extensions'];
  });
  serve = (socket) => socket.on('message', () => socket.close());
  const stream = await stt().open({ metrics: collector });
  await stream.close();
  expect(extensions).toBeUndefined();
});

test('an upgrade that hangs is given up with its signal, and its socket with it', async () => {
  const hung = createServer().listen(0, '127.0.0.1');
  await once(hung, 'listening');
  const accepted = new Promise<Socket>((resolve) => {
    hung.once('connection', resolve);
  });
  const controller = new AbortController();
  const reason = new Error('hung up');
  const opening = new STT({
    apiKey: 'test-key',
    baseUrl: baseUrl(hung),
    connectTimeoutMs: 60_000,
    closeTimeoutMs: 60_000,
  }).open({ metrics: collector, signal: controller.signal });
  const closed = accepted.then((socket) => {
    controller.abort(reason);
    return once(socket.resume(), 'close');
  });
  await expect(opening).rejects.toBe(reason);
  await closed;
  hung.close();
});

test('offsets after audio that was dropped lie where they were written', async () => {
  let peer: WebSocket | undefined;
  let receivedS = 0;
  serve = (socket) => {
    peer = socket;
    socket.pause();
    socket.on('message', (_data, isBinary) => {
      if (!isBinary) return;
      receivedS += 1;
      const words = [{ word: 'a', start: 0, end: receivedS }];
      socket.send(JSON.stringify({ ...update, event: 'EndOfTurn', words }));
    });
  };
  let nowMs = 0;
  const clock: Clock = { now: () => nowMs, after: (...wait) => systemClock.after(...wait) };
  const stream = await stt().open({ metrics: collector, clock });
  const samples = new Int16Array(SAMPLE_RATE_HZ);
  const writeSecond = (): void => {
    nowMs += 1;
    stream.write({ samples, sampleRateHz: SAMPLE_RATE_HZ });
  };
  let speechEndedAtMs = 0;
  const errors: unknown[] = [];
  const reading = readUntil(stream[Symbol.asyncIterator](), (event) => {
    if (event.type === 'transcript') speechEndedAtMs = event.speechEndedAtMs ?? 0;
    if (event.type === 'error') errors.push(event.error);
    return false;
  });
  while (errors.length === 0) {
    writeSecond();
    await setImmediate();
  }
  writeSecond();
  peer?.resume();
  await vi.waitFor(() => {
    const isAllHeard = speechEndedAtMs === nowMs;
    if (!isAllHeard) writeSecond();
    expect(isAllHeard).toBe(true);
  });
  expect(receivedS).toBeLessThan(nowMs);
  await stream.close();
  await reading;
});

/** Lets a test hand over the signal that core gives to a connection. */
class Connecting extends STT {
  connectWith(context: ConnectContext): Promise<STTConnection> {
    return this.connect(context);
  }
}

test('a connection ends by its signal alone', async () => {
  serve = (socket) => socket.on('message', () => socket.close());
  const controller = new AbortController();
  const closed = vi.fn<() => void>();
  const connection = await new Connecting({ apiKey: 'test-key', baseUrl: baseUrl() }).connectWith({
    signal: controller.signal,
    logger: createConsoleLogger('silent'),
    clock: systemClock,
    socketOpened: () => closed,
    reconnected: () => undefined,
  });
  controller.abort();
  expect(await connection[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
  await connection.close();
  expect(closed).toHaveBeenCalledOnce();
});

test.each([
  ['nova-3', 3],
  ['flux-general-en', 0],
])('%s is told %d times in 12 s of silence that more audio will come', async (model, times) => {
  const texts: string[] = [];
  serve = (socket) =>
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) return;
      texts.push(data.toString());
      if (data.includes('CloseStream')) socket.close();
    });
  const clock = new ManualClock();
  const stream = await stt({ model }).open({ metrics: collector, clock });
  for (let waitedMs = 0; waitedMs < 8000; waitedMs += 500) {
    await clock.advance(500);
    stream.write(silence(20, SAMPLE_RATE_HZ));
  }
  for (let waitedMs = 0; waitedMs < 12_000; waitedMs += 500) {
    await clock.advance(500);
    await settled();
  }
  await stream.close();
  const keepAlive = JSON.stringify({ type: 'KeepAlive' });
  const closeStream = JSON.stringify({ type: 'CloseStream' });
  expect(texts).toEqual([...Array.from({ length: times }, () => keepAlive), closeStream]);
  expect(clock.pendingTimers).toBe(0);
});
