import type { TTSStream } from '@vision-agents/core';
import { MetricsCollector, ProviderError } from '@vision-agents/core';
import type { OpenAIFault, Sandbox } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import type { TTSOptions } from '../src/index.ts';
import { TTS } from '../src/index.ts';
import { failureOf, heard, speakAll } from './hearing.ts';
import { startScriptedServer } from './scripted-server.ts';

let sandbox: Sandbox;
let collector: MetricsCollector;

// The SDK is slow to load; a test that times out for it would say nothing.
beforeAll(() => import('openai'), 60_000);

beforeEach(async () => {
  sandbox = await startSandbox({ delays: { firstAudioMs: 20, lastAudioMs: 60 } });
  collector = new MetricsCollector();
});

afterEach(() => sandbox.close());

function tts(options: TTSOptions = {}): TTS {
  return new TTS({ apiKey: 'test-key', baseUrl: sandbox.openaiUrl, ...options });
}

/** The same stream goes on after a fault, and the fault was counted once. */
async function expectRecovery(stream: TTSStream): Promise<void> {
  sandbox.clearFaults();
  expect(heard(await speakAll(stream, 'Fine again.'))).toBe('Fine again.');
  await stream.close();
  const { counts, problems } = sandbox.truth();
  const { metrics } = collector;
  expect(problems).toEqual([]);
  expect(metrics.ttsErrors.total).toBe(1);
  expect(counts['tts.errors']).toBe(1);
  expect(metrics.ttsRequests.total).toBe(counts['tts.requests']);
  expect(metrics.ttsCharacters.total).toBe(counts['tts.characters']);
}

test.each<[OpenAIFault, string, string | undefined]>([
  ['speech-400', 'bad_request', '400'],
  ['speech-401', 'authentication', '401'],
  ['speech-429', 'rate_limit', '429'],
  ['speech-quota', 'quota', 'insufficient_quota'],
  ['speech-500', 'unavailable', '500'],
  ['speech-reset', 'network', 'ECONNRESET'],
  ['speech-empty', 'protocol', 'no_audio'],
  ['speech-hung', 'timeout', undefined],
  ['speech-stall', 'timeout', undefined],
])('%s makes a text fail with %s, code %s', async (fault, type, providerCode) => {
  const isSlow = fault === 'speech-hung' || fault === 'speech-stall';
  const timeouts = isSlow ? { firstAudioTimeoutMs: 1000, stallTimeoutMs: 200 } : {};
  const stream = await tts(timeouts).open({ metrics: collector });
  sandbox.inject({ provider: 'openai', fault, times: 1 });
  const error = await failureOf(speakAll(stream, 'This goes wrong.'));
  expect(error).toBeInstanceOf(ProviderError);
  expect(error).toMatchObject({ provider: 'openai', type, providerCode });
  expect(String(error)).not.toMatch(/test-key|127\.0\.0\.1|goes wrong|exceeded your/);
  await expectRecovery(stream);
});

test('chunks that cut samples in half are no error', async () => {
  const stream = await tts().open({ metrics: collector });
  sandbox.inject({ provider: 'openai', fault: 'speech-odd-chunks', times: 1 });
  expect(heard(await speakAll(stream, 'Hello there.'))).toBe('Hello there.');
  expect(collector.metrics.ttsErrors.total).toBe(0);
  await stream.close();
});

test('a server that is not there is a network failure', async () => {
  const { openaiUrl } = sandbox;
  await sandbox.close();
  const stream = await tts({ baseUrl: openaiUrl }).open({ metrics: collector });
  const error = await failureOf(speakAll(stream, 'lost'));
  expect(error).toMatchObject({ type: 'network', providerCode: 'ECONNREFUSED' });
  expect(collector.metrics.ttsErrors.total).toBe(1);
  await stream.close();
});

test.each(['application/json', 'text/html; charset=utf-8'])(
  'what is %s is not spoken',
  async (type) => {
    await using server = await startScriptedServer(({ response }) => {
      response.writeHead(200, { 'content-type': type });
      response.end('{"error":{"message":"a text that would be noise"}}');
    });
    const stream = await tts({ baseUrl: server.url }).open({ metrics: collector });
    const error = await failureOf(speakAll(stream, 'Hello.'));
    expect(error).toMatchObject({ type: 'protocol', providerCode: 'malformed_answer' });
    await stream.close();
  },
);
