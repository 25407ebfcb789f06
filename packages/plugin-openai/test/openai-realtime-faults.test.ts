import type { RealtimeEvent, RealtimeSession } from '@vision-agents/core';
import { MetricsCollector, ProviderError } from '@vision-agents/core';
import type { Fault, OpenAIRealtimeFault, Sandbox } from '@vision-agents/sandbox';
import { speak, startSandbox } from '@vision-agents/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';

import type { RealtimeOptions } from '../src/index.ts';
import { Realtime } from '../src/index.ts';

const REQUEST = { instructions: 'Be brief.' };
const KEY = 'test-key';
const GREETING = 'Hello! How can I help you today?';
/** Has the model repeat all that was said before. */
const RECALL = 'what was said?';

let sandbox: Sandbox;
let collector: MetricsCollector;

beforeEach(async () => {
  sandbox = await startSandbox({
    delays: { firstTokenMs: 1, completeMs: 20 },
    reply: ({ contents }) => {
      const words = contents.map(({ parts = [] }) => parts[0]?.text ?? '');
      return words.at(-1) === RECALL ? { text: words.slice(0, -1).join(' ') } : undefined;
    },
  });
  collector = new MetricsCollector();
});

afterEach(async () => {
  await sandbox.close();
  const { realtimeSessions, providerConnections } = collector.metrics;
  const left = realtimeSessions.total + providerConnections.total;
  if (left !== 0) throw new Error(`${left} sessions and sockets are counted as open`);
});

function open(options: RealtimeOptions = {}): Promise<RealtimeSession> {
  const model = new Realtime({ apiKey: KEY, baseUrl: sandbox.openaiUrl, ...options });
  return model.open(REQUEST, { metrics: collector });
}

type FaultPlan = Omit<Extract<Fault, { provider: 'openai-realtime' }>, 'provider'>;

function inject(plan: FaultPlan): void {
  sandbox.inject({ provider: 'openai-realtime', times: 1, ...plan });
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

/** The events up to the end of an answer. */
async function answer(session: RealtimeSession, text: string): Promise<RealtimeEvent[]> {
  const events: RealtimeEvent[] = [];
  session.sendText(text);
  for await (const event of session) {
    events.push(event);
    if (event.type === 'response-end') break;
  }
  return events;
}

function wordsOf(events: readonly RealtimeEvent[]): string | undefined {
  return events.flatMap((event) =>
    event.type === 'agent-transcript' && event.final ? event.text : [],
  )[0];
}

/** The operation after a fault works, and the fault was counted once. */
async function expectRecovery(): Promise<void> {
  sandbox.clearFaults();
  await using session = await open();
  expect(wordsOf(await answer(session, 'hello'))).toBe(GREETING);
  expect(collector.metrics.realtimeErrors.total).toBe(1);
  expect(sandbox.truth().counts['realtime.errors']).toBe(1);
  expect(sandbox.truth().problems).toEqual([]);
}

test.each<[FaultPlan, string, string]>([
  [{ fault: 'handshake-401' }, 'authentication', '401'],
  [{ fault: 'handshake-403' }, 'authentication', '403'],
  [{ fault: 'handshake-404' }, 'bad_request', '404'],
  [{ fault: 'handshake-429' }, 'rate_limit', '429'],
  [{ fault: 'handshake-quota' }, 'quota', 'insufficient_quota'],
  [{ fault: 'handshake-500' }, 'unavailable', '500'],
  [{ fault: 'handshake-503' }, 'unavailable', '503'],
  [{ fault: 'hung-upgrade' }, 'timeout', 'connect'],
  [{ fault: 'no-session' }, 'timeout', 'connect'],
  [{ fault: 'refused-session' }, 'unavailable', 'server_error'],
  [{ fault: 'refused-session', name: 'invalid_api_key' }, 'authentication', 'invalid_api_key'],
  [{ fault: 'refused-session', name: 'invalid_value' }, 'bad_request', 'invalid_value'],
])('%j makes opening fail with %s, code %s', async (plan, type, providerCode) => {
  inject(plan);
  const error = await failureOf(open(type === 'timeout' ? { connectTimeoutMs: 200 } : {}));
  expect(error).toBeInstanceOf(ProviderError);
  expect(error).toMatchObject({ type, providerCode });
  expect(String(error)).not.toContain(KEY);
  await expectRecovery();
});

test('a server that is not there is a network failure', async () => {
  const { openaiUrl } = sandbox;
  await sandbox.close();
  const error = await failureOf(open({ baseUrl: openaiUrl }));
  expect(error).toMatchObject({ type: 'network', providerCode: 'ECONNREFUSED' });
});

test.each<[FaultPlan, string, string, boolean]>([
  [{ fault: 'reset', after: 0 }, 'network', '1006', true],
  [{ fault: 'reset' }, 'network', '1006', true],
  [{ fault: 'clean-close' }, 'aborted_by_provider', '1000', true],
  [{ fault: 'provider-close' }, 'unavailable', '1011', true],
  [{ fault: 'provider-close', code: 1001 }, 'aborted_by_provider', '1001', true],
  [{ fault: 'provider-close', code: 1008 }, 'bad_request', '1008', false],
  [{ fault: 'provider-close', code: 1012 }, 'unavailable', '1012', true],
  [{ fault: 'session-expired' }, 'aborted_by_provider', 'session_expired', true],
  [{ fault: 'error-event', name: 'invalid_api_key' }, 'authentication', 'invalid_api_key', false],
  [{ fault: 'giant-message' }, 'protocol', 'giant_message', true],
])('%j ends the session with %s, code %s', async (plan, type, providerCode, retryable) => {
  const session = await open();
  inject(plan);
  const error = await failureOf(answer(session, 'hello'));
  expect(error).toMatchObject({ type, providerCode, retryable });
  await session.close();
  await expectRecovery();
});

test.each<[OpenAIRealtimeFault, number]>([
  ['error-event', 1],
  ['malformed-json', 1],
  ['wrong-types', 1],
  ['unknown-type', 0],
  ['duplicate-messages', 0],
  ['odd-sized-audio', 0],
])('the session outlives %s, which is %d error', async (fault, errors) => {
  await using session = await open();
  inject({ fault });
  const events = await answer(session, 'hello');
  expect(wordsOf(events)).toBe(GREETING);
  expect(events.filter(({ type }) => type === 'error')).toHaveLength(errors);
  expect(collector.metrics.realtimeErrors.total).toBe(errors);
  const { counts } = sandbox.truth();
  const audioBytes = collector.metrics.realtimeAudioOutputBytes.total;
  expect(audioBytes).toBe(counts['realtime.audio.output.bytes']);
});

test.each<[FaultPlan, string, string]>([
  [{ fault: 'failed' }, 'unavailable', 'server_error'],
  [{ fault: 'failed', name: 'rate_limit_exceeded' }, 'rate_limit', 'rate_limit_exceeded'],
  [{ fault: 'failed', name: 'insufficient_quota' }, 'quota', 'insufficient_quota'],
  [{ fault: 'max-tokens' }, 'aborted_by_provider', 'max_output_tokens'],
  [{ fault: 'content-filter' }, 'aborted_by_provider', 'content_filter'],
])('%j is an answer that failed with %s, code %s', async (plan, type, providerCode) => {
  await using session = await open();
  inject(plan);
  const events = await answer(session, 'hello');
  const error = events.find((event) => event.type === 'error');
  expect(error).toMatchObject({ error: { type, providerCode } });
  expect(events.at(-1)).toMatchObject({ type: 'response-end', outcome: 'error' });
  const { counts } = sandbox.truth();
  expect(collector.metrics.realtimeOutputTokens.total).toBe(counts['realtime.tokens.output']);
  expect(collector.metrics.realtimeErrors.total).toBe(1);
});

test('a service that falls silent in an answer is given up, and the next session works', async () => {
  const session = await open({ stallTimeoutMs: 200 });
  inject({ fault: 'stall' });
  const error = await failureOf(answer(session, 'hello'));
  expect(error).toMatchObject({ type: 'timeout', providerCode: 'stall' });
  await session.close();
  await expectRecovery();
});

test('an answer in the middle of which the call ends was interrupted', async () => {
  sandbox.configure({ completeMs: 60_000 });
  const session = await open();
  session.sendText('tell me a story');
  for await (const event of session) if (event.type === 'audio') void session.close();
  expect(collector.metrics.realtimeResponses.total).toBe(1);
  await expect
    .poll(() => sandbox.truth().outcomes['realtime.responses'])
    .toEqual({ completed: 0, aborted: 1, failed: 0 });
});

test('a session that is not spoken to is not given up', async () => {
  const session = await open({ stallTimeoutMs: 50 });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(wordsOf(await answer(session, 'hello'))).toBe(GREETING);
  await session.close();
});

test('an answer without a sound is over all the same', async () => {
  await using session = await open();
  inject({ fault: 'empty' });
  const events = await answer(session, 'hello');
  expect(events.map(({ type }) => type)).toEqual(['usage', 'response-end']);
});

test('words that could not be written down are an error, and are answered', async () => {
  await using session = await open();
  inject({ fault: 'transcription-failed' });
  const samples = new Int16Array(40_000);
  samples.set(speak('hi', { sampleRateHz: 24_000 }), 12_000);
  session.write({ samples, sampleRateHz: 24_000 });
  const events: RealtimeEvent[] = [];
  for await (const event of session) {
    events.push(event);
    if (event.type === 'response-end') break;
  }
  const error = events.find((event) => event.type === 'error');
  expect(error).toMatchObject({ error: { providerCode: 'transcription_failed' } });
  expect(wordsOf(events)).toBe(GREETING);
});

test('a model remembers what was heard of an answer that was interrupted', async () => {
  await using session = await open();
  session.sendText('tell me a story');
  const events: RealtimeEvent[] = [];
  const of = (type: RealtimeEvent['type']) => events.filter((event) => event.type === type);
  for await (const event of session) {
    events.push(event);
    if (event.type !== 'response-end') continue;
    if (of('response-end').length === 2) break;
    // A quarter of it was heard.
    session.interrupt(collector.metrics.realtimeAudioOutputDurationMs.total / 4);
    session.sendText(RECALL);
  }
  const [story = '', recalled = ''] = events.flatMap((event) =>
    event.type === 'agent-transcript' && event.final ? event.text : [],
  );
  const heard = recalled.replace('tell me a story ', '');
  expect(story.startsWith(heard)).toBe(true);
  expect(heard.length / story.length).toBeCloseTo(0.25, 1);
  expect(sandbox.truth().problems).toEqual([]);
});

test('a session can start with what was said in one that was lost', async () => {
  const model = new Realtime({ apiKey: KEY, baseUrl: sandbox.openaiUrl });
  const look = { id: 'call_1', name: 'look', arguments: { at: 1 } };
  const history = [
    { role: 'user' as const, text: 'remember Ada' },
    { role: 'assistant' as const, text: 'Very well.', toolCalls: [look], interrupted: false },
    {
      role: 'tool' as const,
      results: [{ callId: 'call_1', name: 'look', output: '21', success: true }],
    },
  ];
  await using session = await model.open({ ...REQUEST, history }, { metrics: collector });
  expect(wordsOf(await answer(session, RECALL))).toContain('remember Ada Very well.');
  expect(sandbox.truth().problems).toEqual([]);
});

test.each<RealtimeOptions>([
  {},
  { voice: 'voice_1', speed: 1.5, noiseReduction: 'far_field', maxOutputTokens: 100 },
  { reasoningEffort: 'low', transcription: false },
  { transcription: { model: 'gpt-transcribe', language: 'de', prompt: 'Ada' } },
  { turnDetection: { type: 'server_vad', threshold: 0.7, silenceDurationMs: 200 } },
  { turnDetection: { type: 'semantic_vad', eagerness: 'high' } },
])('the service takes the options %j', async (options) => {
  await using session = await open(options);
  expect(wordsOf(await answer(session, 'hello'))).toBe(GREETING);
  expect(sandbox.truth().problems).toEqual([]);
});

test('with semantic turn detection a caller is heard and answered, and no latency is invented', async () => {
  await using session = await open({ turnDetection: { type: 'semantic_vad' } });
  const samples = new Int16Array(40_000);
  samples.set(speak('hi', { sampleRateHz: 24_000 }), 12_000);
  session.write({ samples, sampleRateHz: 24_000 });
  const events: RealtimeEvent[] = [];
  for await (const event of session) {
    events.push(event);
    if (event.type === 'response-end') break;
  }
  const types = events.map(({ type }) => type);
  expect(types.filter((type) => type === 'user-speech-end')).toHaveLength(1);
  expect(wordsOf(events)).toBe(GREETING);
  expect(collector.metrics.realtimeTimeToFirstAudioMs.count).toBe(0);
});
