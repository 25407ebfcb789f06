import { setTimeout as sleep } from 'node:timers/promises';

import type { Clock, STTStream } from '@vision-agents/core';
import { MetricsCollector, ProviderError } from '@vision-agents/core';
import { ManualClock } from '@vision-agents/core/testing';
import type { ElevenLabsFault, Sandbox } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { STTOptions } from '../src/index.ts';
import { STT } from '../src/index.ts';
import { endsTurn, finals, isFinal, readUntil, utterance, write } from './caller.ts';
import { failureOf } from './hearing.ts';

let sandbox: Sandbox;
let collector: MetricsCollector;

beforeEach(async () => {
  sandbox = await startSandbox({ delays: { commitMs: 20 } });
  collector = new MetricsCollector();
});

afterEach(() => sandbox.close());

function stt(options: STTOptions = {}): STT {
  return new STT({ apiKey: 'test-key', baseUrl: sandbox.elevenlabsUrl, ...options });
}

function inject(fault: ElevenLabsFault, more: { after?: number; name?: string } = {}): void {
  sandbox.inject({ provider: 'elevenlabs', fault, times: 1, ...more });
}

/** The operation after a fault works, and the fault was counted once. */
async function expectRecovery(): Promise<void> {
  sandbox.clearFaults();
  const stream = await stt().open({ metrics: collector });
  write(stream, utterance('again', 700));
  expect(finals(await readUntil(stream[Symbol.asyncIterator](), endsTurn))).toEqual(['again']);
  await stream.close();
  expect(collector.metrics.sttErrors.total).toBe(1);
  expect(sandbox.truth().counts['stt.errors']).toBe(1);
  expect(sandbox.truth().problems).toEqual([]);
  expect(collector.metrics.providerConnections.total).toBe(0);
}

test.each<[ElevenLabsFault, string, string]>([
  ['scribe-handshake-401', 'authentication', '401'],
  ['scribe-handshake-403', 'authentication', '403'],
  ['scribe-handshake-429', 'rate_limit', 'too_many_concurrent_requests'],
  ['scribe-handshake-500', 'unavailable', '500'],
  ['scribe-hung-upgrade', 'timeout', 'connect'],
  ['scribe-refused-session', 'authentication', 'auth_error'],
  ['scribe-no-session', 'timeout', 'connect'],
])('%s makes opening fail with %s, code %s', async (fault, type, providerCode) => {
  inject(fault);
  const options = type === 'timeout' ? { connectTimeoutMs: 100 } : {};
  const error = await failureOf(stt(options).open({ metrics: collector }));
  expect(error).toBeInstanceOf(ProviderError);
  expect(error).toMatchObject({ type, providerCode });
  expect(String(error)).not.toContain('test-key');
  await expectRecovery();
});

test('a server that is not there is a network failure', async () => {
  const lost = stt();
  await sandbox.close();
  const error = await failureOf(lost.open({ metrics: collector }));
  expect(error).toMatchObject({ type: 'network', providerCode: 'ECONNREFUSED' });
  expect(collector.metrics.sttErrors.total).toBe(1);
});

test('a host that has no address is a network failure', async () => {
  const lost = stt({ baseUrl: 'http://nowhere.invalid' });
  const error = await failureOf(lost.open({ metrics: collector }));
  expect(error).toMatchObject({ type: 'network' });
  expect(collector.metrics.sttErrors.total).toBe(1);
});

test('a key that cannot be sent fails, and does not hang', async () => {
  const odd = stt({ apiKey: 'line\nbreak' });
  expect(await failureOf(odd.open({ metrics: collector }))).toBeInstanceOf(ProviderError);
  expect(collector.metrics.sttErrors.total).toBe(1);
});

test.each<[ElevenLabsFault, string, string]>([
  ['scribe-reset', 'network', '1006'],
  ['scribe-clean-close', 'aborted_by_provider', '1000'],
  ['scribe-provider-close', 'unavailable', '1011'],
])('%s ends the stream with %s, code %s', async (fault, type, providerCode) => {
  const stream = await stt().open({ metrics: collector });
  inject(fault, { after: 200 });
  write(stream, utterance('hello', 700));
  const error = await failureOf(readUntil(stream[Symbol.asyncIterator](), endsTurn));
  expect(error).toBeInstanceOf(ProviderError);
  expect(error).toMatchObject({ type, providerCode });
  await stream.close();
  await expectRecovery();
});

test.each([
  ['error', 'aborted_by_provider'],
  ['auth_error', 'authentication'],
  ['quota_exceeded', 'quota'],
  ['unaccepted_terms', 'authentication'],
  ['rate_limited', 'rate_limit'],
  ['input_error', 'bad_request'],
  ['invalid_request', 'bad_request'],
  ['queue_overflow', 'unavailable'],
  ['resource_exhausted', 'unavailable'],
  ['session_time_limit_exceeded', 'aborted_by_provider'],
  ['chunk_size_exceeded', 'bad_request'],
  ['insufficient_audio_activity', 'timeout'],
  ['transcriber_error', 'unavailable'],
  ['something_new', 'aborted_by_provider'],
])('the message %s ends the stream with %s', async (name, type) => {
  const stream = await stt().open({ metrics: collector });
  inject('scribe-error-message', { after: 200, name });
  write(stream, utterance('hello', 700));
  const error = await failureOf(readUntil(stream[Symbol.asyncIterator](), endsTurn));
  expect(error).toMatchObject({ type, providerCode: name });
  await stream.close();
  await expectRecovery();
});

test.each<[ElevenLabsFault, string[], string | undefined]>([
  ['scribe-malformed-json', ['protocol'], undefined],
  ['scribe-wrong-types', ['protocol'], undefined],
  ['scribe-error-message', ['bad_request'], 'commit_throttled'],
  ['scribe-unknown-type', [], undefined],
  ['scribe-warning', [], undefined],
])('the stream outlives %s, which is told as %j', async (fault, types, name) => {
  const stream = await stt().open({ metrics: collector });
  inject(fault, { after: 200, ...(name !== undefined && { name }) });
  write(stream, utterance('hello', 700));
  const events = await readUntil(stream[Symbol.asyncIterator](), endsTurn);
  await stream.close();
  expect(finals(events)).toEqual(['hello']);
  const failures = events.flatMap((event) => (event.type === 'error' ? event.error : []));
  expect(failures.map(({ type }) => type)).toEqual(types);
  expect(collector.metrics.sttErrors.total).toBe(types.length);
});

test('a turn without words ends without a transcript being counted', async () => {
  const stream = await stt().open({ metrics: collector });
  inject('scribe-empty-transcript');
  write(stream, utterance('hello', 700));
  const events = await readUntil(stream[Symbol.asyncIterator](), endsTurn);
  await stream.close();
  expect(finals(events)).toEqual(['']);
  expect(collector.metrics.sttTranscripts.total).toBe(0);
  expect(collector.metrics.sttLatencyMs.count).toBe(0);
});

test('a transcript whose times do not come is told without them', async () => {
  const clock = new ManualClock();
  const stream = await stt().open({ metrics: collector, clock });
  inject('scribe-no-timestamps');
  const events = stream[Symbol.asyncIterator]();
  write(stream, utterance('hello', 700));
  const turn = readUntil(events, endsTurn);
  // One looks for silence of ours, two for Scribe's, and one for the times.
  await expect.poll(() => clock.pendingTimers).toBe(4);
  await clock.advance(500);
  expect((await turn).find(isFinal)).toMatchObject({ text: 'hello', speechEndedAtMs: undefined });
  write(stream, utterance('you', 700));
  expect((await readUntil(events, endsTurn)).find(isFinal)).not.toMatchObject({
    speechEndedAtMs: undefined,
  });
  await stream.close();
  expect(collector.metrics.sttTranscripts.total).toBe(2);
  expect(collector.metrics.sttLatencyMs.count).toBe(1);
  expect(collector.metrics.turnTrailingSilenceMs.count).toBe(1);
});

/** Writes something at each of these times; what the stream fails with. */
async function failureAt(times: readonly number[], stream: STTStream, clock: ManualClock) {
  const failure = failureOf(readUntil(stream[Symbol.asyncIterator](), endsTurn));
  for (const atMs of times) {
    await clock.advance(atMs - clock.now());
    write(stream, utterance('a', 0));
  }
  return failure;
}

describe('when ElevenLabs falls silent', () => {
  test('who does not even answer a ping is given up', async () => {
    const clock = new ManualClock();
    const stream = await stt({ stallTimeoutMs: 2000 }).open({ metrics: collector, clock });
    inject('scribe-slow-reader');
    const from = clock.now();
    const times = [0, 1000, 1900, 2800, 3700].map((ms) => from + ms);
    expect(await failureAt(times, stream, clock)).toMatchObject({
      type: 'timeout',
      providerCode: 'stall',
    });
    await stream.close();
    expect(collector.metrics.sttErrors.total).toBe(1);
  });

  test('a commit that is not answered ends the stream, though pings are', async () => {
    const clock = new ManualClock();
    const options = { stallTimeoutMs: 2000, commitStrategy: 'manual' } as const;
    const stream = await stt(options).open({ metrics: collector, clock });
    inject('scribe-stall');
    write(stream, utterance('hello', 0));
    stream.flush();
    const from = clock.now();
    const times = [500, 1500, 2500].map((ms) => from + ms);
    expect(await failureAt(times, stream, clock)).toMatchObject({ providerCode: 'stall' });
    await stream.close();
  });

  test('silence of the user is no stall', async () => {
    const clock = new ManualClock();
    const stream = await stt({ stallTimeoutMs: 1000 }).open({ metrics: collector, clock });
    const events = stream[Symbol.asyncIterator]();
    for (let second = 0; second < 20; second += 1) {
      await clock.advance(1000);
      write(stream, new Int16Array(320));
      // The answer to a ping comes in real time.
      await sleep(20);
    }
    write(stream, utterance('still here', 700));
    expect(finals(await readUntil(events, endsTurn))).toEqual(['still here']);
    await stream.close();
    expect(collector.metrics.sttErrors.total).toBe(0);
  });

  test('closing is bounded in time, and tells what was heard', async () => {
    const stream = await stt({ closeTimeoutMs: 50 }).open({ metrics: collector });
    const events = stream[Symbol.asyncIterator]();
    write(stream, utterance('hello', 0));
    const heard = await readUntil(events, (event) => event.type === 'transcript');
    inject('scribe-stall');
    write(stream, new Int16Array(320));
    const rest = readUntil(events, () => false);
    await stream.close();
    const [last] = finals(await rest);
    expect('hello').toContain(last);
    expect(heard.length).toBeGreaterThan(0);
    expect(collector.metrics.providerConnections.total).toBe(0);
  });
});

test('audio that the network does not take is dropped, and that is told once', async () => {
  const now = { ms: 0 };
  const clock: Clock = { now: () => now.ms, after: () => () => undefined };
  const stream = await stt().open({ metrics: collector, clock });
  inject('scribe-slow-reader');
  const events = stream[Symbol.asyncIterator]();
  const failed = readUntil(events, (event) => event.type === 'error');
  write(stream, new Int16Array(16_000));
  // More than sockets hold on both sides.
  for (let second = 0; second < 600; second += 1) write(stream, new Int16Array(16_000));
  const last = (await failed).at(-1);
  expect(last?.type === 'error' && last.error.providerCode).toBe('send_backlog');
  expect(collector.metrics.sttErrors.total).toBe(1);
});

describe('an abort', () => {
  test('before opening keeps from connecting', async () => {
    const reason = new Error('not wanted');
    const signal = AbortSignal.abort(reason);
    expect(await failureOf(stt().open({ metrics: collector, signal }))).toBe(reason);
    expect(collector.metrics.sttErrors.total).toBe(0);
  });

  test.each<ElevenLabsFault>(['scribe-hung-upgrade', 'scribe-no-session'])(
    'while opening, at %s, ends the attempt at once, and is no error',
    async (fault) => {
      inject(fault);
      const controller = new AbortController();
      const reason = new Error('hung up');
      const opening = stt({ connectTimeoutMs: 60_000 }).open({
        metrics: collector,
        signal: controller.signal,
      });
      setTimeout(() => controller.abort(reason), 50);
      expect(await failureOf(opening)).toBe(reason);
      expect(collector.metrics.sttErrors.total).toBe(0);
      expect(collector.metrics.providerConnections.total).toBe(0);
    },
  );

  test('in the middle of speech ends the events, asks for nothing more, and is no error', async () => {
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
    expect(sandbox.truth().counts['stt.transcripts']).toBe(0);
    expect(sandbox.truth().problems).toEqual([]);
  });
});
