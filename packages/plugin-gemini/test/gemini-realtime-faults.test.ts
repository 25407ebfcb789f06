import { setTimeout as pause } from 'node:timers/promises';

import type { RealtimeEvent, RealtimeSession } from '@vision-agents/core';
import { MetricsCollector, ProviderError } from '@vision-agents/core';
import type { GeminiLiveFault, Sandbox } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';

import type { RealtimeOptions } from '../src/index.ts';
import { Realtime } from '../src/index.ts';

const REQUEST = { instructions: 'Be brief.' };
const KEY = 'test-key';
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

function open(options: RealtimeOptions = {}, resumption?: string): Promise<RealtimeSession> {
  const model = new Realtime({ apiKey: KEY, baseUrl: sandbox.geminiUrl, ...options });
  const request = { ...REQUEST, ...(resumption !== undefined && { resumption }) };
  return model.open(request, { metrics: collector });
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
  expect(wordsOf(await answer(session, 'hello'))).toBe('Hello! How can I help you today?');
  expect(collector.metrics.realtimeErrors.total).toBe(1);
  expect(sandbox.truth().counts['realtime.errors']).toBe(1);
  expect(sandbox.truth().problems).toEqual([]);
}

test.each<[GeminiLiveFault, string, string]>([
  ['handshake-401', 'authentication', '401'],
  ['handshake-403', 'authentication', '403'],
  ['handshake-429', 'rate_limit', '429'],
  ['handshake-503', 'unavailable', '503'],
  ['hung-upgrade', 'timeout', 'connect'],
  ['no-setup-complete', 'timeout', 'connect'],
  ['setup-refused', 'bad_request', '1008'],
  ['setup-wrong-key', 'authentication', '1007'],
])('%s makes opening fail with %s, code %s', async (fault, type, providerCode) => {
  sandbox.inject({ provider: 'gemini-live', fault, times: 1 });
  const error = await failureOf(open(type === 'timeout' ? { connectTimeoutMs: 200 } : {}));
  expect(error).toBeInstanceOf(ProviderError);
  expect(error).toMatchObject({ type, providerCode });
  expect(String(error)).not.toContain(KEY);
  await expectRecovery();
});

test('a server that is not there is a network failure', async () => {
  const { geminiUrl } = sandbox;
  await sandbox.close();
  const error = await failureOf(open({ baseUrl: geminiUrl }));
  expect(error).toMatchObject({ type: 'network', providerCode: 'ECONNREFUSED' });
});

test.each<[GeminiLiveFault, string, string]>([
  ['reset', 'network', '1006'],
  ['clean-close', 'aborted_by_provider', '1000'],
  ['provider-close', 'unavailable', '1011'],
])('%s ends the session with %s, code %s', async (fault, type, providerCode) => {
  const session = await open();
  sandbox.inject({ provider: 'gemini-live', fault, times: 1 });
  const error = await failureOf(answer(session, 'hello'));
  expect(error).toMatchObject({ type, providerCode });
  await session.close();
  await expectRecovery();
});

test.each<[GeminiLiveFault, number]>([
  ['malformed-json', 1],
  ['wrong-types', 1],
  ['unknown-type', 0],
  ['odd-sized-audio', 0],
])('the session outlives %s, which is %d error', async (fault, errors) => {
  await using session = await open();
  sandbox.inject({ provider: 'gemini-live', fault, times: 1 });
  const events = await answer(session, 'hello');
  expect(wordsOf(events)).toBe('Hello! How can I help you today?');
  expect(events.filter(({ type }) => type === 'error')).toHaveLength(errors);
  expect(collector.metrics.realtimeErrors.total).toBe(errors);
});

test('a service that falls silent in an answer is given up, and the next session works', async () => {
  const session = await open({ stallTimeoutMs: 200 });
  sandbox.inject({ provider: 'gemini-live', fault: 'stall', times: 1 });
  const error = await failureOf(answer(session, 'hello'));
  expect(error).toMatchObject({ type: 'timeout', providerCode: 'stall' });
  await session.close();
  await expectRecovery();
});

test('an answer without a sound is over all the same', async () => {
  await using session = await open();
  sandbox.inject({ provider: 'gemini-live', fault: 'empty', times: 1 });
  const events = await answer(session, 'hello');
  expect(events.map(({ type }) => type)).toEqual(['response-end']);
});

test('a session moves before its socket is cut, and remembers', async () => {
  const fault = { provider: 'gemini-live', fault: 'go-away', times: 1, timeLeftMs: 600 } as const;
  sandbox.inject({ ...fault, after: 1 });
  const session = await open();
  const events: RealtimeEvent[] = [];
  const reading = (async () => {
    for await (const event of session) events.push(event);
  })();
  const answered = (count: number) => () =>
    events.filter(({ type }) => type === 'response-end').length === count;
  session.sendText('remember Ada');
  await expect.poll(answered(1)).toBe(true);
  // Longer than the old socket lives.
  await pause(900);
  session.sendText(RECALL);
  await expect.poll(answered(2)).toBe(true);
  await session.close();
  await reading;
  const words = events.flatMap((event) =>
    event.type === 'agent-transcript' && event.final ? event.text : [],
  );
  expect(words.at(-1)).toContain('remember Ada');
  expect(collector.metrics.realtimeErrors.total).toBe(0);
  expect(sandbox.truth().problems).toEqual([]);
});

test('a session that was lost goes on with what it left', async () => {
  const session = await open();
  await answer(session, 'remember Ada');
  const { resumption } = session;
  await using next = await open({}, resumption);
  expect(wordsOf(await answer(next, RECALL))).toContain('remember Ada');
});

test('a session that nobody knows any more is a refusal', async () => {
  const error = await failureOf(open({}, 'too-old'));
  expect(error).toMatchObject({ type: 'bad_request', providerCode: '1008' });
});

test('a session can start with what was said in one that was lost', async () => {
  const model = new Realtime({ apiKey: KEY, baseUrl: sandbox.geminiUrl });
  const history = [
    { role: 'user' as const, text: 'remember Ada' },
    { role: 'assistant' as const, text: 'Very well.', toolCalls: [], interrupted: false },
  ];
  await using session = await model.open({ ...REQUEST, history }, { metrics: collector });
  expect(wordsOf(await answer(session, RECALL))).toContain('remember Ada');
  expect(sandbox.truth().problems).toEqual([]);
});
