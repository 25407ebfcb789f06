import type { LLMEvent, Message } from '@vision-agents/core';
import { expect, test } from 'vitest';

import { CompletionReader, encodeCompletionRequest } from '../src/openai-chat-completions-wire.ts';
import { resolveChatCompletionsLLMOptions } from '../src/openai-options.ts';
import { delta, usageChunk } from './scripted-server.ts';
import { assistant, toolCallsOf } from './tools.ts';

const settings = resolveChatCompletionsLLMOptions({
  baseUrl: 'http://127.0.0.1:1',
  model: 'llama',
});

function read(chunks: readonly unknown[]): LLMEvent[] {
  const reader = new CompletionReader('vllm');
  const events = chunks.flatMap((chunk) => [...reader.read(chunk)]);
  const { endReason } = reader;
  return endReason === undefined ? events : [...events, { type: 'end', reason: endReason }];
}

function calls(...pieces: object[]): object {
  return delta({ tool_calls: pieces });
}

test('maps a conversation to messages', () => {
  const messages: Message[] = [
    assistant('Welcome!'),
    { role: 'user', text: 'Hi' },
    { role: 'assistant', text: '', toolCalls: [], interrupted: true },
    { role: 'user', text: 'Well?' },
    assistant('', [
      { id: 'call_1', name: 'a', arguments: { x: 1 } },
      { id: 'call_2', name: 'b', arguments: '{"x":' },
    ]),
    {
      role: 'tool',
      results: [
        { callId: 'call_1', name: 'a', output: 'sunny', success: true },
        { callId: 'call_2', name: 'b', output: 'broken', success: false },
      ],
    },
  ];
  const request = encodeCompletionRequest({ instructions: 'Be brief.', messages }, settings);
  expect(request.messages).toEqual([
    { role: 'system', content: 'Be brief.' },
    { role: 'assistant', content: 'Welcome!' },
    { role: 'user', content: 'Hi' },
    { role: 'user', content: 'Well?' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        { id: 'call_1', type: 'function', function: { name: 'a', arguments: '{"x":1}' } },
        { id: 'call_2', type: 'function', function: { name: 'b', arguments: '{"x":' } },
      ],
    },
    { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
    { role: 'tool', tool_call_id: 'call_2', content: '{"error":"broken"}' },
  ]);
});

test('limits an answer by the name that the server knows', () => {
  const asked = { instructions: '', messages: [{ role: 'user' as const, text: 'Hi' }] };
  const elsewhere = { ...settings, maxOutputTokens: 50 };
  expect(encodeCompletionRequest(asked, elsewhere)).toMatchObject({ max_tokens: 50 });
  const openAI = resolveChatCompletionsLLMOptions({ apiKey: 'k', maxOutputTokens: 50 });
  expect(encodeCompletionRequest(asked, openAI)).toMatchObject({ max_completion_tokens: 50 });
});

test('puts the pieces of several calls together by their index, however they mix', () => {
  const events = read([
    delta({ role: 'assistant', content: null }),
    calls({ index: 0, id: 'call_1', type: 'function', function: { name: 'a', arguments: '' } }),
    calls({ index: 1, id: 'call_2', type: 'function', function: { name: 'b', arguments: '{"y' } }),
    calls(
      { index: 0, function: { arguments: '{"x":' } },
      { index: 1, function: { arguments: '":2}' } },
    ),
    calls({ index: 0, function: { arguments: '1}' } }),
    delta({}, 'tool_calls'),
    usageChunk,
  ]);
  expect(toolCallsOf(events)).toEqual([
    { id: 'call_1', name: 'a', arguments: { x: 1 } },
    { id: 'call_2', name: 'b', arguments: { y: 2 } },
  ]);
  expect(events.map(({ type }) => type)).toEqual([
    ...Array.from({ length: 5 }, () => 'progress'),
    'tool-call',
    'tool-call',
    'usage',
    'end',
  ]);
  expect(events.at(-1)).toEqual({ type: 'end', reason: 'tool-calls' });
});

test('tells calls apart by their ids where all have the same index', () => {
  const events = read([
    calls({ index: 0, id: 'call_1', function: { name: 'a', arguments: '{"x":1}' } }),
    calls({ index: 0, id: 'call_2', function: { name: 'a', arguments: '{"x":2}' } }),
    delta({}, 'stop'),
  ]);
  expect(toolCallsOf(events).map((call) => call.arguments)).toEqual([{ x: 1 }, { x: 2 }]);
  expect(events.at(-1)).toEqual({ type: 'end', reason: 'tool-calls' });
});

test('makes up ids where the server sends none', () => {
  const events = read([
    calls({ index: 0, function: { name: 'a' } }),
    calls({ index: 1, function: { name: 'a', arguments: '' } }),
    delta({}, 'tool_calls'),
  ]);
  const [one, two] = toolCallsOf(events);
  expect(one).toMatchObject({ name: 'a', arguments: {} });
  expect(one?.id).not.toBe('');
  expect(one?.id).not.toBe(two?.id);
});

test('has no use for a call that was cut off', () => {
  const events = read([
    calls({ index: 0, id: 'call_1', function: { name: 'a', arguments: '{"x' } }),
    delta({}, 'length'),
  ]);
  expect(toolCallsOf(events)).toEqual([]);
  expect(events.at(-1)).toEqual({ type: 'end', reason: 'length' });
});

test('is complete with the usage, which follows the end', () => {
  const reader = new CompletionReader('vllm');
  const states = [
    { ...delta({ content: 'Yes' }), usage: { prompt_tokens: 1 } },
    { ...delta({}, 'stop'), usage: { prompt_tokens: 1 } },
    usageChunk,
  ].map((chunk) => [[...reader.read(chunk)].length, reader.isComplete]);
  expect(states).toEqual([
    [2, false],
    [1, false],
    [1, true],
  ]);
});

test('reports cached and reasoning tokens where there are any', () => {
  const usage = {
    prompt_tokens: 30,
    completion_tokens: 22,
    prompt_tokens_details: { cached_tokens: 16 },
    completion_tokens_details: { reasoning_tokens: 10 },
  };
  expect(read([{ choices: [], usage }])).toEqual([
    {
      type: 'usage',
      usage: { inputTokens: 30, outputTokens: 22, cachedInputTokens: 16, reasoningTokens: 10 },
    },
  ]);
  expect(read([usageChunk])).toEqual([
    { type: 'usage', usage: { inputTokens: 10, outputTokens: 5 } },
  ]);
});

test.each([
  ['stop', 'stop'],
  ['tool_calls', 'stop'],
  ['length', 'length'],
  ['content_filter', 'content-filter'],
  ['something_new', 'other'],
])('maps the finish reason %s of a text to %s', (finishReason, reason) => {
  expect(read([delta({ content: 'Yes' }), delta({}, finishReason)]).at(-1)).toEqual({
    type: 'end',
    reason,
  });
});

test.each([
  {},
  { choices: null, usage: null },
  { choices: [] },
  delta({}),
  delta({ content: null, refusal: null, tool_calls: null }),
  delta({ content: '', novelty: 1 }, ''),
])('lets pass what says nothing (%j)', (chunk) => {
  expect(read([chunk])).toEqual([]);
});

test.each([
  'text',
  7,
  [],
  { choices: {} },
  { choices: ['a'] },
  { choices: [{ delta: 'a' }] },
  { choices: [{ finish_reason: 7 }] },
  delta({ content: 7 }),
  delta({ refusal: {} }),
  delta({ tool_calls: {} }),
  calls({ index: '0' }),
  calls({ index: 0, id: 7 }),
  calls({ index: 0, function: 'a' }),
  calls({ index: 0, function: { name: 7 } }),
  calls({ index: 0, function: { arguments: {} } }),
  { usage: 'many' },
  { usage: { prompt_tokens: '12' } },
  { usage: { completion_tokens: -1 } },
  { usage: { prompt_tokens_details: 'none' } },
])('refuses odd types as a protocol error (%j)', (chunk) => {
  expect(() => read([chunk])).toThrow(
    expect.objectContaining({
      provider: 'vllm',
      type: 'protocol',
      providerCode: 'malformed_answer',
    }),
  );
});

test('refuses a call without a name', () => {
  expect(() => read([calls({ index: 0, id: 'call_1' }), delta({}, 'tool_calls')])).toThrow(
    expect.objectContaining({ type: 'protocol', providerCode: 'malformed_answer' }),
  );
});
