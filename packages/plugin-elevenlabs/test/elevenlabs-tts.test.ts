import assert from 'node:assert/strict';

import { frameDurationMs, InterruptedError, MetricsCollector } from '@vision-agents/core';
import { RecordingLogger } from '@vision-agents/core/testing';
import type { Sandbox } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import type { TTSOptions } from '../src/index.ts';
import { TTS } from '../src/index.ts';
import { failureOf, heard, speakAll } from './hearing.ts';

let sandbox: Sandbox;
let collector: MetricsCollector;

// The SDK is slow to load; a test that times out for it would say nothing.
beforeAll(() => import('@elevenlabs/elevenlabs-js'), 60_000);

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
  return new TTS({ apiKey: 'test-key', baseUrl: sandbox.elevenlabsUrl, ...options });
}

const transports = ['websocket', 'http'] as const;

test.each(transports)('over %s a text is spoken, whole and in order', async (transport) => {
  const stream = await tts({ transport }).open({ metrics: collector });
  const text = 'Hello there, Ann.';
  const frames = await speakAll(stream, text);
  await stream.close();

  expect(heard(frames)).toBe(text);
  const { metrics } = collector;
  const { counts } = sandbox.truth();
  const durationMs = frames.reduce((sum, frame) => sum + frameDurationMs(frame), 0);
  expect(durationMs).toBeCloseTo(counts['tts.audio_duration.ms'] ?? 0, 5);
  expect(metrics.ttsAudioDurationMs.sum).toBeCloseTo(durationMs, 5);
  expect(metrics.ttsCharacters.total).toBe(text.length);
  expect(metrics.ttsRequests.total).toBe(1);
  expect(metrics.ttsTimeToFirstAudioMs.count).toBe(1);
  expect(metrics.ttsLatencyMs.count).toBe(1);
  expect(metrics.ttsErrors.total).toBe(0);
  expect(metrics.providerConnections.total).toBe(0);
});

test.each(transports)('over %s latencies hold the delays of the sandbox', async (transport) => {
  sandbox.configure({ firstAudioMs: 200, lastAudioMs: 400 });
  const stream = await tts({ transport }).open({ metrics: collector });
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

test.each([16_000, 22_050, 44_100, 48_000] as const)('speech at %d Hz is whole', async (rateHz) => {
  const stream = await tts({ outputSampleRateHz: rateHz }).open({ metrics: collector });
  const frames = await speakAll(stream, 'One two.');
  await stream.close();
  expect(frames[0]?.sampleRateHz).toBe(rateHz);
  expect(heard(frames)).toBe('One two.');
});

test.each(transports)('over %s all options reach ElevenLabs', async (transport) => {
  const stream = await tts({
    transport,
    voiceId: 'a voice',
    model: 'eleven_turbo_v2_5',
    languageCode: 'en',
    voiceSettings: {
      stability: 0.5,
      similarityBoost: 0.8,
      style: 0,
      useSpeakerBoost: true,
      speed: 1.1,
    },
    pronunciationDictionaries: [{ id: 'dictionary', versionId: 'version' }],
    textNormalization: 'on',
    seed: 7,
    enableLogging: false,
  }).open({ metrics: collector });
  expect(heard(await speakAll(stream, 'yes'))).toBe('yes');
  await stream.close();
});

test('over http characters are counted as they were sent, and a cost that differs is logged', async () => {
  const logger = new RecordingLogger();
  const options = { transport: 'http', model: 'eleven_flash_v2_5' } as const;
  const stream = await tts(options).open({ metrics: collector, logger });
  await speakAll(stream, 'Hello there.');
  await stream.close();
  expect(collector.metrics.ttsCharacters.total).toBe(12);
  expect(logger.entries).toContainEqual(
    expect.objectContaining({ level: 'debug', fields: { characters: 12, credits: 6 } }),
  );

  const plain = new RecordingLogger();
  const full = await tts({ ...options, model: 'eleven_v3' }).open({ logger: plain });
  await speakAll(full, 'Hello there.');
  await full.close();
  expect(plain.entries.filter(({ level }) => level === 'debug')).toEqual([]);
});

test('texts that overlap do not mix, and more than five wait for their turn', async () => {
  const stream = await tts().open({ metrics: collector });
  const texts = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven'];
  const spoken = await Promise.all(texts.map((text) => speakAll(stream, text)));
  expect(spoken.map(heard)).toEqual(texts);
  expect(collector.metrics.providerConnections.total).toBe(1);
  await stream.close();
  expect(collector.metrics.ttsRequests.total).toBe(8);
});

test('the socket is open before the first text', async () => {
  const stream = await tts().open({ metrics: collector });
  expect(collector.metrics.providerConnections.total).toBe(1);
  await stream.close();
  expect(collector.metrics.providerConnections.total).toBe(0);
});

test.each(transports)('over %s an abort ends one text and not the others', async (transport) => {
  sandbox.configure({ firstAudioMs: 20, lastAudioMs: 200 });
  const stream = await tts({ transport }).open({ metrics: collector });
  const controller = new AbortController();
  const reason = new InterruptedError();
  const interrupted = stream.synthesize('I am talking for a while.', controller.signal);
  const first = await interrupted.next();
  expect(first.done).toBe(false);
  const other = speakAll(stream, 'other');
  controller.abort(reason);
  await expect(interrupted.next()).rejects.toBe(reason);
  expect(heard(await other)).toBe('other');
  expect(heard(await speakAll(stream, 'later'))).toBe('later');
  await stream.close();
  expect(collector.metrics.ttsErrors.total).toBe(0);
  expect(collector.metrics.ttsRequests.total).toBe(3);
  expect(collector.metrics.ttsLatencyMs.count).toBe(2);
});

test('texts that are aborted while they wait are never sent', async () => {
  sandbox.configure({ firstAudioMs: 300, lastAudioMs: 300 });
  const stream = await tts().open({ metrics: collector });
  const spoken = ['a', 'b', 'c', 'd', 'e'].map((text) => speakAll(stream, text));
  const controller = new AbortController();
  const waiting = speakAll(stream, 'never', controller.signal);
  const refused = failureOf(waiting);
  await vi.waitFor(() => expect(sandbox.truth().counts['tts.requests']).toBe(5));
  const reason = new InterruptedError();
  controller.abort(reason);
  expect(await refused).toBe(reason);
  await Promise.all(spoken);
  expect(heard(await speakAll(stream, 'next'))).toBe('next');
  await stream.close();
  expect(sandbox.truth().counts['tts.requests']).toBe(6);
});

test('interrupting again and again keeps within the contexts that are allowed', async () => {
  const stream = await tts().open({ metrics: collector });
  for (let round = 0; round < 8; round += 1) {
    const controller = new AbortController();
    const texts = [1, 2, 3].map((part) => speakAll(stream, `part ${part}`, controller.signal));
    const refused = Promise.allSettled(texts);
    setImmediate(() => controller.abort(new InterruptedError()));
    await refused;
  }
  expect(heard(await speakAll(stream, 'still here'))).toBe('still here');
  await stream.close();
  expect(collector.metrics.ttsErrors.total).toBe(0);
});

test.each(transports)(
  'over %s closing twice is fine, and nothing is left open',
  async (transport) => {
    const stream = await tts({ transport }).open({ metrics: collector });
    await speakAll(stream, 'yes');
    await Promise.all([stream.close(), stream.close()]);
    await stream.close();
    await sandbox.close();
    await vi.waitFor(() => expect(process.getActiveResourcesInfo().filter(isSocket)).toEqual([]));
  },
);

function isSocket(resource: string): boolean {
  return resource === 'TCPSocketWrap' || resource === 'TCPServerWrap';
}
