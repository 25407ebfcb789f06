import { expect, test } from 'vitest';

import { connectionErrors, fatalError } from '../src/deepgram-error.ts';

test.each([
  [401, 'authentication'],
  [402, 'quota'],
  [403, 'authentication'],
  [400, 'bad_request'],
  [429, 'rate_limit'],
  [503, 'unavailable'],
])('a refusal with status %d is of type %s', (status, type) => {
  const error = connectionErrors.refused(status, '{"err_code":"SOME_CODE","err_msg":"a message"}');
  expect(error).toMatchObject({ provider: 'deepgram', type, providerCode: String(status) });
  expect(error.message).toContain('SOME_CODE');
  expect(error.message).not.toContain('a message');
});

test('a refusal without a readable body is one all the same', () => {
  expect(connectionErrors.refused(500, '<html>').message).toMatch(/status 500$/);
});

test.each([
  [1006, '', 'network', '1006'],
  [1008, 'DATA-0000', 'bad_request', 'DATA-0000'],
  [1008, '', 'bad_request', '1008'],
  [1011, 'NET-0000: could not send a result in time.', 'timeout', 'NET-0000'],
  [1011, 'No audio. See https://dpgr.am/net0001', 'timeout', 'NET-0001'],
  [1011, '', 'unavailable', '1011'],
  [1000, '', 'aborted_by_provider', '1000'],
  [1012, '', 'unavailable', '1012'],
])('a close with %d "%s" is of type %s, code %s', (closeCode, reason, type, providerCode) => {
  expect(connectionErrors.closed(closeCode, reason)).toMatchObject({ type, providerCode });
});

test('what broke the socket says more than its close code', () => {
  const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  expect(connectionErrors.closed(1006, '', cause)).toMatchObject({
    type: 'network',
    providerCode: 'ECONNREFUSED',
  });
});

test.each([
  ['UNPARSABLE_CLIENT_MESSAGE', 'bad_request'],
  ['INTERNAL_SERVER_ERROR', 'unavailable'],
  ['NET-0001', 'timeout'],
  ['SOMETHING_NEW', 'aborted_by_provider'],
])('the error message %s is of type %s', (code, type) => {
  expect(fatalError(code)).toMatchObject({ type, providerCode: code });
});
