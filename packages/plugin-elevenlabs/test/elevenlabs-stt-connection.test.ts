import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import type { STTEvent, STTStream } from '@vision-agents/core';
import { MetricsCollector } from '@vision-agents/core';
import { ManualClock, RecordingLogger } from '@vision-agents/core/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';

import type { STTOptions } from '../src/index.ts';
import { STT } from '../src/index.ts';
import { endsTurn, finals, isFinal, readUntil, write } from './caller.ts';
import { failureOf } from './hearing.ts';

/** Scribe, as each test has it speak. */
let server: WebSocketServer;
let connection: WebSocket | undefined;
let line: Socket | undefined;
let session: object;
let clock: ManualClock;
let collector: MetricsCollector;
let logger: RecordingLogger;

beforeEach(async () => {
  clock = new ManualClock();
  collector = new MetricsCollector();
  logger = new RecordingLogger();
  session = { message_type: 'session_started', config: { sample_rate: 16_000 } };
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket, request) => {
    connection = socket;
    line = request.socket;
    say(session);
  });
  await once(server, 'listening');
});

afterEach(async () => {
  for (const client of server.clients) client.terminate();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

function open(options: STTOptions = {}): Promise<STTStream> {
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const baseUrl = `http://127.0.0.1:${address.port}`;
  const stt = new STT({ apiKey: 'test-key', baseUrl, ...options });
  return stt.open({ metrics: collector, clock, logger });
}

function say(message: object): void {
  connection?.send(JSON.stringify(message));
}

/** A committed text and its times, in seconds. */
function commit(text: string, start: number, end: number): void {
  say({ message_type: 'committed_transcript', text });
  const words = [{ text, start, end, type: 'word' }];
  say({ message_type: 'committed_transcript_with_timestamps', text, words });
}

/** Half a second of whatever. */
async function speak(stream: STTStream): Promise<void> {
  for (let frame = 0; frame < 25; frame += 1) {
    await clock.advance(20);
    write(stream, new Int16Array(320));
  }
}

async function nextFinal(events: AsyncIterator<STTEvent>): Promise<STTEvent | undefined> {
  return (await readUntil(events, endsTurn)).find(isFinal);
}

test('a session that expects another rate is none', async () => {
  session = { message_type: 'session_started', config: { sample_rate: 8000 } };
  const error = await failureOf(open());
  expect(error).toMatchObject({ type: 'protocol', providerCode: 'sample_rate' });
  expect(collector.metrics.sttErrors.total).toBe(1);
  await expect.poll(() => clock.pendingTimers).toBe(0);
});

test('times that start again with each commit are of a clock that we do not know', async () => {
  const stream = await open();
  const events = stream[Symbol.asyncIterator]();
  await speak(stream);
  commit('one', 0.1, 0.4);
  expect(await nextFinal(events)).not.toMatchObject({ speechEndedAtMs: undefined });
  await speak(stream);
  commit('two', 0.1, 0.4);
  expect(await nextFinal(events)).toMatchObject({ text: 'two', speechEndedAtMs: undefined });
  await speak(stream);
  commit('three', 1.1, 1.4);
  expect(await nextFinal(events)).not.toMatchObject({ speechEndedAtMs: undefined });
  expect(collector.metrics.sttTranscripts.total).toBe(3);
  expect(collector.metrics.sttLatencyMs.count).toBe(2);
  connection?.terminate();
  await stream.close();
});

test('words from beyond the audio that was sent have no time', async () => {
  const stream = await open();
  await speak(stream);
  commit('one', 0.1, 90);
  const final = await nextFinal(stream[Symbol.asyncIterator]());
  expect(final).toMatchObject({ speechEndedAtMs: undefined });
  expect(collector.metrics.sttLatencyMs.count).toBe(0);
  connection?.terminate();
  await stream.close();
});

test('a transcript that comes twice is told once', async () => {
  const stream = await open();
  const events = stream[Symbol.asyncIterator]();
  await speak(stream);
  const words = [{ text: 'one', start: 0.1, end: 0.4, type: 'word' }];
  const details = { message_type: 'committed_transcript_with_timestamps', text: 'one', words };
  for (let time = 0; time < 2; time += 1) say(details);
  commit('two', 0.4, 0.5);
  expect(await nextFinal(events)).toMatchObject({ text: 'one' });
  expect(await nextFinal(events)).toMatchObject({ text: 'two' });
  expect(collector.metrics.sttTranscripts.total).toBe(2);
  connection?.terminate();
  await stream.close();
});

test('who says goodbye and stays on the line is not waited for', async () => {
  const stream = await open();
  const failed = failureOf(readUntil(stream[Symbol.asyncIterator](), endsTurn));
  // The close of a WebSocket without that of its connection.
  line?.pause();
  line?.write(Buffer.from([0x88, 0x02, 0x03, 0xf3]));
  const writing = setInterval(() => write(stream, new Int16Array(320)), 5);
  try {
    expect(await failed).toMatchObject({ type: 'unavailable', providerCode: '1011' });
  } finally {
    clearInterval(writing);
  }
  await stream.close();
  expect(collector.metrics.providerConnections.total).toBe(0);
});

test('neither key nor words reach the log', async () => {
  const stream = await open();
  const events = stream[Symbol.asyncIterator]();
  await speak(stream);
  say({ message_type: 'edited_transcript', text: 'private', edited_text: 'private' });
  say({ message_type: 'warning', warning: 'private' });
  commit('private', 0.1, 0.4);
  await nextFinal(events);
  expect(logger.entries.map(({ fields }) => fields)).toEqual([
    { type: 'edited_transcript' },
    { type: 'warning' },
  ]);
  expect(JSON.stringify(logger.entries)).not.toMatch(/private|test-key/);
  connection?.terminate();
  await stream.close();
});

test('the goodbye waits for the words of every commit', async () => {
  const stream = await open({ commitStrategy: 'manual' });
  let commits = 0;
  connection?.on('message', (data: Buffer) => {
    if (data.toString().includes('"commit":true')) commits += 1;
  });
  await speak(stream);
  stream.flush();
  await speak(stream);
  const rest = readUntil(stream[Symbol.asyncIterator](), () => false);
  const closed = stream.close();
  await expect.poll(() => commits).toBe(2);
  commit('one', 0, 0.4);
  // Whoever had enough with the first would have said goodbye by now.
  await sleep(50);
  assert.equal(connection?.readyState, WebSocket.OPEN);
  commit('two', 0.5, 0.9);
  await closed;
  expect(finals(await rest)).toEqual(['one', 'two']);
});
