import assert from 'node:assert/strict';

import { frameDurationMs, InterruptedError, MetricsCollector } from '@vision-agents/core';
import type { Sandbox } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import type { TTSOptions } from '../src/index.ts';
import { TTS } from '../src/index.ts';
import { failureOf, heard, speakAll } from './hearing.ts';

// The SDK takes a while to load; a test that times out for it would say nothing.
beforeAll(() => import('@deepgram/sdk'), 60_000);

describe.each(['flux-haley-en', 'aura-2-thalia-en'])('%s', (model) => {
  let sandbox: Sandbox;
  let collector: MetricsCollector;

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
    return new TTS({ apiKey: 'test-key', baseUrl: sandbox.deepgramUrl, model, ...options });
  }

  test('a text is spoken, whole and in order, and the figures agree with the truth', async () => {
    const stream = await tts().open({ metrics: collector });
    const text = 'Hello there, Ann.';
    const frames = await speakAll(stream, text);
    await stream.close();

    expect(heard(frames)).toBe(text);
    const { metrics } = collector;
    const { counts, outcomes } = sandbox.truth();
    const durationMs = frames.reduce((sum, frame) => sum + frameDurationMs(frame), 0);
    expect(durationMs).toBeCloseTo(counts['tts.audio_duration.ms'] ?? 0, 5);
    expect(metrics.ttsAudioDurationMs.sum).toBeCloseTo(durationMs, 5);
    expect(metrics.ttsCharacters.total).toBe(counts['tts.characters']);
    expect(metrics.ttsRequests.total).toBe(1);
    expect(outcomes['tts.requests']).toEqual({ completed: 1, aborted: 0, failed: 0 });
    expect(metrics.ttsTimeToFirstAudioMs.count).toBe(1);
    expect(metrics.ttsLatencyMs.count).toBe(1);
    expect(metrics.ttsErrors.total).toBe(0);
    expect(metrics.providerConnections.total).toBe(0);
  });

  test('latencies hold the delays of the sandbox', async () => {
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

  test.each([16_000, 32_000, 48_000] as const)('speech at %d Hz is whole', async (rateHz) => {
    const stream = await tts({ outputSampleRateHz: rateHz }).open({ metrics: collector });
    const frames = await speakAll(stream, 'One two.');
    await stream.close();
    expect(frames[0]?.sampleRateHz).toBe(rateHz);
    expect(heard(frames)).toBe('One two.');
  });

  test('all options reach Deepgram in a form that it takes', async () => {
    const ofFlux = model.startsWith('flux') ? ({ expressivity: -1 } as const) : {};
    const stream = await tts({ speed: 1.15, ...ofFlux }).open({ metrics: collector });
    expect(heard(await speakAll(stream, 'yes'))).toBe('yes');
    await stream.close();
  });

  test('texts that overlap do not mix, and share a socket', async () => {
    const stream = await tts().open({ metrics: collector });
    const texts = ['zero', 'one', 'two', 'three'];
    const spoken = await Promise.all(texts.map((text) => speakAll(stream, text)));
    expect(spoken.map(heard)).toEqual(texts);
    expect(collector.metrics.providerConnections.total).toBe(1);
    await stream.close();
    const { counts } = sandbox.truth();
    expect(collector.metrics.ttsRequests.total).toBe(counts['tts.requests']);
    expect(collector.metrics.ttsCharacters.total).toBe(counts['tts.characters']);
  });

  test('an interruption is told to Deepgram, and nothing of the text leaks into the next', async () => {
    sandbox.configure({ firstAudioMs: 20, lastAudioMs: 2000 });
    const stream = await tts().open({ metrics: collector });
    const controller = new AbortController();
    const reason = new InterruptedError();
    const text = 'I would go on for a long time.';
    const interrupted = stream.synthesize(text, controller.signal);
    await interrupted.next();
    controller.abort(reason);
    await expect(interrupted.next()).rejects.toBe(reason);
    await vi.waitFor(() => expect(sandbox.truth().outcomes['tts.requests'].aborted).toBe(1));
    sandbox.configure({ firstAudioMs: 20, lastAudioMs: 40 });
    expect(heard(await speakAll(stream, 'next'))).toBe('next');
    expect(collector.metrics.providerConnections.total).toBe(1);
    await stream.close();
    const { counts } = sandbox.truth();
    const { metrics } = collector;
    expect(metrics.ttsAudioDurationMs.sum).toBeCloseTo(counts['tts.audio_duration.ms'] ?? 0, 5);
    expect(metrics.ttsCharacters.total).toBe(counts['tts.characters']);
    expect(metrics.ttsErrors.total).toBe(0);
    expect(metrics.ttsLatencyMs.count).toBe(1);
  });

  test('a text asked for with the interruption is spoken, alone', async () => {
    sandbox.configure({ firstAudioMs: 20, lastAudioMs: 2000 });
    const stream = await tts().open({ metrics: collector });
    const controller = new AbortController();
    const interrupted = stream.synthesize('I would go on.', controller.signal);
    await interrupted.next();
    controller.abort(new InterruptedError());
    sandbox.configure({ firstAudioMs: 20, lastAudioMs: 40 });
    const next = speakAll(stream, 'next');
    await failureOf(interrupted.next());
    expect(heard(await next)).toBe('next');
    await stream.close();
    expect(collector.metrics.ttsErrors.total).toBe(0);
  });

  test('sentences that are interrupted together are all counted, as Deepgram counts them', async () => {
    sandbox.configure({ firstAudioMs: 20, lastAudioMs: 2000 });
    const stream = await tts().open({ metrics: collector });
    const controller = new AbortController();
    const texts = ['I would go on.', 'And on.'];
    const refused = texts.map((text) => failureOf(speakAll(stream, text, controller.signal)));
    await vi.waitFor(() =>
      expect(sandbox.truth().counts['tts.audio_duration.ms']).toBeGreaterThan(0),
    );
    controller.abort(new InterruptedError());
    await Promise.all(refused);
    sandbox.configure({ firstAudioMs: 20, lastAudioMs: 40 });
    expect(heard(await speakAll(stream, 'next'))).toBe('next');
    await stream.close();
    const { counts, outcomes } = sandbox.truth();
    const { metrics } = collector;
    expect(metrics.ttsCharacters.total).toBe(counts['tts.characters']);
    expect(metrics.ttsRequests.total).toBe(counts['tts.requests']);
    expect(metrics.ttsAudioDurationMs.sum).toBeCloseTo(counts['tts.audio_duration.ms'] ?? 0, 5);
    expect(outcomes['tts.requests']).toEqual({ completed: 1, aborted: 2, failed: 0 });
    expect(metrics.ttsErrors.total).toBe(0);
    expect(metrics.providerConnections.total).toBe(0);
  });

  test('an abort ends one text and not the one behind it', async () => {
    sandbox.configure({ firstAudioMs: 20, lastAudioMs: 200 });
    const stream = await tts().open({ metrics: collector });
    const controller = new AbortController();
    const interrupted = stream.synthesize('I am talking.', controller.signal);
    await interrupted.next();
    const other = speakAll(stream, 'other');
    controller.abort(new InterruptedError());
    await failureOf(interrupted.next());
    expect(heard(await other)).toBe('other');
    await stream.close();
    expect(collector.metrics.ttsErrors.total).toBe(0);
  });

  test('an abort of the text behind lets the first be spoken to its end', async () => {
    const stream = await tts().open({ metrics: collector });
    const controller = new AbortController();
    const first = speakAll(stream, 'first');
    const behind = failureOf(speakAll(stream, 'behind', controller.signal));
    setImmediate(() => controller.abort(new InterruptedError()));
    expect(heard(await first)).toBe('first');
    await behind;
    expect(heard(await speakAll(stream, 'last'))).toBe('last');
    await stream.close();
  });

  test('interrupting again and again leaves one socket and no error', async () => {
    const stream = await tts().open({ metrics: collector });
    for (let round = 0; round < 6; round += 1) {
      const controller = new AbortController();
      const texts = [1, 2].map((part) => speakAll(stream, `part ${part}`, controller.signal));
      const refused = Promise.allSettled(texts);
      setImmediate(() => controller.abort(new InterruptedError()));
      await refused;
    }
    expect(heard(await speakAll(stream, 'still here'))).toBe('still here');
    await vi.waitFor(() => expect(collector.metrics.providerConnections.total).toBe(1));
    await stream.close();
    expect(collector.metrics.ttsErrors.total).toBe(0);
    expect(collector.metrics.providerConnections.total).toBe(0);
  });

  test('closing twice, in the middle of a text, leaves nothing open', async () => {
    sandbox.configure({ firstAudioMs: 20, lastAudioMs: 2000 });
    const stream = await tts().open({ metrics: collector });
    const refused = failureOf(speakAll(stream, 'I would go on.'));
    await vi.waitFor(() =>
      expect(sandbox.truth().counts['tts.audio_duration.ms']).toBeGreaterThan(0),
    );
    await Promise.all([stream.close(), stream.close()]);
    await stream.close();
    expect(await refused).toBeInstanceOf(InterruptedError);
    const { counts } = sandbox.truth();
    const { metrics } = collector;
    expect(metrics.ttsAudioDurationMs.sum).toBeCloseTo(counts['tts.audio_duration.ms'] ?? 0, 5);
    await vi.waitFor(() =>
      expect(process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap')).toEqual(
        [],
      ),
    );
  });

  test('more texts than Aura takes within a minute are spoken all the same', async () => {
    sandbox.configure({ firstAudioMs: 0, lastAudioMs: 1 });
    const stream = await tts().open({ metrics: collector });
    const texts = Array.from({ length: 45 }, (_, index) => `t${index}`);
    const spoken = await Promise.all(texts.map((text) => speakAll(stream, text)));
    expect(spoken.map(heard)).toEqual(texts);
    await vi.waitFor(() => expect(collector.metrics.providerConnections.total).toBe(1));
    await stream.close();
  });
});
