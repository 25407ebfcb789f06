import { expect, test } from 'vitest';

import { ConnectionErrors, ProviderError } from '../../src/index.ts';

const plain = new ConnectionErrors({ provider: 'someone' });

function withCode(code: string): Error {
  return Object.assign(new Error('a text that is nobody’s business'), { code });
}

test.each([
  {
    what: 'a refusal',
    error: plain.refused(429, 'slow down'),
    expected: ['rate_limit', '429', 'the connection was refused with HTTP status 429'],
  },
  {
    what: 'a connection that is not there in time',
    error: plain.connectTimeout(1500),
    expected: ['timeout', 'connect', 'no connection within 1500 ms'],
  },
  {
    what: 'a close',
    error: plain.closed(1011, 'a text'),
    expected: ['unavailable', '1011', 'the connection was closed with code 1011'],
  },
  {
    what: 'a stall',
    error: plain.stalled(700),
    expected: ['timeout', 'stall', 'nothing came for 700 ms, though it was due'],
  },
  {
    what: 'audio that is dropped',
    error: plain.backlogged(2000),
    expected: [
      'network',
      'send_backlog',
      'audio was dropped: more than 2000 ms of it wait to be sent',
    ],
  },
  {
    what: 'a malformed message',
    error: plain.malformed('it has no type'),
    expected: [
      'protocol',
      'malformed_message',
      'a message could not be understood: it has no type',
    ],
  },
])('$what has its type, its code and its sentence', ({ error, expected }) => {
  const [type, code, sentence] = expected;
  expect(error).toBeInstanceOf(ProviderError);
  expect(error.provider).toBe('someone');
  expect([error.type, error.providerCode, error.message]).toEqual([
    type,
    code,
    `someone: ${sentence}`,
  ]);
});

test.each([
  ['ECONNRESET', 'network', 'ECONNRESET'],
  ['ENOTFOUND', 'network', 'ENOTFOUND'],
  ['ETIMEDOUT', 'timeout', 'ETIMEDOUT'],
  ['HPE_INVALID_CONSTANT', 'protocol', 'malformed_answer'],
  ['WS_ERR_INVALID_UTF8', 'protocol', 'WS_ERR_INVALID_UTF8'],
  ['SOMETHING_ELSE', 'network', '1006'],
])('what broke a connection says more than its code: %s', (code, type, providerCode) => {
  const cause = withCode(code);
  const error = plain.closed(1006, '', cause);
  expect(error).toMatchObject({ type, providerCode, cause });
  expect(error.message).not.toContain('nobody');
});

test('a provider’s own words say more than the status', () => {
  const errors = new ConnectionErrors({
    provider: 'someone',
    readRefusal: (body, status) =>
      body === 'out of money'
        ? { type: 'quota', code: `broke-${status}`, name: 'BROKE' }
        : { name: 'OTHER' },
  });
  expect(errors.refused(401, 'out of money')).toMatchObject({
    type: 'quota',
    providerCode: 'broke-401',
    message: 'someone: the connection was refused with HTTP status 401 (BROKE)',
  });
  // What they leave open the status decides.
  expect(errors.refused(401, '')).toMatchObject({ type: 'authentication', providerCode: '401' });
});

test('a provider’s own reason says more than the close code, and less than what broke the line', () => {
  const errors = new ConnectionErrors({
    provider: 'someone',
    readClose: (reason, closeCode) => ({
      type: 'rate_limit',
      code: `${reason}-${closeCode}`,
      name: 'BUSY',
    }),
  });
  expect(errors.closed(1008, 'busy')).toMatchObject({
    type: 'rate_limit',
    providerCode: 'busy-1008',
    message: 'someone: the connection was closed with code 1008 (BUSY)',
  });
  expect(errors.closed(1006, '', withCode('EPIPE'))).toMatchObject({
    type: 'network',
    providerCode: 'EPIPE',
  });
});

test('a reader that throws has read nothing', () => {
  const errors = new ConnectionErrors({
    provider: 'someone',
    readRefusal: () => {
      throw new SyntaxError('it is no JSON');
    },
    readClose: () => {
      throw new TypeError('there is no reason');
    },
  });
  expect(errors.refused(500, '')).toMatchObject({ type: 'unavailable', providerCode: '500' });
  expect(errors.closed(1013)).toMatchObject({ type: 'unavailable', providerCode: '1013' });
});
