import type { Clock } from '@vision-agents/core';
import { MetricsCollector, ProviderError, systemClock } from '@vision-agents/core';
import type { DeepgramFault, Sandbox } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { STTOptions } from '../src/index.ts';
import { STT } from '../src/index.ts';
import { endsTurn, finals, readUntil, utterance, write } from './caller.ts';
import { failureOf } from './hearing.ts';

describe.each(['flux-general-en', 'nova-3'])('%s', (model) => {
  let sandbox: Sandbox;
  let collector: MetricsCollector;

  beforeEach(async () => {
    sandbox = await startSandbox();
    collector = new MetricsCollector();
  });

  afterEach(() => sandbox.close());

  function stt(options: STTOptions = {}): STT {
    return new STT({ apiKey: 'test-key', baseUrl: sandbox.deepgramUrl, model, ...options });
  }

  async function transcribe(text: string): Promise<string[]> {
    await using stream = await stt().open({ metrics: collector });
    write(stream, utterance(text));
    return finals(await readUntil(stream[Symbol.asyncIterator](), endsTurn));
  }

  /** The operation after a fault works, and the fault was counted once. */
  async function expectRecovery(): Promise<void> {
    sandbox.clearFaults();
    expect(await transcribe('again')).toEqual(['again']);
    expect(collector.metrics.sttErrors.total).toBe(1);
    expect(sandbox.truth().counts['stt.errors']).toBe(1);
    expect(sandbox.truth().problems).toEqual([]);
    expect(collector.metrics.providerConnections.total).toBe(0);
  }

  test.each<[DeepgramFault, string, string]>([
    ['handshake-401', 'authentication', '401'],
    ['handshake-403', 'authentication', '403'],
    ['handshake-429', 'rate_limit', '429'],
    ['handshake-500', 'unavailable', '500'],
    ['hung-upgrade', 'timeout', 'connect'],
  ])('%s makes opening fail with %s, code %s', async (fault, type, providerCode) => {
    sandbox.inject({ provider: 'deepgram', fault, times: 1 });
    const timeout = fault === 'hung-upgrade' ? { connectTimeoutMs: 100 } : {};
    const error = await failureOf(stt(timeout).open({ metrics: collector }));
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({ type, providerCode });
    expect(String(error)).not.toContain('test-key');
    await expectRecovery();
  });

  test('a server that is not there is a network failure', async () => {
    const { deepgramUrl } = sandbox;
    await sandbox.close();
    const lost = new STT({ apiKey: 'test-key', baseUrl: deepgramUrl, model });
    const error = await failureOf(lost.open({ metrics: collector }));
    expect(error).toMatchObject({ type: 'network', providerCode: 'ECONNREFUSED' });
    expect(collector.metrics.sttErrors.total).toBe(1);
  });

  test('a key that cannot be sent fails, and does not hang', async () => {
    const odd = stt({ apiKey: 'line\nbreak' });
    expect(await failureOf(odd.open({ metrics: collector }))).toBeInstanceOf(ProviderError);
    expect(collector.metrics.sttErrors.total).toBe(1);
  });

  test.each<[DeepgramFault, string, string]>([
    ['reset', 'network', '1006'],
    ['clean-close', 'aborted_by_provider', '1000'],
    ['provider-close', 'timeout', 'NET-0000'],
    ['error-message', 'unavailable', 'INTERNAL_SERVER_ERROR'],
  ])('%s ends the stream with %s, code %s', async (fault, type, providerCode) => {
    const stream = await stt().open({ metrics: collector });
    sandbox.inject({ provider: 'deepgram', fault, times: 1, after: 200 });
    write(stream, utterance('hello'));
    const error = await failureOf(readUntil(stream[Symbol.asyncIterator](), endsTurn));
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({ type, providerCode });
    await stream.close();
    await expectRecovery();
  });

  test.each([
    [1008, 'DATA-0000', 'bad_request', 'DATA-0000'],
    [1011, 'See https://dpgr.am/net0001', 'timeout', 'NET-0001'],
  ] as const)('a close with %d "%s" ends the stream with %s', async (code, reason, type, named) => {
    const stream = await stt().open({ metrics: collector });
    sandbox.inject({ provider: 'deepgram', fault: 'provider-close', times: 1, code, reason });
    write(stream, utterance('hello'));
    const error = await failureOf(readUntil(stream[Symbol.asyncIterator](), endsTurn));
    expect(error).toMatchObject({ type, providerCode: named });
    await expectRecovery();
  });

  test.each<[DeepgramFault, number]>([
    ['malformed-json', 1],
    ['wrong-types', 1],
    ['unknown-type', 0],
  ])('the stream outlives %s, which is %d error', async (fault, errors) => {
    const stream = await stt().open({ metrics: collector });
    sandbox.inject({ provider: 'deepgram', fault, times: 1, after: 200 });
    write(stream, utterance('hello'));
    const events = await readUntil(stream[Symbol.asyncIterator](), endsTurn);
    await stream.close();
    expect(finals(events)).toEqual(['hello']);
    const failures = events.flatMap((event) => (event.type === 'error' ? event.error : []));
    expect(failures.map(({ type }) => type)).toEqual(errors === 1 ? ['protocol'] : []);
    expect(collector.metrics.sttErrors.total).toBe(errors);
  });

  test('a turn without words ends without a transcript being counted', async () => {
    const stream = await stt().open({ metrics: collector });
    sandbox.inject({ provider: 'deepgram', fault: 'empty-transcript', times: 1 });
    write(stream, utterance('hello'));
    const events = await readUntil(stream[Symbol.asyncIterator](), endsTurn);
    await stream.close();
    expect(finals(events)).toEqual(['']);
    expect(collector.metrics.sttTranscripts.total).toBe(0);
    expect(collector.metrics.sttLatencyMs.count).toBe(0);
  });

  describe('when Deepgram falls silent', () => {
    let nowMs = 0;
    const clock: Clock = { now: () => nowMs, after: (...wait) => systemClock.after(...wait) };

    beforeEach(() => {
      nowMs = 0;
    });

    test('the next audio after the time-out ends the stream', async () => {
      const stream = await stt({ stallTimeoutMs: 1000 }).open({ metrics: collector, clock });
      sandbox.inject({ provider: 'deepgram', fault: 'stall', times: 1 });
      for (const atMs of [0, 900, 1800]) {
        nowMs = atMs;
        write(stream, utterance('a', 0));
      }
      const error = await failureOf(readUntil(stream[Symbol.asyncIterator](), endsTurn));
      expect(error).toMatchObject({ type: 'timeout', providerCode: 'stall' });
      await stream.close();
      expect(collector.metrics.sttErrors.total).toBe(1);
    });

    test('answers keep the stream alive', async () => {
      const stream = await stt({ stallTimeoutMs: 1000 }).open({ metrics: collector, clock });
      const events = stream[Symbol.asyncIterator]();
      for (const atMs of [0, 900, 1800]) {
        nowMs = atMs;
        write(stream, utterance('a', 600));
        expect(finals(await readUntil(events, endsTurn))).toEqual(['a']);
      }
      await stream.close();
    });

    test('a pause of the microphone is no stall', async () => {
      const stream = await stt({ stallTimeoutMs: 1000 }).open({ metrics: collector, clock });
      const events = stream[Symbol.asyncIterator]();
      write(stream, utterance('one', 600));
      nowMs = 999;
      expect(finals(await readUntil(events, endsTurn))).toEqual(['one']);
      write(stream, utterance('t', 0));
      nowMs = 60_000;
      write(stream, utterance('two', 600));
      expect(finals(await readUntil(events, endsTurn))).toHaveLength(1);
      await stream.close();
      expect(collector.metrics.sttErrors.total).toBe(0);
    });

    test('closing is bounded in time', async () => {
      const stream = await stt({ closeTimeoutMs: 50 }).open({ metrics: collector });
      sandbox.inject({ provider: 'deepgram', fault: 'stall', times: 1 });
      write(stream, utterance('hello', 0));
      await stream.close();
      expect(collector.metrics.providerConnections.total).toBe(0);
    });
  });

  describe('an abort', () => {
    test('before opening keeps from connecting', async () => {
      const reason = new Error('not wanted');
      const signal = AbortSignal.abort(reason);
      expect(await failureOf(stt().open({ metrics: collector, signal }))).toBe(reason);
      expect(collector.metrics.sttErrors.total).toBe(0);
    });

    test('while connecting ends the attempt at once, and is no error', async () => {
      sandbox.inject({ provider: 'deepgram', fault: 'hung-upgrade', times: 1 });
      const controller = new AbortController();
      const reason = new Error('hung up');
      const opening = stt({ connectTimeoutMs: 60_000 }).open({
        metrics: collector,
        signal: controller.signal,
      });
      setImmediate(() => controller.abort(reason));
      expect(await failureOf(opening)).toBe(reason);
      expect(collector.metrics.sttErrors.total).toBe(0);
    });

    test('in the middle of speech ends the events, without an error', async () => {
      const controller = new AbortController();
      const stream = await stt().open({ metrics: collector, signal: controller.signal });
      const events = stream[Symbol.asyncIterator]();
      write(stream, utterance('hello', 0));
      await readUntil(events, (event) => event.type === 'speech-start');
      controller.abort();
      await readUntil(events, () => false);
      await stream.close();
      expect(collector.metrics.sttErrors.total).toBe(0);
      expect(collector.metrics.providerConnections.total).toBe(0);
      expect(sandbox.truth().problems).toEqual([]);
    });
  });
});
