import { expect, test } from 'vitest';

import { isToken, isTrustedHost, isTrustedOrigin } from '../src/local-access.ts';

const rules = { host: 'voice.lan', allowedOrigins: ['https://voice.example'] };

test.for([
  '127.0.0.1:1',
  'localhost',
  '[::1]:80',
  '192.168.0.7:80',
  'VOICE.lan:80',
  'voice.example',
])('the host %s is trusted', (host) => {
  expect(isTrustedHost(host, rules)).toBe(true);
});

test.for([
  undefined,
  '',
  'evil.example',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  'a b',
])('the host %s is not trusted', (host) => {
  expect(isTrustedHost(host, rules)).toBe(false);
});

test('a page of this server, an allowed one and a caller without a page may connect', () => {
  for (const origin of [undefined, 'http://127.0.0.1:1', 'https://voice.example']) {
    expect(isTrustedOrigin(origin, '127.0.0.1:1', rules)).toBe(true);
  }
});

test.for(['http://127.0.0.1:2', 'https://127.0.0.1:1', 'http://evil.example', 'null'])(
  'a page of %s may not connect',
  (origin) => {
    expect(isTrustedOrigin(origin, '127.0.0.1:1', rules)).toBe(false);
  },
);

test('a token has to be the whole token', () => {
  expect(isToken('secret', 'secret')).toBe(true);
  for (const token of [null, '', 'secre', 'secret1', 'Secret', 'sécret']) {
    expect(isToken(token, 'secret')).toBe(false);
  }
});
