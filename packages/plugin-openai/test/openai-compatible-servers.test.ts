import { MetricsCollector } from '@vision-agents/core';
import { startSandbox } from '@vision-agents/sandbox';
import { beforeAll, expect, test, vi } from 'vitest';

import { ChatCompletionsLLM } from '../src/index.ts';
import { ask, collect, failure, said } from './collect.ts';
import type { Exchange } from './scripted-server.ts';
import { answerWith, delta, events, startScriptedServer, usageChunk } from './scripted-server.ts';

// The SDK is slow to load; a test that times out for it would say nothing.
beforeAll(() => import('openai'), 60_000);

test("a server that is not OpenAI's is not reported as OpenAI, and does not get its key", async () => {
  vi.stubEnv('OPENAI_API_KEY', 'key-of-openai');
  vi.stubEnv('OPENAI_ORG_ID', 'org-of-openai');
  await using server = await startScriptedServer(({ response }) => {
    response.writeHead(503, { 'content-type': 'application/json' });
    response.end('{"error":{"message":"busy"}}');
  });
  const llm = new ChatCompletionsLLM({ baseUrl: server.url, model: 'llama' });
  expect(llm.provider).toBe('openai-compatible');
  const named = new ChatCompletionsLLM({ baseUrl: server.url, model: 'llama', provider: 'vllm' });
  expect(await failure(named.respond(ask('Hi')))).toMatchObject({
    provider: 'vllm',
    type: 'unavailable',
    message: 'vllm: the request was refused with HTTP status 503',
  });
  const [exchange] = server.exchanges;
  expect(exchange?.headers).not.toHaveProperty('authorization');
  expect(JSON.stringify(exchange?.headers)).not.toContain('of-openai');
});

test('a key that is given is sent', async () => {
  await using server = await startScriptedServer(answerWith(delta({}, 'stop')));
  const llm = new ChatCompletionsLLM({ baseUrl: server.url, model: 'llama', apiKey: 'mine' });
  await collect(llm.respond(ask('Hi')));
  expect(server.exchanges[0]?.headers).toMatchObject({ authorization: 'Bearer mine' });
});

test.each(['no-usage', 'no-done'] as const)('%s is no error', async (fault) => {
  await using sandbox = await startSandbox({ delays: { firstTokenMs: 5, completeMs: 10 } });
  sandbox.inject({ provider: 'openai', fault, times: 1 });
  const llm = new ChatCompletionsLLM({ baseUrl: sandbox.openaiUrl, apiKey: 'k', model: 'llama' });
  const collector = new MetricsCollector();
  const answer = await collect(llm.respond(ask('Hi'), { metrics: collector }));
  expect(said(answer)).toBe('Hello! How can I help you today?');
  expect(answer.at(-1)).toEqual({ type: 'end', reason: 'stop' });
  const { counts } = sandbox.truth();
  expect(collector.metrics.llmInputTokens.total).toBe(counts['llm.tokens.input']);
  expect(counts['llm.tokens.input'] === 0).toBe(fault === 'no-usage');
  expect(collector.metrics.llmLatencyMs.count).toBe(1);
});

function answerOpenly({ response }: Exchange): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(events(delta({ content: 'Yes.' }), delta({}, 'stop')));
}

test('an answer whose connection is left open ends, and the connection with it', async () => {
  await using server = await startScriptedServer(answerOpenly);
  const llm = new ChatCompletionsLLM({ baseUrl: server.url, model: 'llama' });
  const answer = await collect(llm.respond(ask('Hi')));
  expect(answer.map(({ type }) => type)).toEqual(['text', 'end']);
  expect(await server.exchanges[0]?.closed).toBe(false);
});

test('an answer whose connection is cut after its last word is whole', async () => {
  await using server = await startScriptedServer((exchange) => {
    answerOpenly(exchange);
    setTimeout(() => exchange.response.destroy(), 20);
  });
  const llm = new ChatCompletionsLLM({ baseUrl: server.url, model: 'llama' });
  const answer = await collect(llm.respond(ask('Hi')));
  expect(answer.at(-1)).toEqual({ type: 'end', reason: 'stop' });
});

test('usage that comes with every chunk counts once', async () => {
  const usage = { prompt_tokens: 7, completion_tokens: 2 };
  await using server = await startScriptedServer(
    answerWith(
      { ...delta({ content: 'Yes' }), usage: { ...usage, completion_tokens: 1 } },
      { ...delta({}, 'stop'), usage },
      usageChunk,
    ),
  );
  const llm = new ChatCompletionsLLM({ baseUrl: server.url, model: 'llama' });
  const collector = new MetricsCollector();
  await collect(llm.respond(ask('Hi'), { metrics: collector }));
  expect(collector.metrics.llmInputTokens.total).toBe(10);
  expect(collector.metrics.llmOutputTokens.total).toBe(5);
});

test('nobody hears what a model thinks aloud', async () => {
  await using server = await startScriptedServer(
    answerWith(
      delta({ reasoning_content: 'Hmm.' }),
      ...['<thi', 'nk>Let me', ' see.</thi', 'nk>\n\n', 'It is ', 'four.'].map((content) =>
        delta({ content }),
      ),
      delta({}, 'stop'),
      usageChunk,
    ),
  );
  const llm = new ChatCompletionsLLM({ baseUrl: server.url, model: 'deepseek-r1' });
  expect(said(await collect(llm.respond(ask('Two and two?'))))).toBe('It is four.');
});
