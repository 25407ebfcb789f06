import { MetricsCollector } from '@vision-agents/core';
import type { OpenAIFault, Sandbox } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { LLM } from '../src/index.ts';
import { ask, collect, failure, said } from './collect.ts';
import { MODELS } from './models.ts';
import { answerWith, events, startScriptedServer, textDelta } from './scripted-server.ts';

const KEY = 'a-very-secret-key';

type FaultRow = readonly [fault: OpenAIFault, type: string, code: string | undefined];

const FAULTS: readonly FaultRow[] = [
  ['status-400', 'bad_request', '400'],
  ['status-401', 'authentication', '401'],
  ['status-403', 'authentication', '403'],
  ['status-404', 'bad_request', '404'],
  ['status-429', 'rate_limit', '429'],
  ['quota', 'quota', 'insufficient_quota'],
  ['status-500', 'unavailable', '500'],
  ['status-503', 'unavailable', '503'],
  ['error-event', 'unavailable', 'server_error'],
  ['malformed-json', 'protocol', 'malformed_answer'],
  ['wrong-types', 'protocol', 'malformed_answer'],
  ['reset', 'network', 'ECONNRESET'],
  ['eof', 'protocol', 'truncated'],
  ['empty', 'protocol', 'truncated'],
  ['hung', 'timeout', undefined],
  ['stall-before-first', 'timeout', undefined],
  ['stall', 'timeout', undefined],
];

/** Chat completions have no such event. */
const FAILED: FaultRow = ['failed', 'unavailable', 'server_error'];

let sandbox: Sandbox;

// The SDK is slow to load; a test that times out for it would say nothing.
beforeAll(() => import('openai'), 60_000);

beforeEach(async () => {
  sandbox = await startSandbox({ delays: { firstTokenMs: 5, completeMs: 30 } });
});

afterEach(() => sandbox.close());

describe.each(MODELS)('%s', (name, create) => {
  const faults = name === 'LLM' ? [...FAULTS, FAILED] : FAULTS;

  test.each(faults)('counts %s once, as %s (%s), and answers next', async (fault, type, code) => {
    const timeouts = ['hung', 'stall-before-first', 'stall'].includes(fault)
      ? { firstEventTimeoutMs: 1000, stallTimeoutMs: 1000 }
      : {};
    const printed = [vi.spyOn(console, 'error'), vi.spyOn(console, 'warn')];
    const llm = create({ apiKey: KEY, baseUrl: sandbox.openaiUrl, ...timeouts });
    const collector = new MetricsCollector();
    sandbox.inject({ provider: 'openai', fault, times: 1 });
    const error = await failure(llm.respond(ask('Tell me about whales'), { metrics: collector }));
    expect(error).toMatchObject({ provider: 'openai', type, providerCode: code });
    expect(error.message).not.toContain(KEY);
    expect(error.message).not.toContain('127.0.0.1');
    expect(error.message).not.toMatch(/whales|Overloaded|exceeded your/);
    for (const print of printed) expect(print).not.toHaveBeenCalled();

    const answer = await collect(llm.respond(ask('And krill?'), { metrics: collector }));
    expect(said(answer)).toContain('And krill');
    const { metrics } = collector;
    const { counts, problems } = sandbox.truth();
    expect(problems).toEqual([]);
    expect(metrics.llmErrors.total).toBe(1);
    expect(metrics.llmErrors.total).toBe(counts['llm.errors']);
    expect(metrics.llmRequests.total).toBe(2);
    expect(metrics.llmRequests.total).toBe(counts['llm.requests']);
    expect(metrics.llmLatencyMs.count).toBe(1);
    expect(metrics.llmInputTokens.total).toBe(counts['llm.tokens.input']);
    expect(metrics.llmOutputTokens.total).toBe(counts['llm.tokens.output']);
  });

  test('cannot reach the service', async () => {
    const server = await startScriptedServer(() => undefined);
    await server[Symbol.asyncDispose]();
    const error = await failure(create({ apiKey: KEY, baseUrl: server.url }).respond(ask('Hi')));
    expect(error).toMatchObject({ type: 'network', providerCode: 'ECONNREFUSED', retryable: true });
    expect(error.message).not.toContain('127.0.0.1');
  });

  test.each([
    ['no content', 204, '', 'malformed_answer'],
    ['half an event', 200, 'data: {"type":"resp', 'malformed_answer'],
    ['an event of no JSON', 200, 'data: <html>\n\n', 'malformed_answer'],
    ['a page', 200, '<html>\n\n', 'truncated'],
    ['an event of a list', 200, 'data: []\n\n', 'malformed_answer'],
    ['an event of a text', 200, 'data: "x"\n\n', 'malformed_answer'],
  ])('takes %s for a protocol error', async (_name, status, body, code) => {
    await using server = await startScriptedServer(({ response }) => {
      response.writeHead(status, { 'content-type': 'text/event-stream' });
      response.end(body);
    });
    const collector = new MetricsCollector();
    const llm = create({ apiKey: KEY, baseUrl: server.url });
    const error = await failure(llm.respond(ask('Hi'), { metrics: collector }));
    expect(error).toMatchObject({ type: 'protocol', providerCode: code });
    expect(error.message).toMatch(
      /^openai: the answer (?:cannot be read|broke off before its end)$/,
    );
    expect(collector.metrics.llmErrors.total).toBe(1);
  });

  test('takes what is no HTTP for a protocol error', async () => {
    await using server = await startScriptedServer(({ response }) => {
      response.socket?.end('Good morning.\r\n\r\n');
    });
    const error = await failure(create({ apiKey: KEY, baseUrl: server.url }).respond(ask('Hi')));
    expect(error).toMatchObject({ type: 'protocol', providerCode: 'malformed_answer' });
  });
});

test('counts the tokens of a response that failed after it had told them', async () => {
  const usage = { input_tokens: 10, output_tokens: 7 };
  const error = { code: 'rate_limit_exceeded', message: 'secret' };
  const response = { status: 'failed', error, usage };
  await using server = await startScriptedServer(
    answerWith(textDelta('Hel'), { type: 'response.failed', response }),
  );
  const llm = new LLM({ apiKey: KEY, baseUrl: server.url });
  const collector = new MetricsCollector();
  const thrown = await failure(llm.respond(ask('Hi'), { metrics: collector }));
  expect(thrown).toMatchObject({ type: 'rate_limit', providerCode: 'rate_limit_exceeded' });
  expect(thrown.message).not.toContain('secret');
  expect(collector.metrics.llmInputTokens.total).toBe(10);
  expect(collector.metrics.llmOutputTokens.total).toBe(7);
});

test('a wish to log of the environment is not heard: conversations would be printed', async () => {
  vi.stubEnv('OPENAI_LOG', 'debug');
  const levels = ['debug', 'info', 'log', 'warn', 'error'] as const;
  const printed = levels.map((level) =>
    vi.spyOn(console, level).mockImplementation(() => undefined),
  );
  await using server = await startScriptedServer(({ response }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(events(textDelta('Hel')));
  });
  await failure(new LLM({ apiKey: KEY, baseUrl: server.url }).respond(ask('Hi')));
  for (const print of printed) expect(print).not.toHaveBeenCalled();
});
