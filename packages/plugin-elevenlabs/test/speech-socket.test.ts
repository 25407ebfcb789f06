import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';

import type {
  Clock,
  ConnectContext,
  ReconnectAttempt,
  TTSConnection,
  TTSStream,
} from '@vision-agents/core';
import {
  createConsoleLogger,
  InterruptedError,
  MetricsCollector,
  systemClock,
} from '@vision-agents/core';
import { ManualClock } from '@vision-agents/core/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';

import { TTS } from '../src/index.ts';
import { failureOf, speakAll } from './hearing.ts';

/** ElevenLabs as it documents itself: a context that is closed is spoken to its end, then final. */
let server: WebSocketServer;
let received: string[];
let connection: WebSocket | undefined;
let collector: MetricsCollector;

beforeEach(async () => {
  collector = new MetricsCollector();
  received = [];
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) => {
    connection = socket;
    socket.on('message', (data: Buffer) => received.push(data.toString()));
  });
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

function open(clock: Clock = systemClock): Promise<TTSStream> {
  const tts = new TTS({ apiKey: 'test-key', baseUrl: baseUrl() });
  return tts.open({ metrics: collector, clock });
}

function say(message: object): void {
  connection?.send(JSON.stringify(message));
}

/** How many contexts were opened with a space. */
function opened(): number {
  return received.filter((json) => json.includes('"text":" "')).length;
}

function sendAudio(contextId: string): void {
  say({ audio: 'AQI=', contextId });
}

test('the context is closed right after its text, and final only when all is said', async () => {
  const stream = await open();
  const speaking = speakAll(stream, 'Hello.');
  await vi.waitFor(() => expect(received).toHaveLength(3));
  expect(received).toEqual([
    '{"text":" ","context_id":"speech-1"}',
    '{"text":"Hello. ","context_id":"speech-1","flush":true}',
    '{"context_id":"speech-1","close_context":true}',
  ]);
  sendAudio('speech-1');
  sendAudio('somebody-else');
  say({ audio: null, is_final: true, context_id: 'speech-1' });
  expect((await speaking).map(({ samples }) => samples)).toEqual([new Int16Array([0x02_01])]);
  await stream.close();
  expect(received).toHaveLength(3);
});

test('a context that is not wanted any more keeps its place until it is final', async () => {
  const waits = new Set<object>();
  const clock: Clock = {
    now: () => systemClock.now(),
    after: (delayMs, callback) => {
      const wait = {};
      waits.add(wait);
      const cancel = systemClock.after(delayMs, callback);
      return () => {
        waits.delete(wait);
        cancel();
      };
    },
  };
  const stream = await open(clock);
  const controller = new AbortController();
  const unwanted = ['a', 'b', 'c', 'd', 'e'].map((text) =>
    failureOf(speakAll(stream, text, controller.signal)),
  );
  await vi.waitFor(() => expect(opened()).toBe(5));
  controller.abort();
  await Promise.all(unwanted);
  const next = speakAll(stream, 'next');
  await vi.waitFor(() => expect(received).toHaveLength(5 * 3 + 5));
  expect(received.slice(-1)).toEqual(['{"context_id":"speech-5","close_context":true}']);
  expect(opened()).toBe(5);

  sendAudio('speech-2');
  say({ audio: null, isFinal: true, contextId: 'speech-2' });
  await vi.waitFor(() => expect(opened()).toBe(6));
  sendAudio('speech-6');
  say({ audio: null, isFinal: true, contextId: 'speech-6' });
  expect(await next).toHaveLength(1);
  await stream.close();
  expect(waits.size).toBe(0);
  expect(collector.metrics.ttsErrors.total).toBe(0);
});

test('a context that never tells that it is final spends its socket, and none gets one too many', async () => {
  const clock = new ManualClock();
  const stream = await open(clock);
  const [first] = server.clients;
  assert.ok(first);
  const last = speakAll(stream, 'goes on');
  await vi.waitFor(() => expect(opened()).toBe(1));
  const controller = new AbortController();
  const unwanted = failureOf(speakAll(stream, 'is interrupted', controller.signal));
  await vi.waitFor(() => expect(opened()).toBe(2));
  controller.abort();
  await unwanted;
  await clock.advance(5000);
  expect(collector.metrics.providerConnections.total).toBe(1);
  const next = speakAll(stream, 'next');
  await vi.waitFor(() => expect(server.clients.size).toBe(2));
  await vi.waitFor(() => expect(opened()).toBe(3));
  sendAudio('speech-1');
  say({ isFinal: true, contextId: 'speech-1' });
  expect(await next).toHaveLength(1);

  first.send(JSON.stringify({ audio: 'AQI=', contextId: 'speech-1' }));
  first.send(JSON.stringify({ isFinal: true, contextId: 'speech-1' }));
  expect(await last).toHaveLength(1);
  await vi.waitFor(() => expect(collector.metrics.providerConnections.total).toBe(1));
  await stream.close();
  expect(clock.pendingTimers).toBe(0);
  expect(collector.metrics.ttsErrors.total).toBe(0);
});

test('five such contexts end a socket, and whoever waits for a place on it', async () => {
  const clock = new ManualClock();
  const stream = await open(clock);
  const controller = new AbortController();
  const unwanted = ['a', 'b', 'c', 'd', 'e'].map((text) =>
    failureOf(speakAll(stream, text, controller.signal)),
  );
  await vi.waitFor(() => expect(opened()).toBe(5));
  controller.abort();
  await Promise.all(unwanted);
  const waiting = failureOf(speakAll(stream, 'next'));
  await clock.advance(5000);
  expect(await waiting).toMatchObject({ type: 'timeout', providerCode: 'never_final' });
  expect(opened()).toBe(5);
  await stream.close();
  expect(collector.metrics.ttsErrors.total).toBe(1);
  expect(clock.pendingTimers).toBe(0);
});

test('a socket on which nothing is said is kept alive, and costs nothing', async () => {
  const clock = new ManualClock();
  const stream = await open(clock);
  for (const round of [1, 2]) {
    await clock.advance(60_000);
    await vi.waitFor(() => expect(received).toHaveLength(2 * round));
  }
  expect(received.slice(-2)).toEqual([
    '{"text":" ","context_id":"keep-alive"}',
    '{"context_id":"keep-alive","close_context":true}',
  ]);
  say({ isFinal: true, contextId: 'keep-alive' });
  const speaking = failureOf(speakAll(stream, 'Hello.'));
  await vi.waitFor(() => expect(received).toHaveLength(4 + 3));
  await clock.advance(9000);
  expect(received).toHaveLength(4 + 3);
  await stream.close();
  await speaking;
  expect(collector.metrics.ttsCharacters.total).toBe(6);
  expect(collector.metrics.ttsRequests.total).toBe(1);
  expect(clock.pendingTimers).toBe(0);
});

test('a socket that is closed while nothing is said is no error, and the next text opens another', async () => {
  const stream = await open();
  connection?.close(1008, 'inactivity');
  await vi.waitFor(() => expect(collector.metrics.providerConnections.total).toBe(0));
  const speaking = speakAll(stream, 'Hello.');
  await vi.waitFor(() => expect(opened()).toBe(1));
  sendAudio('speech-1');
  say({ isFinal: true, contextId: 'speech-1' });
  await speaking;
  expect(collector.metrics.ttsErrors.total).toBe(0);
  await stream.close();
});

test('a text that is being spoken when the stream is closed fails at once', async () => {
  const stream = await open();
  const speaking = failureOf(speakAll(stream, 'Hello.'));
  await vi.waitFor(() => expect(opened()).toBe(1));
  await stream.close();
  expect(await speaking).toBeInstanceOf(InterruptedError);
  expect(collector.metrics.providerConnections.total).toBe(0);
});

test('an upgrade that hangs is given up, and its socket with it', async () => {
  const hung = createServer().listen(0, '127.0.0.1');
  await once(hung, 'listening');
  const accepted = new Promise<Socket>((resolve) => {
    hung.once('connection', resolve);
  });
  const opening = new TTS({
    apiKey: 'test-key',
    baseUrl: baseUrl(hung),
    connectTimeoutMs: 100,
  }).open({ metrics: collector });
  const closed = accepted.then((socket) => once(socket.resume(), 'close'));
  await expect(opening).rejects.toMatchObject({ type: 'timeout' });
  await closed;
  hung.close();
});

/** Lets a test call a connection as core does. */
class Connecting extends TTS {
  connectWith(context: ConnectContext): Promise<TTSConnection> {
    return this.connect(context);
  }
}

test('nothing is left on a signal that outlives its text', async () => {
  const { signal } = new AbortController();
  const tts = new Connecting({ apiKey: 'test-key', baseUrl: baseUrl() });
  const direct = await tts.connectWith({
    signal,
    logger: createConsoleLogger('silent'),
    clock: systemClock,
    socketOpened: () => () => undefined,
    reconnected: () => undefined,
  });
  const chunks = direct.synthesize('Hello.', signal)[Symbol.asyncIterator]();
  const first = chunks.next();
  await vi.waitFor(() => expect(opened()).toBe(1));
  sendAudio('speech-1');
  say({ isFinal: true, contextId: 'speech-1' });
  await first;
  expect(await chunks.next()).toMatchObject({ done: true });
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  await direct.close();
});

test('who speaks is told that a socket which was lost between two texts is there again', async () => {
  const told: ReconnectAttempt[] = [];
  const tts = new TTS({ apiKey: 'test-key', baseUrl: baseUrl() });
  const stream = await tts.open({ metrics: collector, onReconnect: (one) => told.push(one) });
  connection?.terminate();
  await vi.waitFor(() => expect(told).toHaveLength(1));
  expect(told).toMatchObject([
    { provider: 'elevenlabs', component: 'tts', outcome: 'completed', attempt: 1 },
  ]);
  expect(told[0]?.outageMs).toBeGreaterThan(0);
  expect(collector.metrics.providerReconnects.total).toBe(1);
  await stream.close();
});
