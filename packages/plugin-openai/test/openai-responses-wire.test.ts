import type { LLMEvent, Message } from '@vision-agents/core';
import { ProviderError } from '@vision-agents/core';
import { expect, test } from 'vitest';

import { resolveLLMOptions } from '../src/openai-options.ts';
import { encodeRequest, ResponseReader } from '../src/openai-responses-wire.ts';
import { assistant, roundOf, toolCallsOf } from './tools.ts';

const thought = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'c2VjcmV0' };
const otherThought = { ...thought, id: 'rs_2' };
const message = { type: 'message', id: 'msg_1', role: 'assistant', content: [] };

function callItem(id: string, name: string, args = '{"x":1}'): object {
  return { type: 'function_call', id: `fc_${id}`, call_id: id, name, arguments: args };
}

function done(item: object): object {
  return { type: 'response.output_item.done', item };
}

function read(chunks: readonly unknown[], isStored = false): LLMEvent[] {
  const reader = new ResponseReader(isStored);
  const events = chunks.flatMap((chunk) => [...reader.read(chunk)]);
  const { endReason } = reader;
  return endReason === undefined ? events : [...events, { type: 'end', reason: endReason }];
}

function inputOf(messages: readonly Message[]): unknown {
  const settings = resolveLLMOptions({ apiKey: 'k' });
  return encodeRequest({ instructions: '', messages }, settings).input;
}

/** The input of the round that follows an answer of these items. */
function nextInput(items: readonly object[], text = '', isStored = false): unknown {
  const calls = toolCallsOf(read(items.map(done), isStored));
  return inputOf(roundOf(calls, 'ok', text));
}

function output(call_id: string, text = 'ok'): object {
  return { type: 'function_call_output', call_id, output: text };
}

test('maps a conversation to items', () => {
  expect(
    inputOf([
      assistant('Welcome!'),
      { role: 'user', text: 'Hi' },
      { role: 'assistant', text: '', toolCalls: [], interrupted: true },
      { role: 'user', text: 'Well?', participantId: 'anna' },
    ]),
  ).toEqual([
    { role: 'assistant', content: 'Welcome!' },
    { role: 'user', content: 'Hi' },
    { role: 'user', content: 'Well?' },
  ]);
});

test('puts calls back as they came, with the thought before them, and their outputs', () => {
  const [first, second] = [callItem('call_1', 'a'), callItem('call_2', 'b')];
  expect(nextInput([thought, first, second])).toEqual([
    thought,
    first,
    second,
    output('call_1'),
    output('call_2'),
  ]);
});

test('keeps each thought before what it led to: a message or a call', () => {
  const call = callItem('call_1', 'a');
  const said = { role: 'assistant', content: 'One moment.' };
  expect(nextInput([thought, message, call], 'One moment.')).toEqual([
    thought,
    said,
    call,
    output('call_1'),
  ]);
  expect(nextInput([message, thought, call], 'One moment.')).toEqual([
    said,
    thought,
    call,
    output('call_1'),
  ]);
  expect(nextInput([thought, message, otherThought, call], 'One moment.')).toEqual([
    thought,
    said,
    otherThought,
    call,
    output('call_1'),
  ]);
});

test('leaves out a thought that OpenAI would have to look for, unless it keeps it', () => {
  const call = callItem('call_1', 'a');
  const { encrypted_content: _, ...bare } = thought;
  expect(nextInput([bare, call])).toEqual([call, output('call_1')]);
  expect(nextInput([bare, call], '', true)).toEqual([bare, call, output('call_1')]);
});

test("rebuilds another provider's call, and says when a tool failed", () => {
  const call = { id: 'x', name: 'a', arguments: { x: 1 }, providerData: { functionCall: {} } };
  expect(
    inputOf([
      assistant('', [call]),
      { role: 'tool', results: [{ callId: 'x', name: 'a', output: 'broken', success: false }] },
    ]),
  ).toEqual([
    { type: 'function_call', call_id: 'x', name: 'a', arguments: '{"x":1}' },
    output('x', '{"error":"broken"}'),
  ]);
});

test.each([
  ['gpt-5.4-mini', {}, true],
  ['o4-mini', {}, true],
  ['gpt-4.1', {}, false],
  ['ft:gpt-4o-mini:acme', {}, false],
  ['chatgpt-4o-latest', {}, false],
  ['gpt-5.3-chat-latest', {}, false],
  ['gpt-5.3-chat-latest', { reasoningEffort: 'low' }, true],
  ['gpt-5.4-mini', { store: true }, false],
] as const)('asks %s with %j for encrypted reasoning: %s', (model, options, isAsked) => {
  const settings = resolveLLMOptions({ apiKey: 'k', model, ...options });
  const { include } = encodeRequest(
    { instructions: '', messages: [{ role: 'user', text: 'Hi' }] },
    settings,
  );
  expect(include).toEqual(isAsked ? ['reasoning.encrypted_content'] : undefined);
});

test('sends only the settings that were given', () => {
  const messages: Message[] = [{ role: 'user', text: 'Hi' }];
  const bare = resolveLLMOptions({ apiKey: 'k', model: 'gpt-4.1' });
  expect(encodeRequest({ instructions: '', messages }, bare)).toEqual({
    model: 'gpt-4.1',
    stream: true,
    store: false,
    input: [{ role: 'user', content: 'Hi' }],
  });
  const full = resolveLLMOptions({ apiKey: 'k', reasoningEffort: 'none', store: true });
  expect(encodeRequest({ instructions: 'Be brief.', messages }, full)).toMatchObject({
    store: true,
    instructions: 'Be brief.',
    reasoning: { effort: 'none' },
  });
});

test('reports usage before the end, and tells of thoughts without repeating them', () => {
  const usage = {
    input_tokens: 30,
    input_tokens_details: { cached_tokens: 16 },
    output_tokens: 22,
    output_tokens_details: { reasoning_tokens: 10 },
  };
  expect(
    read([
      { type: 'response.created', response: { status: 'in_progress', usage: null } },
      { type: 'response.reasoning_summary_text.delta', delta: 'Hm.' },
      { type: 'response.output_text.delta', delta: '' },
      { type: 'response.output_text.delta', delta: 'Yes' },
      { type: 'response.completed', response: { status: 'completed', usage } },
    ]),
  ).toEqual([
    { type: 'progress', of: 'reasoning' },
    { type: 'text', text: 'Yes' },
    {
      type: 'usage',
      usage: { inputTokens: 30, outputTokens: 22, cachedInputTokens: 16, reasoningTokens: 10 },
    },
    { type: 'end', reason: 'stop' },
  ]);
});

test('tells the first sign of a call, and the call when it is whole', () => {
  const item = callItem('call_1', 'a');
  const events = read([
    { type: 'response.output_item.added', item: { ...item, arguments: '' } },
    { type: 'response.function_call_arguments.delta', delta: '{"x"' },
    done(item),
  ]);
  expect(events.map(({ type }) => type)).toEqual(['progress', 'progress', 'tool-call']);
  expect(toolCallsOf(events)).toMatchObject([{ id: 'call_1', name: 'a', arguments: { x: 1 } }]);
});

test('leaves arguments that are no JSON to the model to mend', () => {
  const item = callItem('call_1', 'a', '{"x":');
  const calls = toolCallsOf(read([done(item)]));
  expect(calls).toMatchObject([{ arguments: '{"x":' }]);
  expect(inputOf([assistant('', calls)])).toEqual([item]);
});

test('has no use for a call that was cut off', () => {
  const cut = { ...callItem('call_1', 'a', '{"x'), status: 'incomplete' };
  const response = {
    status: 'incomplete',
    incomplete_details: { reason: 'max_output_tokens' },
  };
  expect(read([done(cut), { type: 'response.incomplete', response }])).toEqual([
    { type: 'end', reason: 'length' },
  ]);
});

test.each([
  ['max_output_tokens', 'length'],
  ['content_filter', 'content-filter'],
  ['something_new', 'other'],
  [undefined, 'other'],
])('maps what makes an answer incomplete, %s, to %s', (reason, wanted) => {
  const response = { status: 'incomplete', incomplete_details: { reason } };
  expect(read([{ type: 'response.incomplete', response }])).toEqual([
    { type: 'end', reason: wanted },
  ]);
});

test.each([
  {},
  { type: 'response.novelty', delta: 7 },
  { type: 'response.output_item.done', item: { type: 'novelty' } },
  { type: 'response.output_item.added', item: null },
  { type: 'response.output_text.delta' },
])('lets pass what says nothing (%j)', (chunk) => {
  expect(read([chunk])).toEqual([]);
});

test.each([
  'text',
  7,
  [],
  { type: 7 },
  { type: 'response.output_text.delta', delta: 7 },
  { type: 'response.refusal.delta', delta: {} },
  { type: 'response.output_item.done', item: 'a' },
  done({ type: 'function_call', name: 'a' }),
  done({ type: 'function_call', call_id: 'a' }),
  done({ ...callItem('call_1', 'a'), arguments: {} }),
  { type: 'response.completed', response: 'done' },
  { type: 'response.completed', response: { status: 'completed', usage: 'many' } },
  { type: 'response.completed', response: { status: 'completed', usage: { input_tokens: -1 } } },
  { type: 'response.completed', response: { status: 'completed', usage: { output_tokens: '2' } } },
  { type: 'response.failed', response: { status: 'failed', error: 'text' } },
])('refuses odd types as a protocol error (%j)', (chunk) => {
  expect(() => read([chunk])).toThrow(
    expect.objectContaining({ type: 'protocol', providerCode: 'malformed_answer' }),
  );
});

test.each([
  [{ code: 'server_error', message: 'x' }, 'unavailable', 'server_error'],
  [{ code: 'rate_limit_exceeded', message: 'x' }, 'rate_limit', 'rate_limit_exceeded'],
  [{ code: 'invalid_prompt', message: 'x' }, 'bad_request', 'invalid_prompt'],
  [{ code: 'novelty', message: 'x' }, 'aborted_by_provider', 'novelty'],
  [null, 'aborted_by_provider', undefined],
])('throws for a response that failed with %j', (error, type, code) => {
  const failed = { type: 'response.failed', response: { status: 'failed', error } };
  expect(() => read([failed])).toThrow(ProviderError);
  expect(() => read([failed])).toThrow(expect.objectContaining({ type, providerCode: code }));
});
