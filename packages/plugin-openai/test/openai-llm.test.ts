import type { LLMRequest, Message } from '@vision-agents/core';
import { MetricsCollector } from '@vision-agents/core';
import type { Sandbox } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { ChatCompletionsLLM, LLM } from '../src/index.ts';
import { ask, collect, said } from './collect.ts';
import { MODELS } from './models.ts';
import {
  answerWith,
  completed,
  delta,
  startScriptedServer,
  textDelta,
  usageChunk,
} from './scripted-server.ts';
import { roundOf, toolCallsOf, tools } from './tools.ts';

let sandbox: Sandbox;

// The SDK is slow to load; a test that times out for it would say nothing.
beforeAll(() => import('openai'), 60_000);

beforeEach(async () => {
  sandbox = await startSandbox({ delays: { firstTokenMs: 20, completeMs: 60 } });
});

afterEach(() => sandbox.close());

describe.each(MODELS)('%s', (_name, create) => {
  test('streams an answer in several pieces and ends it', async () => {
    const llm = create({ baseUrl: sandbox.openaiUrl });
    const answer = await collect(llm.respond(ask('Tell me about whales')));
    expect(answer.filter(({ type }) => type === 'text').length).toBeGreaterThan(1);
    expect(said(answer)).toBe('You said: Tell me about whales. What else can I do for you?');
    expect(answer.at(-1)).toEqual({ type: 'end', reason: 'stop' });
  });

  test("counts what the sandbox knows, over several requests of one call's collector", async () => {
    const collector = new MetricsCollector();
    const llm = create({ baseUrl: sandbox.openaiUrl });
    const messages: Message[] = [];
    for (const text of ['Hello', 'Tell me about whales', 'And about krill']) {
      messages.push({ role: 'user', text });
      const request: LLMRequest = { instructions: 'Be brief.', messages };
      const answer = said(await collect(llm.respond(request, { metrics: collector })));
      messages.push({ role: 'assistant', text: answer, toolCalls: [], interrupted: false });
    }
    const { metrics } = collector;
    const { counts, problems } = sandbox.truth();
    expect(problems).toEqual([]);
    expect(counts['llm.requests']).toBe(3);
    expect(counts['llm.tokens.input.cached']).toBeGreaterThan(0);
    expect({
      'llm.requests': metrics.llmRequests.total,
      'llm.tokens.input': metrics.llmInputTokens.total,
      'llm.tokens.output': metrics.llmOutputTokens.total,
      'llm.tokens.input.cached': metrics.llmCachedInputTokens.total,
      'llm.tokens.output.reasoning': metrics.llmReasoningTokens.total,
      'llm.errors': metrics.llmErrors.total,
    }).toEqual(
      Object.fromEntries(Object.entries(counts).filter(([name]) => /^llm\.(?!tool)/.test(name))),
    );
    expect(metrics.llmLatencyMs.count).toBe(3);
    expect(metrics.llmTimeToFirstTokenMs.count).toBe(3);
  });

  test('measures the delays that the sandbox was told to have', async () => {
    sandbox.configure({ firstTokenMs: 150, completeMs: 400 });
    const collector = new MetricsCollector();
    const startedAtMs = performance.now();
    const llm = create({ baseUrl: sandbox.openaiUrl });
    await collect(llm.respond(ask('Tell me about whales'), { metrics: collector }));
    const tookMs = performance.now() - startedAtMs;
    const { llmTimeToFirstTokenMs, llmLatencyMs } = collector.metrics;
    expect(llmTimeToFirstTokenMs.max).toBeGreaterThanOrEqual(149);
    expect(llmLatencyMs.max).toBeGreaterThanOrEqual(399);
    expect(llmLatencyMs.max).toBeLessThanOrEqual(tookMs);
    expect(llmLatencyMs.max - llmTimeToFirstTokenMs.max).toBeGreaterThan(50);
  });

  test('takes the first piece of a tool call for the first token, not the whole call', async () => {
    sandbox.configure({ firstTokenMs: 10, completeMs: 400 });
    const collector = new MetricsCollector();
    const llm = create({ baseUrl: sandbox.openaiUrl });
    const request = { ...ask('What is the weather in Paris?'), tools };
    await collect(llm.respond(request, { metrics: collector }));
    const { llmTimeToFirstTokenMs, llmLatencyMs } = collector.metrics;
    // The call is whole half-way between the two.
    expect(llmLatencyMs.max - llmTimeToFirstTokenMs.max).toBeGreaterThan(250);
  });

  test('takes a round of tools', async () => {
    const collector = new MetricsCollector();
    const llm = create({ baseUrl: sandbox.openaiUrl });
    const messages: Message[] = [{ role: 'user', text: 'What is the weather in Paris?' }];
    const request = { instructions: '', messages, tools };
    const first = await collect(llm.respond(request, { metrics: collector }));
    const calls = toolCallsOf(first);
    expect(calls).toMatchObject([{ name: 'get_weather', arguments: { city: 'Paris' } }]);
    expect(first.at(-1)).toEqual({ type: 'end', reason: 'tool-calls' });
    messages.push(...roundOf(calls, '21 degrees'));
    const second = await collect(llm.respond(request, { metrics: collector }));
    expect(said(second)).toBe('Here is the answer for Paris: 21 degrees.');
    const { counts, problems } = sandbox.truth();
    expect(problems).toEqual([]);
    expect(counts).toMatchObject({ 'llm.tool_calls': 1, 'llm.errors': 0 });
    expect(collector.metrics.llmTimeToFirstTokenMs.count).toBe(2);
    expect(collector.metrics.llmInputTokens.total).toBe(counts['llm.tokens.input']);
  });

  test.each(['One moment.', ''])('takes several calls of one answer, after %j', async (text) => {
    await using scripted = await startSandbox({
      delays: { firstTokenMs: 5, completeMs: 10 },
      reply: ({ contents }) =>
        contents.length > 1
          ? { text: 'Done.' }
          : {
              text,
              toolCalls: [
                { name: 'get_weather', args: { city: 'Paris' } },
                { name: 'get_weather', args: { city: 'Rome' } },
              ],
            },
    });
    const llm = create({ baseUrl: scripted.openaiUrl });
    const messages: Message[] = [{ role: 'user', text: 'Compare' }];
    const request = { instructions: '', messages, tools };
    const calls = toolCallsOf(await collect(llm.respond(request)));
    expect(calls.map((call) => call.arguments)).toEqual([{ city: 'Paris' }, { city: 'Rome' }]);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
    messages.push(...roundOf(calls, 'ok', text));
    expect(said(await collect(llm.respond(request)))).toBe('Done.');
    expect(scripted.truth().problems).toEqual([]);
  });

  test.each([
    ['refusal', 'content-filter'],
    ['max-tokens', 'length'],
    ['content-filter', 'content-filter'],
  ] as const)('ends an answer of %s with the reason %s', async (fault, reason) => {
    sandbox.inject({ provider: 'openai', fault, times: 1 });
    const collector = new MetricsCollector();
    const llm = create({ baseUrl: sandbox.openaiUrl });
    const answer = await collect(llm.respond(ask('Something bad'), { metrics: collector }));
    expect(answer.at(-1)).toEqual({ type: 'end', reason });
    expect(said(answer)).toMatch(fault === 'refusal' ? /can't help/ : /^You said/);
    const { llmErrors, llmInputTokens } = collector.metrics;
    expect(llmErrors.total).toBe(0);
    expect(llmInputTokens.total).toBe(sandbox.truth().counts['llm.tokens.input']);
  });

  test('goes on when something new comes', async () => {
    sandbox.inject({ provider: 'openai', fault: 'unknown-type', times: 1, after: 1 });
    const llm = create({ baseUrl: sandbox.openaiUrl });
    expect(said(await collect(llm.respond(ask('Hi'))))).toBe('Hello! How can I help you today?');
  });
});

test('LLM gives a thought that led to a call back, encrypted, and has nothing stored', async () => {
  await using server = await startScriptedServer(answerWith(completed));
  const thought = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'c2VjcmV0' };
  const item = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'a', arguments: '{}' };
  const toolCall = {
    id: 'call_1',
    name: 'a',
    arguments: {},
    providerData: { beforeText: [], items: [thought, item] },
  };
  const llm = new LLM({ apiKey: 'k', baseUrl: server.url });
  await collect(
    llm.respond({
      instructions: '',
      messages: [{ role: 'user', text: 'Go' }, ...roundOf([toolCall], 'ok')],
    }),
  );
  expect(server.exchanges[0]?.body).toEqual({
    model: 'gpt-5.4-mini',
    stream: true,
    store: false,
    include: ['reasoning.encrypted_content'],
    input: [
      { role: 'user', content: 'Go' },
      thought,
      item,
      { type: 'function_call_output', call_id: 'call_1', output: 'ok' },
    ],
  });
});

test('LLM sends the key, and the settings that were given', async () => {
  await using server = await startScriptedServer(answerWith(textDelta('Yes'), completed));
  const llm = new LLM({
    apiKey: 'key-1',
    baseUrl: `${server.url}/prefix/`,
    model: 'gpt-4.1',
    temperature: 0.3,
    maxOutputTokens: 100,
  });
  await collect(llm.respond({ ...ask('Hi'), tools }));
  const [exchange] = server.exchanges;
  expect(exchange?.url).toBe('/prefix/responses');
  expect(exchange?.headers).toMatchObject({
    authorization: 'Bearer key-1',
    'x-stainless-retry-count': '0',
  });
  expect(exchange?.body).toEqual({
    model: 'gpt-4.1',
    stream: true,
    store: false,
    input: [{ role: 'user', content: 'Hi' }],
    instructions: 'Be brief.',
    temperature: 0.3,
    max_output_tokens: 100,
    tools: [
      {
        type: 'function',
        name: 'get_weather',
        description: 'The weather in a city.',
        parameters: tools[0]?.inputSchema,
        strict: false,
      },
    ],
  });
});

test('ChatCompletionsLLM asks for the usage, and sends the settings that were given', async () => {
  await using server = await startScriptedServer(
    answerWith(delta({ content: 'Yes' }), delta({}, 'stop'), usageChunk),
  );
  const llm = new ChatCompletionsLLM({
    baseUrl: `${server.url}/v1`,
    model: 'llama',
    temperature: 0,
    maxOutputTokens: 100,
    reasoningEffort: 'low',
  });
  await collect(llm.respond({ ...ask('Hi'), tools }));
  const [exchange] = server.exchanges;
  expect(exchange?.url).toBe('/v1/chat/completions');
  expect(exchange?.body).toEqual({
    model: 'llama',
    stream: true,
    stream_options: { include_usage: true },
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
    ],
    temperature: 0,
    max_tokens: 100,
    reasoning_effort: 'low',
    tools: [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          description: 'The weather in a city.',
          parameters: tools[0]?.inputSchema,
        },
      },
    ],
  });
});
