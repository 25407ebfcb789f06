import { ProviderError } from '@vision-agents/core';
import { APIConnectionError, APIError, RateLimitError } from 'openai';
import { expect, test } from 'vitest';

import { openAIError } from '../src/openai-error.ts';

function refusal(status: number, error: object = {}): APIError {
  const body = { error: { message: 'a secret text', ...error } };
  return APIError.generate(status, body, undefined, new Headers());
}

/** As the SDK throws it when an event of the stream is an error. */
function inStream(error: object): APIError {
  return new APIError(undefined, { message: 'a secret text', ...error }, undefined, new Headers());
}

test.each([
  ['a bad request', refusal(400), 'bad_request', '400'],
  ['a wrong key', refusal(401, { code: 'invalid_api_key' }), 'authentication', '401'],
  ['a missing permission', refusal(403), 'authentication', '403'],
  ['an unknown model', refusal(404, { code: 'model_not_found' }), 'bad_request', '404'],
  ['too many requests', refusal(429, { code: 'rate_limit_exceeded' }), 'rate_limit', '429'],
  ['a used-up quota', refusal(429, { code: 'insufficient_quota' }), 'quota', 'insufficient_quota'],
  ['a passed deadline', refusal(504), 'timeout', '504'],
  ['an overload', refusal(503), 'unavailable', '503'],
  [
    'a refusal of a proxy',
    new RateLimitError(429, undefined, '<html>', new Headers()),
    'rate_limit',
    '429',
  ],
  ['a failure by its code', inStream({ code: 'server_error' }), 'unavailable', 'server_error'],
  [
    'a failure by its type',
    inStream({ code: null, type: 'invalid_request_error' }),
    'bad_request',
    'invalid_request_error',
  ],
  ['a failure by a status in a number', inStream({ code: 503 }), 'unavailable', '503'],
  ['a failure by a status in a text', inStream({ code: '429' }), 'rate_limit', '429'],
  [
    'a failure by a text that is no name',
    inStream({ code: 'no name' }),
    'aborted_by_provider',
    undefined,
  ],
  ['a failure without a name', inStream({}), 'aborted_by_provider', undefined],
])('knows %s', (_name, thrown, type, code) => {
  const error = openAIError('openai', thrown, true);
  expect(error).toMatchObject({ provider: 'openai', type, providerCode: code });
  // Its message may quote the key, or what was said.
  expect(error.cause).toBeUndefined();
  expect(error.message).not.toMatch(/secret|html/);
});

test('knows a connection that was cut, wherever the SDK has put it', () => {
  const reset = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
  const cut = { type: 'network', providerCode: 'ECONNRESET' };
  expect(openAIError('openai', new APIConnectionError({ cause: reset }), false)).toMatchObject(cut);
  expect(openAIError('openai', reset, true)).toMatchObject(cut);
});

test('takes what cannot be read for a protocol error, and only that', () => {
  const odd = new TypeError("Cannot read properties of null (reading 'x')");
  expect(openAIError('openai', odd, true)).toMatchObject({ type: 'protocol', cause: undefined });
  expect(openAIError('openai', new SyntaxError('no JSON'), false).type).toBe('protocol');
  const noHttp = Object.assign(new Error('Parse Error'), { code: 'HPE_INVALID_CONSTANT' });
  const wrapped = new APIConnectionError({ cause: noHttp });
  expect(openAIError('openai', wrapped, false).type).toBe('protocol');
  expect(openAIError('openai', odd, false).type).toBe('unknown');
  expect(openAIError('openai', 'a string', false).type).toBe('unknown');
  expect(openAIError('openai', undefined, false).type).toBe('unknown');
});

test('leaves an error that is typed already as it is', () => {
  const error = new ProviderError({ provider: 'openai', type: 'quota', message: 'x' });
  expect(openAIError('openai', error, true)).toBe(error);
});
