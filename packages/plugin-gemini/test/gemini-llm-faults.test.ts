import { MetricsCollector } from '@vision-agents/core';
import type { GeminiFault, Sandbox } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { LLM } from '../src/index.ts';
import { ask, collect, failure, said } from './collect.ts';
import { events, lastChunk, startScriptedServer, textChunk } from './scripted-server.ts';

const KEY = 'a-very-secret-key';

let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await startSandbox({ delays: { firstTokenMs: 5, completeMs: 30 } });
});

afterEach(() => sandbox.close());

test.each<[GeminiFault, string, string | undefined]>([
  ['status-400', 'bad_request', '400'],
  ['status-401', 'authentication', '401'],
  ['status-403', 'authentication', '403'],
  ['status-429', 'rate_limit', '429'],
  ['status-500', 'unavailable', '500'],
  ['status-503', 'unavailable', '503'],
  ['error-event', 'unavailable', '503'],
  ['malformed-json', 'protocol', 'malformed_answer'],
  ['reset', 'network', 'ECONNRESET'],
  ['eof', 'protocol', 'truncated'],
  ['empty', 'protocol', 'truncated'],
  ['stall-before-first', 'timeout', undefined],
  ['stall', 'timeout', undefined],
])('counts %s once, as %s (%s), and answers the next request', async (fault, type, code) => {
  const timeouts = fault.startsWith('stall')
    ? { firstEventTimeoutMs: 1000, stallTimeoutMs: 1000 }
    : {};
  const llm = new LLM({ apiKey: KEY, baseUrl: sandbox.geminiUrl, ...timeouts });
  const collector = new MetricsCollector();
  sandbox.inject({ provider: 'gemini', fault, times: 1 });
  const error = await failure(llm.respond(ask('Tell me about whales'), { metrics: collector }));
  expect(error).toMatchObject({ type, providerCode: code });
  expect(error.message).not.toContain(KEY);
  expect(error.message).not.toContain('127.0.0.1');
  expect(error.message).not.toMatch(/whales|overloaded|quota/);

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
  const counted = [metrics.llmInputTokens.total, metrics.llmOutputTokens.total];
  const served = [counts['llm.tokens.input'], counts['llm.tokens.output']];
  // A reset may overtake the usage that was sent before it: then only the second answer's is known.
  const second = answer.findLast((event) => event.type === 'usage')?.usage;
  const overtaken = [second?.inputTokens, second?.outputTokens];
  expect(fault === 'reset' ? [served, overtaken] : [served]).toContainEqual(counted);
});

test('ends the answer to a blocked prompt as filtered', async () => {
  sandbox.inject({ provider: 'gemini', fault: 'safety', times: 1 });
  const llm = new LLM({ apiKey: KEY, baseUrl: sandbox.geminiUrl });
  expect(await collect(llm.respond(ask('Something bad')))).toEqual([
    { type: 'end', reason: 'content-filter' },
  ]);
});

test('keeps what the service says, and its own key, out of messages', async () => {
  await using server = await startScriptedServer(({ response }) => {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { code: 400, message: `bad key ${KEY}` } }));
  });
  const llm = new LLM({ apiKey: KEY, baseUrl: server.url });
  const error = await failure(llm.respond(ask('Hi')));
  expect(error).toMatchObject({ type: 'bad_request', providerCode: '400' });
  expect(error.message).toBe('gemini: the request was refused with HTTP status 400');
});

test('cannot reach the service', async () => {
  const server = await startScriptedServer(() => undefined);
  await server[Symbol.asyncDispose]();
  const llm = new LLM({ apiKey: KEY, baseUrl: server.url });
  const error = await failure(llm.respond(ask('Hi')));
  expect(error).toMatchObject({ type: 'network', providerCode: 'ECONNREFUSED', retryable: true });
  expect(error.message).not.toContain('127.0.0.1');
});

test.each([
  ['no content', 204, '', 'malformed_answer'],
  ['half an event', 200, 'data: {"candidates":[{"conte', 'malformed_answer'],
  ['an event of no JSON', 200, 'data: <html>\n\n', 'malformed_answer'],
  ['an event of null', 200, 'data: null\n\n', 'truncated'],
  ['odd candidates', 200, events({ candidates: 'none' }), 'malformed_answer'],
  ['no candidate', 200, events({ candidates: [null] }), 'truncated'],
  ['an odd text', 200, events(textChunk(7)), 'malformed_answer'],
  ['a refusal that says JSON and is not', 503, '<html>', 'malformed_answer'],
])('takes %s for a protocol error', async (_name, status, body, code) => {
  await using server = await startScriptedServer(({ response }) => {
    const type = status === 200 ? 'text/event-stream' : 'application/json';
    response.writeHead(status, { 'content-type': type });
    response.end(body);
  });
  const llm = new LLM({ apiKey: KEY, baseUrl: server.url });
  const collector = new MetricsCollector();
  const error = await failure(llm.respond(ask('Hi'), { metrics: collector }));
  expect(error).toMatchObject({ type: 'protocol', providerCode: code });
  expect(error.message).toMatch(/^gemini: the answer (?:cannot be read|broke off before its end)$/);
  expect(collector.metrics.llmErrors.total).toBe(1);
});

test('counts the tokens of an answer that the model broke', async () => {
  await using server = await startScriptedServer(({ response }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const usageMetadata = { promptTokenCount: 10, thoughtsTokenCount: 7 };
    const candidates = [{ finishReason: 'MALFORMED_FUNCTION_CALL' }];
    response.end(events({ candidates, usageMetadata }));
  });
  const llm = new LLM({ apiKey: KEY, baseUrl: server.url });
  const collector = new MetricsCollector();
  const error = await failure(llm.respond(ask('Hi'), { metrics: collector }));
  expect(error).toMatchObject({ type: 'protocol', providerCode: 'MALFORMED_FUNCTION_CALL' });
  expect(collector.metrics.llmInputTokens.total).toBe(10);
  expect(collector.metrics.llmOutputTokens.total).toBe(7);
});

test('asks once although the service offers to continue', async () => {
  await using server = await startScriptedServer(({ response }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const finish = { finishReason: 'CONTINUATION', continuationToken: 'more' };
    response.end(events(textChunk('Half', finish), lastChunk));
  });
  const llm = new LLM({ apiKey: KEY, baseUrl: server.url });
  const answer = await collect(llm.respond(ask('Hi')));
  expect(answer.at(-1)).toEqual({ type: 'end', reason: 'other' });
  expect(server.exchanges).toHaveLength(1);
});
