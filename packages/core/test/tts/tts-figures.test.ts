import { describe, expect, test } from 'vitest';

import { InterruptedError, ProviderError } from '../../src/index.ts';
import { settled } from '../../src/testing/index.ts';
import { startTelemetry } from '../metrics/telemetry.ts';
import { pcm, Speaking } from './supplied-tts.ts';

describe('a synthesis', () => {
  test('is measured from handing over the text to its first and its last audio', async () => {
    const speaking = await Speaking.start();
    const reading = speaking.say('Hello there.');
    await speaking.audio(new Uint8Array(0), 50);
    await speaking.audio(pcm(100), 70);
    await speaking.audio(pcm(200), 130);
    await speaking.audioEnd(400);
    expect(await reading.ended).toBeUndefined();
    const { metrics } = speaking;
    expect(metrics.ttsTimeToFirstAudioMs).toMatchObject({ count: 1, sum: 120 });
    expect(metrics.ttsLatencyMs).toMatchObject({ count: 1, sum: 250 });
    expect(metrics.ttsAudioDurationMs).toMatchObject({ count: 1, sum: 300 });
    expect(metrics.ttsCharacters.total).toBe(12);
    expect(metrics.ttsRequests.total).toBe(1);
    expect(metrics.ttsErrors.total).toBe(0);
    expect(speaking.clock.pendingTimers).toBe(0);
  });

  test('carries provider, model and outcome', async () => {
    const telemetry = startTelemetry();
    const speaking = await Speaking.start({ provider: 'voice' });
    const reading = speaking.say('Hi');
    await speaking.audio(pcm(20));
    await speaking.audioEnd();
    await reading.ended;
    const labels = { provider: 'voice', model: 'supplied-1' };
    expect(await telemetry.value('tts.requests', { ...labels, outcome: 'completed' })).toBe(1);
    expect(await telemetry.value('tts.characters', labels)).toBe(2);
    expect((await telemetry.histogram('tts.latency.ms', labels))?.count).toBe(1);
  });

  test('counts characters as people do, not as UTF-16 does', async () => {
    const speaking = await Speaking.start();
    void speaking.say('नमस्ते 👍');
    await speaking.audioEnd();
    expect(speaking.metrics.ttsCharacters.total).toBe(8);
  });

  test.for(['', ' ', '\n\t '])('of the blank text %j is none', async (text) => {
    const speaking = await Speaking.start();
    const reading = speaking.say(text);
    expect(await reading.ended).toBeUndefined();
    expect(speaking.connection.syntheses).toEqual([]);
    expect(speaking.metrics.toJSON()).toEqual({});
  });

  test('that is interrupted keeps its characters, its audio and its first audio', async () => {
    const speaking = await Speaking.start();
    const controller = new AbortController();
    const reading = speaking.say('Once upon a time', controller.signal);
    await speaking.audio(pcm(40), 90);
    const reason = new InterruptedError();
    controller.abort(reason);
    expect(await reading.ended).toBe(reason);
    const { metrics } = speaking;
    expect(metrics.ttsCharacters.total).toBe(16);
    expect(metrics.ttsTimeToFirstAudioMs.sum).toBe(90);
    expect(metrics.ttsLatencyMs.count).toBe(0);
    expect(metrics.ttsErrors.total).toBe(0);
    expect(speaking.newest.signal.reason).toBe(reason);
    // What the provider had sent by then comes all the same.
    await speaking.audio(pcm(30));
    await speaking.audio(pcm(30));
    await speaking.audioEnd();
    expect(metrics.ttsAudioDurationMs).toMatchObject({ count: 1, sum: 100 });
  });

  test('that is interrupted counts the audio of a provider that never ends it', async () => {
    const speaking = await Speaking.start();
    const controller = new AbortController();
    const reading = speaking.say('Once upon a time', controller.signal);
    await speaking.audio(pcm(40));
    controller.abort(new InterruptedError());
    await reading.ended;
    speaking.newest.audio.push(pcm(30));
    speaking.connection.close = () => Promise.resolve();
    await speaking.stream.close();
    expect(speaking.metrics.ttsAudioDurationMs).toMatchObject({ count: 1, sum: 70 });
  });

  test.for([
    ['interrupted', new InterruptedError()],
    ['discarded', new InterruptedError('discarded')],
    ['interrupted', new Error('any other reason')],
  ] as const)('that is aborted is %s (%s)', async ([outcome, reason]) => {
    const telemetry = startTelemetry();
    const speaking = await Speaking.start({ provider: 'aborted' });
    const controller = new AbortController();
    const reading = speaking.say('Hello', controller.signal);
    await settled();
    controller.abort(reason);
    expect(await reading.ended).toBe(reason);
    const samples = await telemetry.samples('tts.requests', { provider: 'aborted' });
    expect(samples).toMatchObject([{ attributes: { outcome }, value: 1 }]);
    expect(speaking.metrics.ttsCharacters.total).toBe(5);
  });

  test('whose signal was aborted before is never handed over, and costs nothing', async () => {
    const speaking = await Speaking.start();
    const reason = new InterruptedError();
    const reading = speaking.say('Hello', AbortSignal.abort(reason));
    expect(await reading.ended).toBe(reason);
    expect(speaking.connection.syntheses).toEqual([]);
    expect(speaking.metrics.toJSON()).toEqual({});
  });

  test('whose reader breaks off is interrupted, and the provider is told', async () => {
    const telemetry = startTelemetry();
    const speaking = await Speaking.start({ provider: 'broken-off' });
    const audio = speaking.stream.synthesize('Hello');
    const first = audio.next();
    await settled();
    speaking.newest.audio.push(pcm(20));
    await first;
    await audio.return();
    expect(speaking.newest.signal.aborted).toBe(true);
    const samples = await telemetry.samples('tts.requests', { provider: 'broken-off' });
    expect(samples).toMatchObject([{ attributes: { outcome: 'interrupted' }, value: 1 }]);
    expect(speaking.metrics.ttsCharacters.total).toBe(5);
  });

  test('that fails keeps its characters and its audio, and counts the error once', async () => {
    const telemetry = startTelemetry();
    const speaking = await Speaking.start({ provider: 'failing' });
    const reading = speaking.say('Hello');
    await speaking.audio(pcm(60));
    const failure = ProviderError.fromStatus('failing', 503);
    speaking.newest.audio.fail(failure);
    expect(await reading.ended).toBe(failure);
    const labels = { provider: 'failing', error_type: 'unavailable', error_code: '503' };
    expect(await telemetry.value('tts.errors', labels)).toBe(1);
    const samples = await telemetry.samples('tts.requests', { provider: 'failing' });
    expect(samples).toMatchObject([{ attributes: { outcome: 'error' }, value: 1 }]);
    expect(speaking.metrics).toMatchObject({
      ttsErrors: { total: 1 },
      ttsCharacters: { total: 5 },
      ttsAudioDurationMs: { sum: 60 },
      ttsLatencyMs: { count: 0 },
    });
  });

  test('without any audio is an error', async () => {
    const speaking = await Speaking.start();
    const reading = speaking.say('Hello');
    await speaking.audio(new Uint8Array(0));
    await speaking.audioEnd();
    expect(await reading.ended).toMatchObject({ type: 'protocol', providerCode: 'no_audio' });
    expect(speaking.metrics.ttsCharacters.total).toBe(5);
    expect(speaking.metrics.ttsAudioDurationMs.count).toBe(0);
    expect(speaking.metrics.ttsTimeToFirstAudioMs.count).toBe(0);
  });

  test.for([
    ['first', 400],
    ['next', 60],
  ] as const)('that waits too long for its %s audio times out', async ([awaited, limitMs]) => {
    const timeouts = { firstAudioTimeoutMs: 400, stallTimeoutMs: 60 };
    const speaking = await Speaking.start({ timeouts });
    const reading = speaking.say('Hello');
    await settled();
    if (awaited === 'next') await speaking.audio(pcm(20));
    await speaking.clock.advance(limitMs - 1);
    expect(speaking.metrics.ttsRequests.total).toBe(0);
    await speaking.clock.advance(1);
    const error = await reading.ended;
    expect(error).toMatchObject({ type: 'timeout' });
    expect(String(error)).toContain(`no ${awaited} audio within ${limitMs} ms`);
    expect(speaking.metrics.ttsErrors.total).toBe(1);
    expect(speaking.metrics.ttsCharacters.total).toBe(5);
    expect(speaking.newest.signal.aborted).toBe(true);
    expect(speaking.clock.pendingTimers).toBe(0);
  });
});

describe('the audio of a synthesis', () => {
  test('is put together from bytes that break in the middle of a sample', async () => {
    const speaking = await Speaking.start();
    const reading = speaking.say('Hello');
    await settled();
    for (const chunk of [[1], [0, 2], [0], [3, 0, 0xff], [0xff]]) {
      await speaking.audio(Uint8Array.from(chunk));
    }
    await speaking.audioEnd();
    expect(await reading.ended).toBeUndefined();
    expect(reading.samples).toEqual([1, 2, 3, -1]);
    expect(reading.frames.every(({ samples }) => samples.length > 0)).toBe(true);
    expect(reading.frames[0]?.sampleRateHz).toBe(16_000);
    expect(speaking.metrics.ttsAudioDurationMs.sum).toBeCloseTo(0.25, 9);
  });

  test('that ends in half a sample is broken', async () => {
    const speaking = await Speaking.start();
    const reading = speaking.say('Hello');
    await settled();
    await speaking.audio(Uint8Array.of(1, 0, 2));
    await speaking.audioEnd();
    expect(await reading.ended).toMatchObject({ type: 'protocol', providerCode: 'odd_audio' });
    expect(reading.samples).toEqual([1]);
    expect(speaking.metrics.ttsLatencyMs.count).toBe(0);
  });

  test('of half a sample is none at all', async () => {
    const speaking = await Speaking.start();
    const reading = speaking.say('Hello');
    await settled();
    await speaking.audio(Uint8Array.of(1));
    await speaking.audioEnd();
    expect(await reading.ended).toMatchObject({ providerCode: 'no_audio' });
  });

  test('of texts side by side does not mix, nor do their figures', async () => {
    const speaking = await Speaking.start();
    const first = speaking.say('One');
    await settled();
    const [one] = speaking.connection.syntheses;
    await speaking.clock.advance(10);
    const second = speaking.say('Two!');
    await settled();
    const two = speaking.newest;
    two.audio.push(Uint8Array.of(2, 0, 2));
    one?.audio.push(Uint8Array.of(1));
    await speaking.clock.advance(5);
    two.audio.push(Uint8Array.of(0));
    one?.audio.push(Uint8Array.of(0, 1, 0));
    two.audio.end();
    one?.audio.end();
    expect(await Promise.all([first.ended, second.ended])).toEqual([undefined, undefined]);
    expect(first.samples).toEqual([1, 1]);
    expect(second.samples).toEqual([2, 2]);
    expect(speaking.metrics).toMatchObject({
      ttsRequests: { total: 2 },
      ttsCharacters: { total: 7 },
      ttsLatencyMs: { count: 2, min: 5, max: 15 },
      ttsTimeToFirstAudioMs: { count: 2, min: 0, max: 15 },
    });
  });
});
