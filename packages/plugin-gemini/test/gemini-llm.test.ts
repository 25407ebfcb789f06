import type { LLMEvent, LLMRequest, Message, ToolCall } from '@vision-agents/core';
import { MetricsCollector } from '@vision-agents/core';
import type { Sandbox } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { LLM } from '../src/index.ts';
import { ask, collect, said } from './collect.ts';
import { events, lastChunk, startScriptedServer } from './scripted-server.ts';

const tools = [
  {
    name: 'get_weather',
    description: 'The weather in a city.',
    inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
];

let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await startSandbox({ delays: { firstTokenMs: 20, completeMs: 60 } });
});

afterEach(() => sandbox.close());

function llm(): LLM {
  return new LLM({ apiKey: 'sandbox', baseUrl: sandbox.geminiUrl });
}

function toolCalls(answer: readonly LLMEvent[]): ToolCall[] {
  return answer.flatMap((event) => (event.type === 'tool-call' ? [event.call] : []));
}

test('streams an answer in several pieces and ends it', async () => {
  const answer = await collect(llm().respond(ask('Tell me about whales')));
  expect(answer.filter(({ type }) => type === 'text').length).toBeGreaterThan(1);
  expect(said(answer)).toBe('You said: Tell me about whales. What else can I do for you?');
  expect(answer.at(-1)).toEqual({ type: 'end', reason: 'stop' });
});

test("counts what the sandbox knows, over several requests of one call's collector", async () => {
  const collector = new MetricsCollector();
  const model = llm();
  for (const text of ['Hello', 'Tell me about whales', 'And about krill']) {
    await collect(model.respond(ask(text), { metrics: collector }));
  }
  const { metrics } = collector;
  const { counts, problems } = sandbox.truth();
  expect(problems).toEqual([]);
  expect(counts['llm.requests']).toBe(3);
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
  const { metrics } = await measured(ask('Tell me about whales'));
  const firstTokenMs = metrics.llmTimeToFirstTokenMs.max;
  const latencyMs = metrics.llmLatencyMs.max;
  expect(firstTokenMs).toBeGreaterThanOrEqual(149);
  expect(latencyMs).toBeGreaterThanOrEqual(399);
  expect(latencyMs - firstTokenMs).toBeGreaterThan(50);
});

async function measured(request: LLMRequest): Promise<MetricsCollector> {
  const collector = new MetricsCollector();
  const model = llm();
  const startedAtMs = performance.now();
  let firstTextAtMs = Number.POSITIVE_INFINITY;
  for await (const event of model.respond(request, { metrics: collector })) {
    if (event.type === 'text') firstTextAtMs = Math.min(firstTextAtMs, performance.now());
  }
  const { llmLatencyMs, llmTimeToFirstTokenMs } = collector.metrics;
  expect(llmTimeToFirstTokenMs.max).toBeLessThanOrEqual(firstTextAtMs - startedAtMs);
  expect(llmLatencyMs.max).toBeLessThanOrEqual(performance.now() - startedAtMs);
  return collector;
}

test('takes a tool call round, with its thought signature', async () => {
  const model = llm();
  const collector = new MetricsCollector();
  const messages: Message[] = [{ role: 'user', text: 'What is the weather in Paris?' }];
  const first = await collect(
    model.respond({ instructions: '', messages, tools }, { metrics: collector }),
  );
  const calls = toolCalls(first);
  expect(calls).toMatchObject([{ name: 'get_weather', arguments: { city: 'Paris' } }]);
  expect(first.at(-1)).toEqual({ type: 'end', reason: 'tool-calls' });
  messages.push(
    { role: 'assistant', text: '', toolCalls: calls, interrupted: false },
    {
      role: 'tool',
      results: calls.map(({ id, name }) => ({
        callId: id,
        name,
        output: '21 degrees',
        success: true,
      })),
    },
  );
  const second = await collect(
    model.respond({ instructions: '', messages, tools }, { metrics: collector }),
  );
  expect(said(second)).toBe('Here is the answer for Paris: 21 degrees.');
  expect(sandbox.truth().counts).toMatchObject({ 'llm.tool_calls': 1, 'llm.errors': 0 });
  expect(sandbox.truth().problems).toEqual([]);
  expect(collector.metrics.llmTimeToFirstTokenMs.count).toBe(2);
  expect(collector.metrics.llmInputTokens.total).toBe(sandbox.truth().counts['llm.tokens.input']);
});

test('takes several tool calls of one answer', async () => {
  await using scripted = await startSandbox({
    delays: { firstTokenMs: 5, completeMs: 10 },
    reply: ({ contents }) =>
      contents.length > 1
        ? { text: 'Done.' }
        : {
            text: 'One moment.',
            toolCalls: [
              { name: 'get_weather', args: { city: 'Paris' } },
              { name: 'get_weather', args: { city: 'Rome' } },
            ],
          },
  });
  const model = new LLM({ apiKey: 'sandbox', baseUrl: scripted.geminiUrl });
  const messages: Message[] = [{ role: 'user', text: 'Compare' }];
  const calls = toolCalls(await collect(model.respond({ instructions: '', messages, tools })));
  expect(calls.map((call) => call.arguments)).toEqual([{ city: 'Paris' }, { city: 'Rome' }]);
  expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
  messages.push(
    { role: 'assistant', text: 'One moment.', toolCalls: calls, interrupted: false },
    {
      role: 'tool',
      results: calls.map(({ id, name }) => ({ callId: id, name, output: 'ok', success: true })),
    },
  );
  expect(said(await collect(model.respond({ instructions: '', messages, tools })))).toBe('Done.');
  expect(scripted.truth().problems).toEqual([]);
});

test('sends the key as a header, to the version and model asked for, with the settings given', async () => {
  await using server = await startScriptedServer(({ response }) => response.end(events(lastChunk)));
  const model = new LLM({
    apiKey: 'key-1',
    baseUrl: `${server.url}/prefix`,
    model: 'gemini-x',
    apiVersion: 'v1alpha',
    temperature: 0.3,
    maxOutputTokens: 100,
    thinkingBudgetTokens: 0,
  });
  await collect(model.respond({ ...ask('Hi'), tools }));
  const [exchange] = server.exchanges;
  expect(exchange?.url).toBe('/prefix/v1alpha/models/gemini-x:streamGenerateContent?alt=sse');
  expect(exchange?.headers).toMatchObject({ 'x-goog-api-key': 'key-1' });
  expect(exchange?.body).toEqual({
    contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
    systemInstruction: { role: 'user', parts: [{ text: 'Be brief.' }] },
    generationConfig: {
      temperature: 0.3,
      maxOutputTokens: 100,
      thinkingConfig: { thinkingBudget: 0 },
    },
    tools: [
      {
        functionDeclarations: [
          {
            name: 'get_weather',
            description: 'The weather in a city.',
            parametersJsonSchema: tools[0]?.inputSchema,
          },
        ],
      },
    ],
  });
});
