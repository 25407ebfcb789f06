import type { TTSStream } from '@vision-agents/core';
import { MetricsCollector, ProviderError } from '@vision-agents/core';
import type { ElevenLabsFault, Sandbox } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import type { TTSOptions } from '../src/index.ts';
import { TTS } from '../src/index.ts';
import { failureOf, heard, speakAll } from './hearing.ts';

let sandbox: Sandbox;
let collector: MetricsCollector;

// The SDK is slow to load; a test that times out for it would say nothing.
beforeAll(() => import('@elevenlabs/elevenlabs-js'), 60_000);

beforeEach(async () => {
  sandbox = await startSandbox({ delays: { firstAudioMs: 20, lastAudioMs: 60 } });
  collector = new MetricsCollector();
});

afterEach(() => sandbox.close());

function tts(options: TTSOptions = {}): TTS {
  return new TTS({ apiKey: 'test-key', baseUrl: sandbox.elevenlabsUrl, ...options });
}

/** The same stream goes on after a fault, and the fault was counted once. */
async function expectRecovery(stream: TTSStream): Promise<void> {
  sandbox.clearFaults();
  expect(heard(await speakAll(stream, 'Fine again.'))).toBe('Fine again.');
  await stream.close();
  expect(collector.metrics.ttsErrors.total).toBe(1);
  expect(sandbox.truth().counts['tts.errors']).toBe(1);
  expect(sandbox.truth().problems).toEqual([]);
  expect(collector.metrics.providerConnections.total).toBe(0);
}

test.each<[ElevenLabsFault, string, string]>([
  ['handshake-401', 'authentication', '401'],
  ['handshake-403', 'authentication', '403'],
  ['handshake-429', 'rate_limit', 'too_many_concurrent_requests'],
  ['handshake-500', 'unavailable', '500'],
  ['hung-upgrade', 'timeout', 'connect'],
])('%s makes opening fail with %s, code %s', async (fault, type, providerCode) => {
  sandbox.inject({ provider: 'elevenlabs', fault, times: 1 });
  const timeout = fault === 'hung-upgrade' ? { connectTimeoutMs: 100 } : {};
  const error = await failureOf(tts(timeout).open({ metrics: collector }));
  expect(error).toBeInstanceOf(ProviderError);
  expect(error).toMatchObject({ type, providerCode });
  expect(String(error)).not.toContain('test-key');
  await expectRecovery(await tts().open({ metrics: collector }));
});

test.each<[ElevenLabsFault, string, string | undefined, TTSOptions]>([
  ['error-message', 'unavailable', 'internal_error', {}],
  ['malformed-json', 'protocol', 'malformed_message', {}],
  ['wrong-types', 'protocol', 'malformed_message', {}],
  ['clean-close', 'aborted_by_provider', '1000', {}],
  ['provider-close', 'unavailable', '1011', {}],
  ['reset', 'network', '1006', {}],
  ['stall', 'timeout', undefined, { stallTimeoutMs: 100, firstAudioTimeoutMs: 1000 }],
  ['never-final', 'timeout', undefined, { stallTimeoutMs: 100, firstAudioTimeoutMs: 1000 }],
])('%s makes a text fail with %s, code %s', async (fault, type, providerCode, options) => {
  const stream = await tts(options).open({ metrics: collector });
  const after = fault === 'never-final' ? 0 : 1;
  sandbox.inject({ provider: 'elevenlabs', fault, times: 1, after });
  const error = await failureOf(speakAll(stream, 'This goes wrong.'));
  expect(error).toBeInstanceOf(ProviderError);
  expect(error).toMatchObject({ type, providerCode });
  await expectRecovery(stream);
});

test('all texts on a socket that is lost fail, and the next opens another', async () => {
  const stream = await tts().open({ metrics: collector });
  sandbox.inject({ provider: 'elevenlabs', fault: 'reset', times: 1, after: 1 });
  const texts = ['one', 'two', 'three', 'four', 'five', 'six'];
  const errors = await Promise.all(texts.map((text) => failureOf(speakAll(stream, text))));
  expect(errors.map((error) => error instanceof ProviderError && error.type)).toEqual(
    texts.map(() => 'network'),
  );
  expect(collector.metrics.ttsErrors.total).toBe(6);
  expect(heard(await speakAll(stream, 'again'))).toBe('again');
  await stream.close();
});

test('texts that need a new socket and do not get one fail, each once', async () => {
  const stream = await tts().open({ metrics: collector });
  sandbox.inject({ provider: 'elevenlabs', fault: 'reset', times: 1, after: 1 });
  await failureOf(speakAll(stream, 'lost'));
  sandbox.inject({ provider: 'elevenlabs', fault: 'handshake-500', times: 1 });
  const errors = await Promise.all([
    failureOf(speakAll(stream, 'one')),
    failureOf(speakAll(stream, 'two')),
  ]);
  expect(errors).toMatchObject([{ type: 'unavailable' }, { type: 'unavailable' }]);
  expect(collector.metrics.ttsErrors.total).toBe(3);
  expect(heard(await speakAll(stream, 'again'))).toBe('again');
  await stream.close();
});

test.each<ElevenLabsFault>(['odd-sized-audio', 'empty-audio', 'unknown-type'])(
  '%s is no error',
  async (fault) => {
    const stream = await tts().open({ metrics: collector });
    sandbox.inject({ provider: 'elevenlabs', fault, times: 1 });
    expect(heard(await speakAll(stream, 'Hello there.'))).toBe('Hello there.');
    await stream.close();
    expect(collector.metrics.ttsErrors.total).toBe(0);
  },
);

test('a server that is not there is a network failure', async () => {
  const { elevenlabsUrl } = sandbox;
  await sandbox.close();
  const lost = new TTS({ apiKey: 'test-key', baseUrl: elevenlabsUrl });
  const error = await failureOf(lost.open({ metrics: collector }));
  expect(error).toMatchObject({ type: 'network', providerCode: 'ECONNREFUSED' });
  expect(collector.metrics.ttsErrors.total).toBe(1);
});

describe('over http', () => {
  test.each<[ElevenLabsFault, string, string | undefined]>([
    ['http-401', 'authentication', '401'],
    ['http-403', 'authentication', '403'],
    ['http-quota', 'quota', 'quota_exceeded'],
    ['http-422', 'bad_request', '422'],
    ['http-429-concurrency', 'rate_limit', 'too_many_concurrent_requests'],
    ['http-429-busy', 'rate_limit', 'system_busy'],
    ['http-500', 'unavailable', '500'],
    ['http-reset', 'network', 'ECONNRESET'],
    ['http-hung', 'timeout', undefined],
    ['http-stall', 'timeout', undefined],
    ['http-empty', 'protocol', 'no_audio'],
  ])('%s makes a text fail with %s, code %s', async (fault, type, providerCode) => {
    const options = { transport: 'http', firstAudioTimeoutMs: 1000, stallTimeoutMs: 200 } as const;
    const stream = await tts(options).open({ metrics: collector });
    sandbox.inject({ provider: 'elevenlabs', fault, times: 1 });
    const error = await failureOf(speakAll(stream, 'This goes wrong.'));
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({ type, providerCode });
    await expectRecovery(stream);
  });

  test('chunks that cut samples in half are no error', async () => {
    const stream = await tts({ transport: 'http' }).open({ metrics: collector });
    sandbox.inject({ provider: 'elevenlabs', fault: 'http-odd-chunks', times: 1 });
    expect(heard(await speakAll(stream, 'Hello there.'))).toBe('Hello there.');
    expect(collector.metrics.ttsErrors.total).toBe(0);
    await stream.close();
  });

  test('an answer that does not come in time is a time-out', async () => {
    sandbox.configure({ firstAudioMs: 2000, lastAudioMs: 2000 });
    const options = { transport: 'http', firstAudioTimeoutMs: 100 } as const;
    const stream = await tts(options).open({ metrics: collector });
    const error = await failureOf(speakAll(stream, 'late'));
    expect(error).toMatchObject({ type: 'timeout' });
    await stream.close();
  });
});

describe('an abort', () => {
  test('over http ends the request too', async () => {
    sandbox.configure({ firstAudioMs: 10, lastAudioMs: 60_000 });
    const stream = await tts({ transport: 'http' }).open({ metrics: collector });
    const controller = new AbortController();
    const speech = stream.synthesize('I would go on for a minute.', controller.signal);
    await speech.next();
    const waiting = failureOf(speech.next());
    setImmediate(() => controller.abort());
    await waiting;
    await vi.waitFor(() => expect(process.getActiveResourcesInfo()).not.toContain('TCPSocketWrap'));
    await stream.close();
  });

  test('while connecting ends the attempt at once, and is no error', async () => {
    sandbox.inject({ provider: 'elevenlabs', fault: 'hung-upgrade', times: 1 });
    const controller = new AbortController();
    const reason = new Error('hung up');
    const opening = tts({ connectTimeoutMs: 60_000 }).open({
      metrics: collector,
      signal: controller.signal,
    });
    setImmediate(() => controller.abort(reason));
    expect(await failureOf(opening)).toBe(reason);
    expect(collector.metrics.ttsErrors.total).toBe(0);
  });

  test('of the call closes the stream, and what is asked of it then fails', async () => {
    const controller = new AbortController();
    const stream = await tts().open({ metrics: collector, signal: controller.signal });
    controller.abort();
    await stream.close();
    expect(collector.metrics.providerConnections.total).toBe(0);
    expect(await failureOf(speakAll(stream, 'too late'))).toBeInstanceOf(Error);
  });
});
