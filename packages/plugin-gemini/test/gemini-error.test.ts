import { ApiError } from '@google/genai';
import { ProviderError } from '@vision-agents/core';
import { expect, test } from 'vitest';

import { connectionErrors, geminiError } from '../src/gemini-error.ts';

function refusal(status: number, details: object[] = [], prefix = ''): ApiError {
  const error = { code: status, message: 'a secret text', status: 'SOME_STATUS', details };
  return new ApiError({ status, message: prefix + JSON.stringify({ error }) });
}

const dayQuota = {
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier', quotaValue: '20' }],
};
const minuteQuota = {
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier' }],
};
const wrongKey = {
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason: 'API_KEY_INVALID',
  domain: 'googleapis.com',
};

test.each([
  ['a bad request', refusal(400), 'bad_request', '400'],
  ['a wrong key', refusal(400, [wrongKey]), 'authentication', '400'],
  ['a missing permission', refusal(403), 'authentication', '403'],
  ['an unknown model', refusal(404), 'bad_request', '404'],
  ['too many requests', refusal(429), 'rate_limit', '429'],
  ['too many requests a minute', refusal(429, [minuteQuota]), 'rate_limit', '429'],
  ["a used-up day's quota", refusal(429, [minuteQuota, dayQuota]), 'quota', '429'],
  ['the same in mid-stream', refusal(429, [dayQuota], 'got status: X. '), 'quota', '429'],
  ['a passed deadline', refusal(504), 'timeout', '504'],
  ['an overload', refusal(503), 'unavailable', '503'],
  ['a refusal of a proxy', new ApiError({ status: 502, message: '<html>' }), 'unavailable', '502'],
])('knows %s', (_name, thrown, type, code) => {
  const error = geminiError(thrown, false);
  expect(error).toMatchObject({ provider: 'gemini', type, providerCode: code });
  // Its message may quote the key, or what was said.
  expect(error.cause).toBeUndefined();
  expect(error.message).not.toContain('secret');
});

test('knows a connection that was cut', () => {
  const cause = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
  expect(geminiError(new TypeError('terminated', { cause }), true)).toMatchObject({
    type: 'network',
    providerCode: 'UND_ERR_SOCKET',
  });
});

test('takes what cannot be read for a protocol error, and only that', () => {
  const odd = new TypeError("Cannot read properties of null (reading 'x')");
  expect(geminiError(odd, true)).toMatchObject({ type: 'protocol', cause: undefined });
  expect(geminiError(new SyntaxError('no JSON'), false).type).toBe('protocol');
  const noHttp = Object.assign(new Error('Parse Error'), { code: 'HPE_INVALID_CONSTANT' });
  expect(geminiError(noHttp, false).type).toBe('protocol');
  expect(geminiError(odd, false).type).toBe('unknown');
  expect(geminiError('a string', false).type).toBe('unknown');
});

test('leaves an error that is typed already as it is', () => {
  const error = new ProviderError({ provider: 'gemini', type: 'quota', message: 'x' });
  expect(geminiError(error, true)).toBe(error);
});

test.each([
  [1000, '', 'aborted_by_provider'],
  [1006, '', 'network'],
  [1007, 'API key not valid. Please pass a valid API key.', 'authentication'],
  [1007, 'Request contains an invalid argument.', 'bad_request'],
  [1008, 'models/none is not found', 'bad_request'],
  [1011, 'You exceeded your current quota', 'quota'],
  [1011, 'Deadline expired', 'unavailable'],
])('knows a close with %d "%s"', (code, reason, type) => {
  const error = connectionErrors.closed(code, reason);
  expect(error).toMatchObject({ type, providerCode: String(code) });
  expect(error.message).toBe(`gemini: the connection was closed with code ${code}`);
});

test('knows why a socket broke', () => {
  const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  expect(connectionErrors.closed(1006, '', cause)).toMatchObject({ type: 'network', cause });
});
