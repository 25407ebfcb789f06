import { setTimeout as sleep } from 'node:timers/promises';

import type { Clock, STTStream } from '@vision-agents/core';
import { MetricsCollector, ProviderError } from '@vision-agents/core';
import { ManualClock } from '@vision-agents/core/testing';
import type { OpenAITranscriptionFault, Sandbox } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { STTOptions } from '../src/index.ts';
import { STT } from '../src/index.ts';
import {
  endsTurn,
  finals,
  isFinal,
  readUntil,
  SAMPLE_RATE_HZ,
  utterance,
  write,
} from './caller.ts';
import { failureOf } from './hearing.ts';
import { startScriptedSession } from './scripted-session.ts';

// The SDK is slow to load; a test that times out for it would say nothing.
beforeAll(() => import('openai/realtime/ws'), 60_000);

let sandbox: Sandbox;
let collector: MetricsCollector;

beforeEach(async () => {
  sandbox = await startSandbox({ delays: { commitMs: 20 } });
  collector = new MetricsCollector();
});

afterEach(() => sandbox.close());

function stt(options: STTOptions = {}): STT {
  return new STT({ apiKey: 'test-key', baseUrl: sandbox.openaiUrl, ...options });
}

function inject(
  fault: OpenAITranscriptionFault,
  more: { after?: number; name?: string; code?: 1008 | 1013 } = {},
): void {
  sandbox.inject({ provider: 'openai-transcription', fault, times: 1, ...more });
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

test.each<[OpenAITranscriptionFault, string, string, string?]>([
  ['handshake-401', 'authentication', '401'],
  ['handshake-403', 'authentication', '403'],
  ['handshake-404', 'bad_request', '404'],
  ['handshake-429', 'rate_limit', '429'],
  ['handshake-quota', 'quota', 'insufficient_quota'],
  ['handshake-500', 'unavailable', '500'],
  ['handshake-503', 'unavailable', '503'],
  ['hung-upgrade', 'timeout', 'connect'],
  ['no-session', 'timeout', 'connect'],
  ['refused-session', 'unavailable', 'server_error'],
  ['refused-session', 'bad_request', 'invalid_value', 'invalid_value'],
  ['refused-session', 'bad_request', 'model_not_found', 'model_not_found'],
  ['refused-session', 'quota', 'insufficient_quota', 'insufficient_quota'],
  ['wrong-session', 'protocol', 'wrong_session'],
])('%s makes opening fail with %s, code %s', async (fault, type, providerCode, name) => {
  inject(fault, name === undefined ? {} : { name });
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
  const lost = stt({ baseUrl: 'http://nowhere.invalid/v1' });
  const error = await failureOf(lost.open({ metrics: collector }));
  expect(error).toMatchObject({ type: 'network' });
  expect(collector.metrics.sttErrors.total).toBe(1);
});

test.each<[OpenAITranscriptionFault, number, string, string, object?]>([
  ['reset', 0, 'network', '1006'],
  ['reset', 500, 'network', '1006'],
  ['clean-close', 200, 'aborted_by_provider', '1000'],
  ['provider-close', 200, 'unavailable', '1011'],
  ['provider-close', 200, 'bad_request', '1008', { code: 1008 }],
  ['provider-close', 200, 'unavailable', '1013', { code: 1013 }],
  ['session-expired', 200, 'aborted_by_provider', 'session_expired'],
  ['error-event', 200, 'quota', 'insufficient_quota', { name: 'insufficient_quota' }],
  ['error-event', 200, 'authentication', 'invalid_api_key', { name: 'invalid_api_key' }],
  ['giant-message', 200, 'protocol', 'giant_message'],
])('%s after %i ms ends the stream with %s, code %s', async (fault, after, type, code, more) => {
  const stream = await stt().open({ metrics: collector });
  inject(fault, { after, ...more });
  write(stream, utterance('hello', 700));
  const error = await failureOf(readUntil(stream[Symbol.asyncIterator](), endsTurn));
  expect(error).toBeInstanceOf(ProviderError);
  expect(error).toMatchObject({ type, providerCode: code });
  await stream.close();
  await expectRecovery();
});

test('an error that comes together with the set-up is not missed', async () => {
  const error = { type: 'insufficient_quota', code: 'insufficient_quota' };
  await using server = await startScriptedSession({ type: 'error', error });
  const stream = await stt({ baseUrl: server.url }).open({ metrics: collector });
  const failure = await failureOf(readUntil(stream[Symbol.asyncIterator](), endsTurn));
  expect(failure).toMatchObject({ type: 'quota', providerCode: 'insufficient_quota' });
  await stream.close();
  expect(collector.metrics.sttErrors.total).toBe(1);
});

test('an hour that is over is worth another try', async () => {
  const stream = await stt().open({ metrics: collector });
  inject('session-expired');
  write(stream, utterance('hello', 0));
  const error = await failureOf(readUntil(stream[Symbol.asyncIterator](), endsTurn));
  expect(error).toMatchObject({ retryable: true });
  await stream.close();
});

test.each<[OpenAITranscriptionFault, string[], string?]>([
  ['malformed-json', ['protocol']],
  ['wrong-types', ['protocol']],
  ['error-event', ['unavailable']],
  ['error-event', ['rate_limit'], 'rate_limit_exceeded'],
  ['error-event', ['unavailable'], 'something_new'],
  ['unknown-type', []],
])('the stream outlives %s, which is told as %j', async (fault, types, name) => {
  const stream = await stt().open({ metrics: collector });
  inject(fault, { after: 200, ...(name !== undefined && { name }) });
  write(stream, utterance('hello', 700));
  const events = await readUntil(stream[Symbol.asyncIterator](), endsTurn);
  await stream.close();
  expect(finals(events)).toEqual(['hello']);
  const failures = events.flatMap((event) => (event.type === 'error' ? event.error : []));
  expect(failures.map(({ type }) => type)).toEqual(types);
  expect(failures.map(String).join('\n')).not.toMatch(/test-key|hello|went wrong/);
  expect(collector.metrics.sttErrors.total).toBe(types.length);
});

test('what comes twice is told and counted once', async () => {
  inject('duplicate-messages');
  const stream = await stt().open({ metrics: collector });
  const events = stream[Symbol.asyncIterator]();
  write(stream, utterance('hello big world', 700));
  const turn = await readUntil(events, endsTurn);
  write(stream, utterance('bye', 700));
  turn.push(...(await readUntil(events, endsTurn)));
  await stream.close();
  expect(finals(turn)).toEqual(['hello big world', 'bye']);
  expect(turn.filter(({ type }) => type === 'speech-start')).toHaveLength(2);
  expect(collector.metrics.sttTranscripts.total).toBe(2);
  expect(collector.metrics.sttErrors.total).toBe(0);
});

test('transcripts that come in another order are told in that of the speech', async () => {
  const stream = await stt().open({ metrics: collector });
  inject('reordered-transcripts');
  write(stream, utterance('one', 700));
  write(stream, utterance('two', 700));
  const turn = await readUntil(stream[Symbol.asyncIterator](), endsTurn);
  await stream.close();
  expect(finals(turn)).toEqual(['one', 'two']);
  expect(collector.metrics.sttTranscripts.total).toBe(2);
  expect(sandbox.truth().counts['stt.transcripts']).toBe(2);
});

test.each([undefined, false] as const)(
  'a transcription that fails is an error, and the turn ends, with the turn detection %s',
  async (turnDetection) => {
    const options = turnDetection === undefined ? {} : { turnDetection };
    const stream = await stt(options).open({ metrics: collector });
    const events = stream[Symbol.asyncIterator]();
    inject('transcription-failed');
    write(stream, utterance('hello', 700));
    stream.flush();
    const turn = await readUntil(events, turnDetection === false ? isFinal : endsTurn);
    await stream.close();
    expect(finals(turn)).toEqual(['']);
    const failures = turn.flatMap((event) => (event.type === 'error' ? event.error : []));
    expect(failures).toMatchObject([{ type: 'unavailable', providerCode: 'server_error' }]);
    expect(collector.metrics.sttTranscripts.total).toBe(0);
    expect(collector.metrics.sttErrors.total).toBe(1);
    expect(sandbox.truth().counts['stt.errors']).toBe(1);
  },
);

test('a turn without words ends without a transcript being counted', async () => {
  const stream = await stt().open({ metrics: collector });
  inject('empty-transcript');
  write(stream, utterance('hello', 700));
  const events = await readUntil(stream[Symbol.asyncIterator](), endsTurn);
  await stream.close();
  expect(finals(events)).toEqual(['']);
  expect(collector.metrics.sttTranscripts.total).toBe(0);
  expect(collector.metrics.sttLatencyMs.count).toBe(0);
});

/** Writes something at each of these times; what the stream fails with. */
async function failureAt(times: readonly number[], stream: STTStream, clock: ManualClock) {
  const failure = failureOf(readUntil(stream[Symbol.asyncIterator](), endsTurn));
  for (const atMs of times) {
    await clock.advance(atMs - clock.now());
    write(stream, utterance('a', 0));
    // Answers come in real time.
    await sleep(20);
  }
  return failure;
}

describe('when OpenAI falls silent', () => {
  test('who does not even answer a ping is given up', async () => {
    const clock = new ManualClock();
    const stream = await stt({ stallTimeoutMs: 2000 }).open({ metrics: collector, clock });
    inject('slow-reader');
    const from = clock.now();
    const times = [0, 1000, 1900, 2800, 3700].map((ms) => from + ms);
    expect(await failureAt(times, stream, clock)).toMatchObject({
      type: 'timeout',
      providerCode: 'stall',
    });
    await stream.close();
    expect(collector.metrics.sttErrors.total).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });

  test.each([
    ['stall', false],
    ['no-transcript', false],
    ['no-transcript', undefined],
  ] as const)(
    'a transcript that does not come ends the stream, though pings are answered: %s, %s',
    async (fault, turnDetection) => {
      const clock = new ManualClock();
      const options = turnDetection === undefined ? {} : { turnDetection };
      const stream = await stt({ stallTimeoutMs: 2000, ...options }).open({
        metrics: collector,
        clock,
      });
      inject(fault);
      write(stream, utterance('hello', 700));
      stream.flush();
      await sleep(50);
      const from = clock.now();
      const times = [500, 1500, 2500].map((ms) => from + ms);
      expect(await failureAt(times, stream, clock)).toMatchObject({ providerCode: 'stall' });
      await stream.close();
    },
  );

  test('each transcript has a time of its own', async () => {
    const clock = new ManualClock();
    const options = { stallTimeoutMs: 1000, turnDetection: false } as const;
    const stream = await stt(options).open({ metrics: collector, clock });
    const events = stream[Symbol.asyncIterator]();
    for (const text of ['one', 'two', 'six']) {
      write(stream, utterance(text, 0));
      stream.flush();
      expect(finals(await readUntil(events, isFinal))).toEqual([text]);
      await clock.advance(900);
      await sleep(20);
    }
    await stream.close();
    expect(collector.metrics.sttErrors.total).toBe(0);
  });

  test('silence of the user is no stall', async () => {
    const clock = new ManualClock();
    const stream = await stt({ stallTimeoutMs: 1000 }).open({ metrics: collector, clock });
    const events = stream[Symbol.asyncIterator]();
    for (let second = 0; second < 20; second += 1) {
      await clock.advance(1000);
      write(stream, new Int16Array(480));
      // The answer to a ping comes in real time.
      await sleep(20);
    }
    write(stream, utterance('still here', 700));
    expect(finals(await readUntil(events, endsTurn))).toEqual(['still here']);
    await stream.close();
    expect(collector.metrics.sttErrors.total).toBe(0);
  });

  test('closing is bounded in time, and tells what was heard', async () => {
    const options = { model: 'gpt-live-transcribe', closeTimeoutMs: 50 } as const;
    const stream = await stt(options).open({ metrics: collector });
    const events = stream[Symbol.asyncIterator]();
    write(stream, utterance('hello world', 0));
    await readUntil(events, (event) => event.type === 'transcript');
    inject('no-transcript');
    write(stream, new Int16Array(480));
    const rest = readUntil(events, () => false);
    await stream.close();
    expect('hello world').toContain(finals(await rest)[0]);
    expect(collector.metrics.providerConnections.total).toBe(0);
  });
});

test('audio that the network does not take is dropped, and that is told once', async () => {
  const now = { ms: 0 };
  const clock: Clock = { now: () => now.ms, after: () => () => undefined };
  const stream = await stt().open({ metrics: collector, clock });
  inject('slow-reader');
  const events = stream[Symbol.asyncIterator]();
  const failed = readUntil(events, (event) => event.type === 'error');
  write(stream, new Int16Array(SAMPLE_RATE_HZ));
  // More than sockets hold on both sides.
  for (let second = 0; second < 600; second += 1) write(stream, new Int16Array(SAMPLE_RATE_HZ));
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

  test.each<OpenAITranscriptionFault>(['hung-upgrade', 'no-session'])(
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
      await expect.poll(() => collector.metrics.providerConnections.total).toBe(0);
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
