import { ProviderError } from '@vision-agents/core';
import { expect, test } from 'vitest';

import { parseEvent } from '../src/realtime-signals.ts';

const AT = { response_id: 'r', item_id: 'i', output_index: 0, content_index: 0 };
const TRANSCRIPTION = 'conversation.item.input_audio_transcription';

test.each([
  [
    { type: 'input_audio_buffer.speech_started', audio_start_ms: 12, item_id: 'i' },
    { type: 'speech-start', offsetMs: 12 },
  ],
  [
    { type: 'input_audio_buffer.speech_stopped', audio_end_ms: 34, item_id: 'i' },
    { type: 'speech-end', offsetMs: 34 },
  ],
  [
    { type: 'input_audio_buffer.committed', item_id: 'i' },
    { type: 'speech-end', offsetMs: undefined },
  ],
  [
    { type: `${TRANSCRIPTION}.delta`, item_id: 'i', delta: 'he' },
    { type: 'user-words', itemId: 'i', text: 'he' },
  ],
  [
    { type: `${TRANSCRIPTION}.completed`, item_id: 'i', transcript: 'hello\n' },
    { type: 'user-transcript', itemId: 'i', text: 'hello' },
  ],
  [
    { type: 'response.created', response: { id: 'r' } },
    { type: 'response-start', responseId: 'r' },
  ],
  [
    { type: 'response.output_item.added', response_id: 'r', item: { id: 'i', type: 'message' } },
    { type: 'item-start', responseId: 'r', itemId: 'i' },
  ],
  [
    { type: 'response.output_item.added', item: { id: 'i', type: 'function_call' } },
    { type: 'ignored', name: 'response.output_item.added' },
  ],
  [
    { type: 'response.output_audio.delta', ...AT, delta: 'AQI=' },
    { type: 'audio', responseId: 'r', itemId: 'i', bytes: Buffer.from([1, 2]) },
  ],
  [
    { type: 'response.output_audio_transcript.delta', ...AT, delta: 'hi' },
    { type: 'agent-words', responseId: 'r', itemId: 'i', text: 'hi' },
  ],
  [
    { type: 'response.output_audio_transcript.done', ...AT, transcript: 'hi' },
    { type: 'agent-transcript', responseId: 'r', itemId: 'i', text: 'hi' },
  ],
  [
    {
      type: 'response.output_item.done',
      response_id: 'r',
      item: { type: 'function_call', call_id: 'c', name: 'look', arguments: '{"at":1}' },
    },
    { type: 'tool-call', responseId: 'r', call: { id: 'c', name: 'look', arguments: { at: 1 } } },
  ],
  [
    {
      type: 'response.output_item.done',
      response_id: 'r',
      item: { type: 'function_call', call_id: 'c', name: 'look', arguments: '{"at":' },
    },
    { type: 'tool-call', responseId: 'r', call: { id: 'c', name: 'look', arguments: '{"at":' } },
  ],
  [
    { type: 'response.output_item.done', item: { type: 'message' } },
    { type: 'ignored', name: 'response.output_item.done' },
  ],
  [
    {
      type: 'response.done',
      response: {
        id: 'r',
        status: 'completed',
        status_details: null,
        usage: {
          input_tokens: 5,
          output_tokens: 7,
          input_token_details: {
            text_tokens: 2,
            audio_tokens: 3,
            image_tokens: 0,
            cached_tokens: 4,
            cached_tokens_details: { text_tokens: 1, audio_tokens: 3, image_tokens: 0 },
          },
          output_token_details: { text_tokens: 2, audio_tokens: 5 },
        },
      },
    },
    {
      type: 'response-end',
      responseId: 'r',
      status: 'completed',
      error: undefined,
      usage: {
        inputTokens: 5,
        outputTokens: 7,
        cachedInputTokens: 4,
        inputByModality: { text: 2, audio: 3, image: 0 },
        cachedInputByModality: { text: 1, audio: 3, image: 0 },
        outputByModality: { text: 2, audio: 5 },
      },
    },
  ],
  [
    { type: 'response.done', response: { id: 'r', status: 'cancelled', usage: null } },
    {
      type: 'response-end',
      responseId: 'r',
      status: 'cancelled',
      error: undefined,
      usage: undefined,
    },
  ],
  [
    { type: 'rate_limits.updated', rate_limits: [{ name: 'tokens', remaining: 7, limit: 9 }] },
    { type: 'rate-limits', remaining: { tokens: 7 } },
  ],
  [{ type: 'conversation.item.done' }, { type: 'ignored', name: 'conversation.item.done' }],
])('%j is read', (event, signal) => {
  expect(parseEvent(event)).toEqual(signal);
});

test.each([
  [
    { type: 'error', error: { type: 'invalid_request_error', code: 'x', event_id: 'e' } },
    { type: 'error', eventId: 'e', error: { type: 'bad_request', providerCode: 'x' } },
  ],
  [
    { type: 'error', error: { type: 'server_error', code: null, message: 'secret' } },
    {
      type: 'error',
      eventId: undefined,
      error: { type: 'unavailable', providerCode: 'server_error' },
    },
  ],
  [{ type: 'error' }, { type: 'error', error: { type: 'aborted_by_provider' } }],
  [
    { type: `${TRANSCRIPTION}.failed`, item_id: 'i', error: { code: 'audio_unintelligible' } },
    { type: 'user-unheard', itemId: 'i', error: { providerCode: 'audio_unintelligible' } },
  ],
  [
    {
      type: 'response.done',
      response: {
        id: 'r',
        status: 'failed',
        status_details: { type: 'failed', error: { code: 'rate_limit_exceeded' } },
      },
    },
    { type: 'response-end', status: 'failed', error: { type: 'rate_limit' } },
  ],
  [
    {
      type: 'response.done',
      response: {
        id: 'r',
        status: 'incomplete',
        status_details: { type: 'incomplete', reason: 'max_output_tokens' },
      },
    },
    { type: 'response-end', status: 'failed', error: { providerCode: 'max_output_tokens' } },
  ],
])('%j is an error', (event, signal) => {
  const read = parseEvent(event);
  expect(read).toMatchObject(signal);
  expect(JSON.stringify(read)).not.toContain('secret');
});

test.each([
  { type: 'response.output_audio.delta', ...AT, delta: 7 },
  { type: 'response.created', response: 'r' },
  { type: 'response.output_item.done', item: [] },
  {
    type: 'response.done',
    response: { id: 'r', status: 'completed', usage: { input_tokens: -1 } },
  },
  { type: 'input_audio_buffer.speech_started', audio_start_ms: 'soon' },
  { type: 'rate_limits.updated', rate_limits: {} },
  { type: 'error', error: 'no' },
])('%j cannot be read', (event) => {
  expect(() => parseEvent(event)).toThrow(ProviderError);
});

/** What is told of the usage of a response. */
function usageOf(usage: Readonly<Record<string, unknown>>): unknown {
  const signal = parseEvent({ type: 'response.done', response: { status: 'completed', usage } });
  return signal.type === 'response-end' ? signal.usage : undefined;
}

test('tokens that are not told apart are told in total', () => {
  const totals = { inputTokens: 5, outputTokens: 7, cachedInputTokens: 0 };
  expect(usageOf({ input_tokens: 5, output_tokens: 7 })).toEqual(totals);
});

test.each<[unknown, unknown]>([
  [{ text_tokens: '2', audio_tokens: 5 }, { audio: 5 }],
  [{ text_tokens: -2, audio_tokens: 5 }, { audio: 5 }],
  [{ text_tokens: null, audio_tokens: 5, smell_tokens: 1 }, { audio: 5 }],
  [{ text_tokens: 3, audio_tokens: 5 }, undefined],
  [{}, undefined],
  [[5], undefined],
  ['audio', undefined],
  [null, undefined],
])('of 7 tokens told apart as %j, what is understood is kept: %j', (details, split) => {
  const usage = usageOf({ output_tokens: 7, output_token_details: details });
  expect(usage).toMatchObject({ outputTokens: 7, outputByModality: split });
  const input = { cached_tokens: 7, cached_tokens_details: details };
  expect(usageOf({ input_tokens: 7, input_token_details: input })).toMatchObject({
    cachedInputTokens: 7,
    cachedInputByModality: split,
  });
});
