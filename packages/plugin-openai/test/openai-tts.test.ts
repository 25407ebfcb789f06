import assert from 'node:assert/strict';

import { frameDurationMs, InterruptedError, MetricsCollector } from '@vision-agents/core';
import type { Sandbox } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import type { TTSOptions } from '../src/index.ts';
import { TTS } from '../src/index.ts';
import { failureOf, heard, speakAll } from './hearing.ts';
import { startScriptedServer } from './scripted-server.ts';

let sandbox: Sandbox;
let collector: MetricsCollector;

// The SDK is slow to load; a test that times out for it would say nothing.
beforeAll(() => import('openai'), 60_000);

beforeEach(async () => {
  sandbox = await startSandbox({ delays: { firstAudioMs: 20, lastAudioMs: 40 } });
  collector = new MetricsCollector();
});

afterEach(async () => {
  const { problems } = sandbox.truth();
  await sandbox.close();
  assert.deepEqual(problems, []);
});

function tts(options: TTSOptions = {}): TTS {
  return new TTS({ apiKey: 'test-key', baseUrl: sandbox.openaiUrl, ...options });
}

test('a text is spoken, whole and in order, and counted as the sandbox counts it', async () => {
  const stream = await tts().open({ metrics: collector });
  const text = 'Hello there, Ann. 你好 😀';
  const frames = await speakAll(stream, text);
  await stream.close();

  expect(frames.map(({ sampleRateHz }) => sampleRateHz)).toEqual(frames.map(() => 24_000));
  expect(heard(frames)).toBe(text);
  const { metrics } = collector;
  const { counts } = sandbox.truth();
  const durationMs = frames.reduce((sum, frame) => sum + frameDurationMs(frame), 0);
  expect(durationMs).toBeCloseTo(counts['tts.audio_duration.ms'] ?? 0, 5);
  expect(metrics.ttsAudioDurationMs.sum).toBeCloseTo(durationMs, 5);
  expect(metrics.ttsCharacters.total).toBe(counts['tts.characters']);
  expect(metrics.ttsRequests.total).toBe(1);
  expect(metrics.ttsTimeToFirstAudioMs.count).toBe(1);
  expect(metrics.ttsLatencyMs.count).toBe(1);
  expect(metrics.ttsErrors.total).toBe(0);
  expect(metrics.providerConnections.total).toBe(0);
});

test('audio is there as soon as the first of it was made', async () => {
  sandbox.configure({ firstAudioMs: 200, lastAudioMs: 400 });
  const stream = await tts().open({ metrics: collector });
  const startedAtMs = performance.now();
  await speakAll(stream, 'Hello there, Ann.');
  const tookMs = performance.now() - startedAtMs;
  await stream.close();
  const { ttsTimeToFirstAudioMs, ttsLatencyMs } = collector.metrics;
  // Upwards the whole synthesis is the bound, as this machine may be late by any time.
  expect(ttsTimeToFirstAudioMs.sum).toBeGreaterThan(195);
  expect(ttsTimeToFirstAudioMs.sum).toBeLessThan(tookMs - 150);
  expect(ttsLatencyMs.sum).toBeGreaterThan(395);
  expect(ttsLatencyMs.sum).toBeLessThanOrEqual(tookMs);
});

test('texts that overlap do not mix', async () => {
  const stream = await tts().open({ metrics: collector });
  const texts = ['zero', 'one', 'two', 'three', 'four', 'five'];
  const spoken = await Promise.all(texts.map((text) => speakAll(stream, text)));
  expect(spoken.map(heard)).toEqual(texts);
  await stream.close();
  expect(collector.metrics.ttsRequests.total).toBe(6);
});

test.each([
  [{}, { model: 'gpt-4o-mini-tts', voice: 'alloy' }],
  [
    { model: 'tts-1', voice: 'nova', speed: 1.5 },
    { model: 'tts-1', voice: 'nova', speed: 1.5 },
  ],
  [
    { voice: 'voice_1234', instructions: 'Whisper.' },
    { model: 'gpt-4o-mini-tts', voice: { id: 'voice_1234' }, instructions: 'Whisper.' },
  ],
] as const)('the options %j reach OpenAI', async (options, wanted) => {
  await using server = await startScriptedServer(({ response }) => response.end(Buffer.alloc(4)));
  const stream = await tts({ ...options, baseUrl: `${server.url}/v1` }).open();
  await speakAll(stream, 'yes');
  await stream.close();
  const [exchange] = server.exchanges;
  expect(exchange?.url).toBe('/v1/audio/speech');
  expect(exchange?.headers).toMatchObject({
    authorization: 'Bearer test-key',
    'x-stainless-retry-count': '0',
  });
  expect(exchange?.body).toEqual({ ...wanted, input: 'yes', response_format: 'pcm' });
});

test('a connection is used again for the next text', async () => {
  await using server = await startScriptedServer(({ response }) => response.end(Buffer.alloc(4)));
  const stream = await tts({ baseUrl: server.url }).open();
  await vi.waitFor(async () => {
    const before = server.connections();
    await speakAll(stream, 'yes');
    await speakAll(stream, 'no');
    expect(before).toBeGreaterThan(0);
    expect(server.connections()).toBe(before);
  });
  await stream.close();
});

test('an abort ends the request, and what had come of its audio counts', async () => {
  sandbox.configure({ firstAudioMs: 10, lastAudioMs: 60_000 });
  const stream = await tts().open({ metrics: collector });
  const controller = new AbortController();
  const speech = stream.synthesize('I would go on for a minute.', controller.signal);
  await speech.next();
  const waiting = failureOf(speech.next());
  const reason = new InterruptedError();
  setImmediate(() => controller.abort(reason));
  expect(await waiting).toBe(reason);
  await vi.waitFor(() =>
    expect(sandbox.truth().outcomes['tts.requests']).toMatchObject({ aborted: 1 }),
  );
  await stream.close();
  const { counts } = sandbox.truth();
  expect(collector.metrics.ttsCharacters.total).toBe(counts['tts.characters']);
  // A piece may end in half a sample, which is no audio until the other half is there.
  expect(collector.metrics.ttsAudioDurationMs.sum).toBeCloseTo(
    counts['tts.audio_duration.ms'] ?? 0,
    1,
  );
  expect(collector.metrics.ttsErrors.total).toBe(0);
});
