import assert from 'node:assert/strict';

import { MetricsCollector } from '@vision-agents/core';
import type { Sandbox } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { STTOptions } from '../src/index.ts';
import { STT } from '../src/index.ts';
import { endsTurn, finals, readUntil, utterance, write, writeInRealTime } from './caller.ts';

let sandbox: Sandbox;
let collector: MetricsCollector;

beforeEach(async () => {
  sandbox = await startSandbox();
  collector = new MetricsCollector();
});

afterEach(async () => {
  const { problems } = sandbox.truth();
  await sandbox.close();
  assert.deepEqual(problems, []);
});

function stt(options: STTOptions = {}): STT {
  return new STT({ apiKey: 'test-key', baseUrl: sandbox.deepgramUrl, ...options });
}

test('speech becomes a turn with its transcript, and the figures agree with the truth', async () => {
  const stream = await stt().open({ metrics: collector });
  const events = stream[Symbol.asyncIterator]();
  write(stream, utterance('hello world'));
  const turn = await readUntil(events, endsTurn);
  await stream.close();

  expect(turn[0]?.type).toBe('speech-start');
  expect(finals(turn)).toEqual(['hello world']);
  expect(turn.at(-2)).toMatchObject({ type: 'transcript', final: true });
  expect(turn.some((event) => event.type === 'turn-end' && event.eager)).toBe(false);
  expect(await events.next()).toMatchObject({ done: true });

  const { counts } = sandbox.truth();
  const { metrics } = collector;
  expect(metrics.sttTranscripts.total).toBe(counts['stt.transcripts']);
  expect(metrics.sttAudioDurationMs.sum).toBeCloseTo(counts['stt.audio_duration.ms'] ?? 0);
  expect(metrics.turnDurationMs.count).toBe(1);
  expect(metrics.sttErrors.total).toBe(0);
  expect(metrics.providerConnections.total).toBe(0);
});

test('latency and trailing silence are the delay that the sandbox was set to', async () => {
  const endOfTurnMs = 400;
  sandbox.configure({ endOfTurnMs });
  const stream = await stt().open({ metrics: collector });
  const events = stream[Symbol.asyncIterator]();
  const turn = readUntil(events, endsTurn);
  const startedAtMs = performance.now();
  const samples = utterance('yes', endOfTurnMs + 300);
  await writeInRealTime(stream, samples);
  // By as much as this machine was late, whatever it measures may be off.
  const lateMs = performance.now() - startedAtMs - samples.length / 16;
  await turn;
  await stream.close();

  const { sttLatencyMs, turnTrailingSilenceMs } = collector.metrics;
  expect(sttLatencyMs.count).toBe(1);
  const toleranceMs = 80 + Math.max(0, lateMs);
  expect(Math.abs(sttLatencyMs.sum - endOfTurnMs)).toBeLessThan(toleranceMs);
  expect(Math.abs(turnTrailingSilenceMs.sum - endOfTurnMs)).toBeLessThan(toleranceMs);
});

test('an eager end of turn comes before the end, with the same words', async () => {
  const stream = await stt({ eagerTurnDetection: true }).open({ metrics: collector });
  const events = stream[Symbol.asyncIterator]();
  write(stream, utterance('hello'));
  const turn = await readUntil(events, endsTurn);
  await stream.close();
  const eager = turn.findIndex((event) => event.type === 'turn-end' && event.eager);
  expect(turn[eager - 1]).toMatchObject({ type: 'transcript', text: 'hello', final: false });
  expect(turn.at(-2)).toMatchObject({ type: 'transcript', text: 'hello', final: true });
});

test('a turn that goes on after an eager end is resumed', async () => {
  const stream = await stt({ eagerTurnDetection: true }).open({ metrics: collector });
  const events = stream[Symbol.asyncIterator]();
  write(stream, utterance('one', 300));
  write(stream, utterance('two'));
  const turn = await readUntil(events, endsTurn);
  await stream.close();
  const types = turn.map((event) => event.type);
  expect(types.indexOf('turn-resumed')).toBeGreaterThan(types.indexOf('turn-end'));
  expect(finals(turn)).toEqual(['one two']);
  expect(collector.metrics.sttTranscripts.total).toBe(1);
});

test('all options reach Deepgram in a form that it takes', async () => {
  const stream = await stt({
    model: 'flux-general-multi',
    eagerTurnDetection: true,
    eotThreshold: 0.8,
    eagerEotThreshold: 0.4,
    eotTimeoutMs: 600,
    keyterms: ['Acme', 'vision agents'],
    languageHints: ['en', 'de'],
  }).open({ metrics: collector });
  await stream.close();
  expect(sandbox.truth().counts['stt.errors']).toBe(0);
});

test('closing lets the last results come', async () => {
  const stream = await stt().open({ metrics: collector });
  write(stream, utterance('last words', 100));
  const events = readUntil(stream[Symbol.asyncIterator](), () => false);
  await stream.close();
  expect(finals(await events)).toEqual(['last words']);
});

test('flushing asks nothing of Deepgram, which would take it for an error', async () => {
  const stream = await stt().open({ metrics: collector });
  const events = stream[Symbol.asyncIterator]();
  stream.flush();
  write(stream, utterance('hello'));
  expect(finals(await readUntil(events, endsTurn))).toEqual(['hello']);
  await stream.close();
});

test('two streams of one STT do not mix', async () => {
  const shared = stt();
  const streams = await Promise.all([
    shared.open({ metrics: collector }),
    shared.open({ metrics: new MetricsCollector() }),
  ]);
  const [one, two] = streams;
  write(one, utterance('one'));
  write(two, utterance('two'));
  const turns = await Promise.all(
    streams.map((stream) => readUntil(stream[Symbol.asyncIterator](), endsTurn)),
  );
  await Promise.all(streams.map((stream) => stream.close()));
  expect(turns.map(finals)).toEqual([['one'], ['two']]);
  expect(collector.metrics.sttTranscripts.total).toBe(1);
});

test('closing twice, writing after it and a closed signal are fine', async () => {
  const controller = new AbortController();
  const stream = await stt().open({ metrics: collector, signal: controller.signal });
  await Promise.all([stream.close(), stream.close()]);
  await stream.close();
  write(stream, utterance('a', 0));
  stream.flush();
  controller.abort();
  expect(sandbox.truth().counts['stt.audio_duration.ms']).toBe(0);
});

test('nothing is left open after a stream', async () => {
  const warmUp = await stt().open();
  await warmUp.close();
  const stream = await stt().open({ metrics: collector });
  expect(collector.metrics.providerConnections.total).toBe(1);
  expect(process.getActiveResourcesInfo().filter(isSocket).length).toBeGreaterThan(0);
  await stream.close();
  await vi.waitFor(() => expect(process.getActiveResourcesInfo().filter(isSocket)).toEqual([]));
  expect(collector.metrics.providerConnections.total).toBe(0);
});

function isSocket(resource: string): boolean {
  return resource === 'TCPSocketWrap' || resource === 'TCPWRAP';
}
