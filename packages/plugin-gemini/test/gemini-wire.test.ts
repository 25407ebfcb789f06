import type { Message, ToolCall } from '@vision-agents/core';
import { ProviderError } from '@vision-agents/core';
import { expect, test } from 'vitest';

import { resolveLLMOptions } from '../src/gemini-options.ts';
import { encodeMessages, encodeRequest, endReasonOf, parseChunk } from '../src/gemini-wire.ts';

const { signal } = new AbortController();

function assistant(text: string, toolCalls: ToolCall[] = [], interrupted = false): Message {
  return { role: 'assistant', text, toolCalls, interrupted };
}

function onlyCall(part: object): ToolCall {
  const [event] = parseChunk({ candidates: [{ content: { parts: [part] } }] }).events;
  if (event?.type !== 'tool-call') throw new Error('no tool call');
  return event.call;
}

test('maps a conversation to turns of user and model', () => {
  expect(
    encodeMessages([
      { role: 'user', text: 'Hi' },
      assistant('Hello!'),
      { role: 'user', text: 'One thing' },
      { role: 'user', text: 'and another' },
    ]),
  ).toEqual([
    { role: 'user', parts: [{ text: 'Hi' }] },
    { role: 'model', parts: [{ text: 'Hello!' }] },
    { role: 'user', parts: [{ text: 'One thing' }] },
    { role: 'user', parts: [{ text: 'and another' }] },
  ]);
});

test('puts a user turn before a greeting', () => {
  const contents = encodeMessages([assistant('Welcome!'), { role: 'user', text: 'Hi' }]);
  expect(contents.map(({ role }) => role)).toEqual(['user', 'model', 'user']);
});

test('leaves out an answer of which nothing was heard', () => {
  const contents = encodeMessages([
    assistant('', [], true),
    { role: 'user', text: 'Hi' },
    assistant('', [], true),
    { role: 'user', text: 'Well?' },
  ]);
  expect(contents).toEqual([
    { role: 'user', parts: [{ text: 'Hi' }] },
    { role: 'user', parts: [{ text: 'Well?' }] },
  ]);
});

test('puts several tool calls back as they came, and their results under the same ids', () => {
  const first = {
    functionCall: { id: 'fc_1', name: 'a', args: { x: 1 } },
    thoughtSignature: 'c2ln',
  };
  const second = { functionCall: { id: 'fc_2', name: 'b', args: {} } };
  const contents = encodeMessages([
    { role: 'user', text: 'Go' },
    assistant('One moment.', [onlyCall(first), onlyCall(second)]),
    {
      role: 'tool',
      results: [
        { callId: 'fc_1', name: 'a', output: 'sunny', success: true },
        { callId: 'fc_2', name: 'b', output: 'broken', success: false },
      ],
    },
  ]);
  expect(contents.slice(1)).toEqual([
    { role: 'model', parts: [{ text: 'One moment.' }, first, second] },
    {
      role: 'user',
      parts: [
        { functionResponse: { id: 'fc_1', name: 'a', response: { output: 'sunny' } } },
        { functionResponse: { id: 'fc_2', name: 'b', response: { error: 'broken' } } },
      ],
    },
  ]);
});

test('makes up ids where the service sends none and keeps them to itself', () => {
  const part = { functionCall: { name: 'a' } };
  const calls = [onlyCall(part), onlyCall(part)];
  const [one, two] = calls;
  expect(one?.id).not.toBe('');
  expect(one?.id).not.toBe(two?.id);
  const contents = encodeMessages([
    { role: 'user', text: 'Go' },
    assistant('', calls),
    { role: 'tool', results: [{ callId: one?.id ?? '', name: 'a', output: '1', success: true }] },
  ]);
  expect(contents[1]?.parts).toEqual([part, part]);
  expect(contents[2]?.parts).toEqual([
    { functionResponse: { name: 'a', response: { output: '1' } } },
  ]);
});

test("rebuilds another provider's tool call", () => {
  const call = { id: 'call_9', name: 'a', arguments: { x: 1 }, providerData: { item: 'theirs' } };
  const contents = encodeMessages([
    { role: 'user', text: 'Go' },
    assistant('', [call]),
    { role: 'tool', results: [{ callId: 'call_9', name: 'a', output: '1', success: true }] },
  ]);
  expect(contents.slice(1)).toEqual([
    { role: 'model', parts: [{ functionCall: { id: 'call_9', name: 'a', args: { x: 1 } } }] },
    {
      role: 'user',
      parts: [{ functionResponse: { id: 'call_9', name: 'a', response: { output: '1' } } }],
    },
  ]);
});

test('sends only the settings that were given', () => {
  const messages: Message[] = [{ role: 'user', text: 'Hi' }];
  const bare = resolveLLMOptions({ apiKey: 'k' });
  expect(encodeRequest({ instructions: '', messages }, bare, signal).config).toEqual({
    abortSignal: signal,
    automaticContinuation: false,
  });
  const full = resolveLLMOptions({
    apiKey: 'k',
    temperature: 0,
    maxOutputTokens: 50,
    thinkingBudgetTokens: 0,
  });
  const inputSchema = { type: 'object', properties: { city: { type: 'string' } } };
  const tools = [{ name: 'a', description: 'Does a.', inputSchema }];
  expect(
    encodeRequest({ instructions: 'Be brief.', messages, tools }, full, signal).config,
  ).toEqual({
    abortSignal: signal,
    automaticContinuation: false,
    systemInstruction: 'Be brief.',
    temperature: 0,
    maxOutputTokens: 50,
    thinkingConfig: { thinkingBudget: 0 },
    tools: [
      {
        functionDeclarations: [
          { name: 'a', description: 'Does a.', parametersJsonSchema: inputSchema },
        ],
      },
    ],
  });
});

test('reports usage first, and thoughts never', () => {
  const chunk = parseChunk({
    candidates: [
      {
        content: { parts: [{ text: 'Hmm.', thought: true }, { text: 'Yes' }, { text: '' }] },
        finishReason: 'STOP',
      },
    ],
    usageMetadata: {
      promptTokenCount: 25,
      toolUsePromptTokenCount: 5,
      candidatesTokenCount: 3,
      thoughtsTokenCount: 40,
      cachedContentTokenCount: 10,
    },
  });
  expect(chunk).toEqual({
    events: [
      {
        type: 'usage',
        usage: { inputTokens: 30, outputTokens: 43, cachedInputTokens: 10, reasoningTokens: 40 },
      },
      { type: 'text', text: 'Yes' },
    ],
    finishReason: 'STOP',
  });
});

test.each([
  {},
  { candidates: [] },
  { candidates: null, usageMetadata: null, promptFeedback: null },
  { candidates: [{ content: { role: 'model' } }] },
  { candidates: [{ content: { parts: [{ inlineData: {} }, { novelty: 1 }] } }], novelty: [] },
])('lets pass what says nothing (%j)', (chunk) => {
  expect(parseChunk(chunk)).toEqual({ events: [], finishReason: undefined });
});

test.each([
  'text',
  7,
  [],
  { candidates: {} },
  { candidates: ['a'] },
  { candidates: [{ content: 'a' }] },
  { candidates: [{ content: { parts: {} } }] },
  { candidates: [{ content: { parts: ['a'] } }] },
  { candidates: [{ content: { parts: [{ text: 7 }] } }] },
  { candidates: [{ content: { parts: [{ functionCall: 'a' }] } }] },
  { candidates: [{ content: { parts: [{ functionCall: { args: {} } }] } }] },
  { candidates: [{ content: { parts: [{ functionCall: { name: 'a', args: 'b' } }] } }] },
  { candidates: [{ finishReason: 7 }] },
  { usageMetadata: 'many' },
  { usageMetadata: { promptTokenCount: '12' } },
  { usageMetadata: { candidatesTokenCount: -1 } },
  { promptFeedback: { blockReason: {} } },
])('refuses odd types as a protocol error (%j)', (chunk) => {
  expect(() => parseChunk(chunk)).toThrow(
    expect.objectContaining({ type: 'protocol', providerCode: 'malformed_answer' }),
  );
});

test('takes a blocked prompt for the end of the answer', () => {
  const { finishReason = '' } = parseChunk({ promptFeedback: { blockReason: 'SAFETY' } });
  expect(endReasonOf(finishReason, false)).toBe('content-filter');
});

test.each([
  ['STOP', false, 'stop'],
  ['STOP', true, 'tool-calls'],
  ['MAX_TOKENS', false, 'length'],
  ['SAFETY', false, 'content-filter'],
  ['PROHIBITED_CONTENT', false, 'content-filter'],
  ['CONTINUATION', false, 'other'],
  ['SOMETHING_NEW', false, 'other'],
])('maps the finish reason %s (tool calls: %s) to %s', (finishReason, hasToolCalls, reason) => {
  expect(endReasonOf(finishReason, hasToolCalls)).toBe(reason);
});

test.each([
  'MALFORMED_FUNCTION_CALL',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
  'MALFORMED_RESPONSE',
])('throws for the finish reason %s', (finishReason) => {
  expect(() => endReasonOf(finishReason, false)).toThrow(ProviderError);
  expect(() => endReasonOf(finishReason, false)).toThrow(
    expect.objectContaining({ type: 'protocol', providerCode: finishReason }),
  );
});
