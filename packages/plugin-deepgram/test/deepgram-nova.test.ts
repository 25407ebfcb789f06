import assert from 'node:assert/strict';

import { MetricsCollector } from '@vision-agents/core';
import type { Sandbox } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import type { STTOptions } from '../src/index.ts';
import { STT } from '../src/index.ts';
import { endsTurn, finals, readUntil, utterance, write, writeInRealTime } from './caller.ts';

let sandbox: Sandbox;
let collector: MetricsCollector;

// The SDK takes a while to load; a test that times out for it would say nothing.
beforeAll(() => import('@deepgram/sdk'), 60_000);

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
  return new STT({ apiKey: 'test-key', baseUrl: sandbox.deepgramUrl, model: 'nova-3', ...options });
}

test('speech becomes a turn with its transcript, and the figures agree with the truth', async () => {
  const stream = await stt().open({ metrics: collector });
  const events = stream[Symbol.asyncIterator]();
  write(stream, utterance('hello world, and you'));
  const turn = await readUntil(events, endsTurn);
  await stream.close();

  expect(turn[0]?.type).toBe('speech-start');
  const partials = turn.filter((event) => event.type === 'transcript' && !event.final);
  expect(partials.length).toBeGreaterThan(0);
  expect(finals(turn)).toEqual(['hello world, and you']);
  expect(turn.at(-2)).toMatchObject({ type: 'transcript', final: true });
  expect(await events.next()).toMatchObject({ done: true });

  const { counts, latencies } = sandbox.truth();
  const { metrics } = collector;
  expect(metrics.sttTranscripts.total).toBe(counts['stt.transcripts']);
  expect(metrics.sttAudioDurationMs.sum).toBeCloseTo(counts['stt.audio_duration.ms'] ?? 0);
  expect(metrics.turnDurationMs.count).toBe(1);
  const trueMs = latencies['turn.duration.ms']?.meanMs ?? 0;
  expect(Math.abs(metrics.turnDurationMs.sum - trueMs)).toBeLessThan(5);
  expect(metrics.sttErrors.total).toBe(0);
  expect(metrics.providerConnections.total).toBe(0);
});

test('latency and trailing silence are the silence that was asked for', async () => {
  const endpointingMs = 400;
  const stream = await stt({ endpointingMs }).open({ metrics: collector });
  const turn = readUntil(stream[Symbol.asyncIterator](), endsTurn);
  const startedAtMs = performance.now();
  const samples = utterance('yes', endpointingMs + 300);
  await writeInRealTime(stream, samples);
  // By as much as this machine was late, whatever it measures may be off.
  const lateMs = performance.now() - startedAtMs - samples.length / 16;
  await turn;
  await stream.close();

  expect(sandbox.truth().latencies['stt.latency.ms']).toEqual({ count: 1, meanMs: endpointingMs });
  const { sttLatencyMs, turnTrailingSilenceMs } = collector.metrics;
  const toleranceMs = 80 + Math.max(0, lateMs);
  expect(Math.abs(sttLatencyMs.sum - endpointingMs)).toBeLessThan(toleranceMs);
  expect(Math.abs(turnTrailingSilenceMs.sum - endpointingMs)).toBeLessThan(toleranceMs);
});

test('a long turn, which Nova tells in parts, is one transcript', async () => {
  const stream = await stt().open({ metrics: collector });
  const text = 'one two three four five six seven eight nine ten';
  const turn = readUntil(stream[Symbol.asyncIterator](), endsTurn);
  await writeInRealTime(stream, utterance(text));
  expect(finals(await turn)).toEqual([text]);
  await stream.close();
  expect(collector.metrics.sttTranscripts.total).toBe(1);
  expect(sandbox.truth().counts['stt.transcripts']).toBe(1);
});

test('a turn whose end Nova does not hear ends where no more words come', async () => {
  sandbox.inject({ provider: 'deepgram', fault: 'no-speech-final', times: 1 });
  const stream = await stt().open({ metrics: collector });
  write(stream, utterance('hello', 1300));
  const turn = await readUntil(stream[Symbol.asyncIterator](), endsTurn);
  await stream.close();
  expect(finals(turn)).toEqual(['hello']);
  expect(sandbox.truth().latencies['stt.latency.ms']).toEqual({ count: 1, meanMs: 1000 });
  expect(collector.metrics.sttTranscripts.total).toBe(1);
  expect(collector.metrics.turnTrailingSilenceMs.count).toBe(1);
});

test('flushing brings what was said at once, and the turn ends later', async () => {
  const stream = await stt().open({ metrics: collector });
  const events = stream[Symbol.asyncIterator]();
  write(stream, utterance('hello', 100));
  stream.flush();
  const said = await readUntil(events, (event) => event.type === 'transcript' && event.final);
  expect(finals(said)).toEqual(['hello']);
  expect(said.some(endsTurn)).toBe(false);
  write(stream, utterance('', 1200));
  expect(finals(await readUntil(events, endsTurn))).toEqual([]);
  await stream.close();
  expect(collector.metrics.sttTranscripts.total).toBe(1);
  expect(sandbox.truth().counts['stt.transcripts']).toBe(1);
});

test('without endpointing there are no turns, and a flush brings the words', async () => {
  const plain = stt({ endpointingMs: false });
  expect(plain.detectsTurns).toBe(false);
  const stream = await plain.open({ metrics: collector });
  const events = readUntil(stream[Symbol.asyncIterator](), () => false);
  write(stream, utterance('hello', 1500));
  stream.flush();
  await vi.waitFor(() => expect(sandbox.truth().counts['stt.transcripts']).toBe(1));
  await stream.close();
  const types = new Set((await events).map(({ type }) => type));
  expect(types).toEqual(new Set(['transcript']));
  expect(finals(await events)).toEqual(['hello']);
  expect(collector.metrics.sttLatencyMs.count).toBe(1);
  expect(collector.metrics.turnDurationMs.count).toBe(0);
});

test('closing lets the last results come', async () => {
  const stream = await stt().open({ metrics: collector });
  write(stream, utterance('last words', 100));
  const events = readUntil(stream[Symbol.asyncIterator](), () => false);
  await stream.close();
  expect(finals(await events)).toEqual(['last words']);
  expect(collector.metrics.sttLatencyMs.count).toBe(0);
});

test('all options reach Deepgram in a form that it takes', async () => {
  const stream = await stt({
    language: 'multi',
    keyterms: ['Acme', 'vision agents'],
    endpointingMs: 100,
    utteranceEndMs: 1500,
    smartFormat: true,
  }).open({ metrics: collector });
  const events = stream[Symbol.asyncIterator]();
  write(stream, utterance('hello'));
  const turn = await readUntil(events, endsTurn);
  expect(turn.at(-2)).toMatchObject({ text: 'hello', language: 'en' });
  await stream.close();
  expect(sandbox.truth().counts['stt.errors']).toBe(0);
});
