import { getEventListeners } from 'node:events';

import { describe, expect, test } from 'vitest';

import type { STTConnection } from '../../src/index.ts';
import { MetricsCollector } from '../../src/index.ts';
import { ManualClock, ScriptedSTTConnection, settled } from '../../src/testing/index.ts';
import { final, Listening, SuppliedSTT, TURN_END } from './supplied-stt.ts';

describe('a stream', () => {
  test('turns facts into events with times on our clock', async () => {
    const listening = await Listening.start();
    await listening.speak(1000);
    const atMs = listening.clock.now();
    await listening.report(
      { type: 'speech-start', offsetMs: 100 },
      {
        type: 'transcript',
        text: 'Bonjour',
        final: false,
        speechStartMs: 120,
        speechEndMs: 600,
        language: 'fr',
      },
      { type: 'turn-end', eager: true },
      { type: 'turn-resumed' },
      TURN_END,
    );
    expect(listening.events).toEqual([
      { type: 'speech-start', atMs, startedAtMs: 1100 },
      {
        type: 'transcript',
        atMs,
        text: 'Bonjour',
        final: false,
        speechStartedAtMs: 1120,
        speechEndedAtMs: 1600,
        settledAtMs: undefined,
        language: 'fr',
      },
      { type: 'turn-end', atMs, eager: true, speechEndedAtMs: 1600 },
      { type: 'turn-resumed', atMs },
      { type: 'turn-end', atMs, eager: false, speechEndedAtMs: 1600 },
    ]);
  });

  test('closes once, though it is asked twice, by dispose and by abort', async () => {
    const listening = await Listening.start();
    await Promise.all([listening.stream.close(), listening.stream.close()]);
    await listening.stream[Symbol.asyncDispose]();
    listening.controller.abort();
    await settled();
    expect(listening.connection.closes).toBe(1);
    expect(await listening.ended).toBeUndefined();
  });

  test('delivers what the provider still had to say when it was closed', async () => {
    const listening = await Listening.start();
    await listening.speak(400);
    listening.connection.lastFacts = [final('Goodbye.', 0, 300)];
    await listening.stream.close();
    expect(await listening.ended).toBeUndefined();
    expect(listening.events).toMatchObject([{ type: 'transcript', text: 'Goodbye.' }]);
    expect(listening.metrics.sttTranscripts.total).toBe(1);
    expect(listening.metrics.sttAudioDurationMs).toMatchObject({ count: 1, sum: 400 });
  });

  test('takes no audio and asks for nothing once it is closed', async () => {
    const listening = await Listening.start();
    await listening.stream.close();
    listening.stream.write({ samples: new Int16Array(320), sampleRateHz: 16_000 });
    listening.stream.flush();
    expect(listening.connection.sent).toEqual([]);
    expect(listening.connection.flushes).toBe(0);
    expect(listening.metrics.sttAudioDurationMs.count).toBe(0);
  });

  test('passes a flush on', async () => {
    const listening = await Listening.start();
    listening.stream.flush();
    expect(listening.connection.flushes).toBe(1);
  });

  test('ends without an error when the call is aborted, whatever the connection does then', async () => {
    const listening = await Listening.start();
    listening.connection.lose(new Error('socket closed'));
    listening.controller.abort(new Error('hung up'));
    expect(await listening.ended).toBeUndefined();
    expect(listening.connection.closes).toBe(1);
    expect(listening.metrics.sttErrors.total).toBe(0);
    expect(listening.stt.contexts[0]?.signal.aborted).toBe(true);
  });

  test('is closed when its reader breaks off', async () => {
    const connection = new ScriptedSTTConnection();
    const stream = await new SuppliedSTT(() => Promise.resolve(connection)).open();
    connection.report(final('Hello.'));
    for await (const _ of stream) break;
    expect(connection.closes).toBe(1);
  });

  test('leaves no listener on the signal of the call', async () => {
    const { signal } = new AbortController();
    for (const end of ['close', 'lose', 'break'] as const) {
      const connection = new ScriptedSTTConnection();
      const stream = await new SuppliedSTT(() => Promise.resolve(connection)).open({ signal });
      if (end === 'close') await stream.close();
      if (end === 'lose') connection.lose(new Error('lost'));
      if (end === 'break') connection.report(final('Hello.'));
      await stream[Symbol.asyncIterator]()
        .next()
        .catch(() => undefined);
      await stream.close();
    }
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('opening', () => {
  test('that fails is an error of the provider, counted once', async () => {
    const metrics = new MetricsCollector();
    const { signal } = new AbortController();
    const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const stt = new SuppliedSTT(() => Promise.reject(cause));
    await expect(stt.open({ metrics, signal })).rejects.toMatchObject({
      name: 'ProviderError',
      type: 'network',
      cause,
    });
    expect(metrics.metrics.sttErrors.total).toBe(1);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('for a call that is over throws its reason and connects to nothing', async () => {
    const metrics = new MetricsCollector();
    const stt = new SuppliedSTT(() => Promise.resolve(new ScriptedSTTConnection()));
    const reason = new Error('hung up');
    await expect(stt.open({ metrics, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(stt.contexts).toEqual([]);
    expect(metrics.metrics.sttErrors.total).toBe(0);
  });

  test('that is aborted on the way tells the plugin, and is no error', async () => {
    const metrics = new MetricsCollector();
    const controller = new AbortController();
    const connecting = Promise.withResolvers<STTConnection>();
    const stt = new SuppliedSTT(() => connecting.promise);
    const opening = stt.open({ metrics, signal: controller.signal });
    const reason = new Error('hung up');
    controller.abort(reason);
    expect(stt.contexts[0]?.signal.reason).toBe(reason);
    connecting.reject(new Error('aborted'));
    await expect(opening).rejects.toThrow('aborted');
    expect(metrics.metrics.sttErrors.total).toBe(0);
  });

  test('that succeeds too late, after the call was aborted, closes what it opened', async () => {
    const controller = new AbortController();
    const connecting = Promise.withResolvers<STTConnection>();
    const connection = new ScriptedSTTConnection();
    const stt = new SuppliedSTT(() => connecting.promise);
    const opening = stt.open({ signal: controller.signal });
    const reason = new Error('hung up');
    controller.abort(reason);
    connecting.resolve(connection);
    await expect(opening).rejects.toBe(reason);
    expect(connection.closes).toBe(1);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('side by side gives streams that know nothing of each other', async () => {
    const connections = [new ScriptedSTTConnection(), new ScriptedSTTConnection()];
    let next = 0;
    const stt = new SuppliedSTT(() =>
      Promise.resolve(connections[next++] ?? new ScriptedSTTConnection()),
    );
    const collectors = [new MetricsCollector(), new MetricsCollector()];
    const clock = new ManualClock();
    const streams = await Promise.all(collectors.map((metrics) => stt.open({ metrics, clock })));
    streams[0]?.write({ samples: new Int16Array(160), sampleRateHz: 16_000 });
    streams[1]?.write({ samples: new Int16Array(1600), sampleRateHz: 16_000 });
    await Promise.all(streams.map((stream) => stream.close()));
    expect(collectors.map(({ metrics }) => metrics.sttAudioDurationMs.sum)).toEqual([10, 100]);
  });
});
