import { expect, test } from 'vitest';

import {
  connectionErrors,
  messageError,
  refusedError,
  requestError,
} from '../src/elevenlabs-error.ts';

test.each([
  [401, { detail: { status: 'invalid_api_key' } }, 'authentication', '401'],
  [401, { detail: { status: 'quota_exceeded' } }, 'quota', 'quota_exceeded'],
  [429, { detail: { status: 'system_busy', message: 'm' } }, 'rate_limit', 'system_busy'],
  [
    429,
    '{"detail":{"message":"m","status":"too_many_concurrent_requests"}}',
    'rate_limit',
    'too_many_concurrent_requests',
  ],
  [422, { detail: [{ loc: ['body'], msg: 'm', type: 't' }] }, 'bad_request', '422'],
  [400, { detail: { status: 'voice_not_found' } }, 'bad_request', '400'],
  [500, undefined, 'unavailable', '500'],
  [503, '<html>', 'unavailable', '503'],
])('a refusal with %d and %o is of type %s, code %s', (status, body, type, providerCode) => {
  const error = refusedError(status, body);
  expect(error).toMatchObject({ provider: 'elevenlabs', type, providerCode });
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? '');
  expect(connectionErrors.refused(status, text)).toMatchObject({ type, providerCode });
});

test.each([
  ['input_timeout_exceeded', 'timeout'],
  ['quota_exceeded', 'quota'],
  ['max_active_conversations', 'rate_limit'],
  ['internal_error', 'unavailable'],
  ['something_new', 'aborted_by_provider'],
])('the message %s is of type %s', (name, type) => {
  expect(messageError(name)).toMatchObject({ type, providerCode: name });
});

test.each([
  [1006, 'network'],
  [1008, 'bad_request'],
  [1013, 'unavailable'],
  [1000, 'aborted_by_provider'],
  [1011, 'unavailable'],
])('a close with %d is of type %s', (code, type) => {
  expect(connectionErrors.closed(code)).toMatchObject({ type, providerCode: String(code) });
});

test('the time-out of the SDK is told from its cause', () => {
  const error = new Error('timeout', { cause: 'timeout' });
  expect(requestError(error)).toMatchObject({ type: 'timeout', cause: error });
});

test('what is neither a status nor a time-out is a failure of the transport, or unknown', () => {
  const cause = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
  const failure = requestError(new TypeError('terminated', { cause }));
  expect(failure).toMatchObject({ type: 'network', providerCode: 'UND_ERR_SOCKET' });
  expect(requestError('x')).toMatchObject({ type: 'unknown' });
});
