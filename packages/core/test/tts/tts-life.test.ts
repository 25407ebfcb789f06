import { getEventListeners } from 'node:events';

import { describe, expect, test } from 'vitest';

import type { TTSConnection } from '../../src/index.ts';
import { MetricsCollector } from '../../src/index.ts';
import { settled } from '../../src/testing/index.ts';
import { startTelemetry } from '../metrics/telemetry.ts';
import { pcm, SuppliedTTSConnection, SuppliedTTS, Speaking } from './supplied-tts.ts';

describe('a stream', () => {
  test('closes once, though it is asked twice, by dispose and by abort', async () => {
    const speaking = await Speaking.start();
    await Promise.all([speaking.stream.close(), speaking.stream.close()]);
    await speaking.stream[Symbol.asyncDispose]();
    speaking.call.abort();
    await settled();
    expect(speaking.connection.closes).toBe(1);
    expect(getEventListeners(speaking.call.signal, 'abort')).toEqual([]);
  });

  test('closes when the call is aborted', async () => {
    const speaking = await Speaking.start();
    speaking.call.abort();
    await settled();
    expect(speaking.connection.closes).toBe(1);
  });

  test.for(['closed', 'aborted'] as const)(
    'that is %s in the middle of a text interrupts it: nothing failed',
    async (end) => {
      const telemetry = startTelemetry();
      const provider = `ended-${end}`;
      const speaking = await Speaking.start({ provider });
      const early = speaking.say('Nothing came of this yet');
      await settled();
      const late = speaking.say('Hello');
      await settled();
      await speaking.audio(pcm(20));
      if (end === 'closed') await speaking.stream.close();
      else speaking.call.abort(new Error('hung up'));
      await Promise.all([early.ended, late.ended]);
      expect(late.frames).toHaveLength(1);
      const samples = await telemetry.samples('tts.requests', { provider });
      expect(samples).toMatchObject([{ attributes: { outcome: 'interrupted' }, value: 2 }]);
      expect(speaking.metrics.ttsErrors.total).toBe(0);
      expect(speaking.metrics.ttsCharacters.total).toBe(29);
      expect(speaking.clock.pendingTimers).toBe(0);
    },
  );

  test('hands nothing over once it is closed', async () => {
    const speaking = await Speaking.start();
    await speaking.stream.close();
    const reading = speaking.say('Hello');
    expect(await reading.ended).toMatchObject({ name: 'InterruptedError' });
    expect(speaking.connection.syntheses).toEqual([]);
    expect(speaking.metrics.toJSON()).toEqual({});
  });

  test('leaves no listener on the signal of a turn', async () => {
    const { signal } = new AbortController();
    const speaking = await Speaking.start();
    for (let text = 0; text < 20; text++) {
      const reading = speaking.say('Hello', signal);
      await settled();
      await speaking.audio(pcm(20));
      await speaking.audioEnd();
      await reading.ended;
    }
    expect(speaking.metrics.ttsRequests.total).toBe(20);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(getEventListeners(speaking.call.signal, 'abort')).toHaveLength(1);
  });
});

describe('opening', () => {
  test('that fails is an error of the provider, counted once', async () => {
    const metrics = new MetricsCollector();
    const { signal } = new AbortController();
    const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const tts = new SuppliedTTS(() => Promise.reject(cause));
    await expect(tts.open({ metrics, signal })).rejects.toMatchObject({ type: 'network', cause });
    expect(metrics.metrics.ttsErrors.total).toBe(1);
    expect(tts.contexts[0]?.signal.aborted).toBe(true);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('for a call that is over throws its reason and connects to nothing', async () => {
    const metrics = new MetricsCollector();
    const tts = new SuppliedTTS(() => Promise.resolve(new SuppliedTTSConnection()));
    const reason = new Error('hung up');
    await expect(tts.open({ metrics, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(tts.contexts).toEqual([]);
    expect(metrics.metrics.ttsErrors.total).toBe(0);
  });

  test('that is aborted on the way tells the plugin, and is no error', async () => {
    const metrics = new MetricsCollector();
    const controller = new AbortController();
    const connecting = Promise.withResolvers<TTSConnection>();
    const tts = new SuppliedTTS(() => connecting.promise);
    const opening = tts.open({ metrics, signal: controller.signal });
    const reason = new Error('hung up');
    controller.abort(reason);
    expect(tts.contexts[0]?.signal.reason).toBe(reason);
    connecting.reject(new Error('aborted'));
    await expect(opening).rejects.toThrow('aborted');
    expect(metrics.metrics.ttsErrors.total).toBe(0);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('that succeeds too late, after the call was aborted, closes what it opened', async () => {
    const controller = new AbortController();
    const connecting = Promise.withResolvers<TTSConnection>();
    const connection = new SuppliedTTSConnection();
    const opening = new SuppliedTTS(() => connecting.promise).open({ signal: controller.signal });
    const reason = new Error('hung up');
    controller.abort(reason);
    connecting.resolve(connection);
    await expect(opening).rejects.toBe(reason);
    expect(connection.closes).toBe(1);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });
});
