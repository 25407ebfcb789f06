import assert from 'node:assert/strict';
import { once } from 'node:events';

import { MetricsCollector } from '@vision-agents/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';

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

function stt(): STT {
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const baseUrl = `http://127.0.0.1:${address.port}`;
  return new STT({ apiKey: 'test-key', baseUrl, closeTimeoutMs: 50 });
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
  const first = await events.next();
  expect(first.value).toMatchObject({ type: 'transcript', final: false });
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

test('audio that the network does not take is dropped, with one error', async () => {
  serve = (socket) => socket.pause();
  const stream = await stt().open({ metrics: collector });
  const samples = new Int16Array(SAMPLE_RATE_HZ);
  // Many times what the kernel's buffers hold.
  for (let second = 0; second < 1000; second += 1) {
    stream.write({ samples, sampleRateHz: SAMPLE_RATE_HZ });
  }
  const first = await stream[Symbol.asyncIterator]().next();
  expect(first.value).toMatchObject({
    type: 'error',
    error: { type: 'network', providerCode: 'send_backlog' },
  });
  await stream.close();
  expect(collector.metrics.sttErrors.total).toBe(1);
});
