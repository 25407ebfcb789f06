import { ConfigurationError } from '@vision-agents/core';
import { beforeEach, expect, test, vi } from 'vitest';

import { resolveSTTOptions } from '../src/deepgram-options.ts';
import { STT } from '../src/index.ts';

beforeEach(() => {
  vi.stubEnv('DEEPGRAM_API_KEY', undefined);
  vi.stubEnv('DEEPGRAM_BASE_URL', undefined);
});

function problemOf(options: object): ConfigurationError {
  try {
    resolveSTTOptions(options);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
  }
  throw new Error('the options were accepted');
}

test('a missing key names the option and the variable', () => {
  expect(problemOf({})).toMatchObject({ option: 'apiKey' });
  expect(problemOf({}).message).toMatch(/`apiKey`.*DEEPGRAM_API_KEY/);
});

test('key and base URL come from the environment at construction', () => {
  vi.stubEnv('DEEPGRAM_API_KEY', 'from-environment');
  vi.stubEnv('DEEPGRAM_BASE_URL', 'http://127.0.0.1:1/deepgram');
  expect(resolveSTTOptions({})).toMatchObject({
    apiKey: 'from-environment',
    baseUrl: 'http://127.0.0.1:1/deepgram',
    model: 'flux-general-en',
    protocol: { name: 'flux', eagerEotThreshold: undefined },
    connectTimeoutMs: 5000,
  });
  expect(resolveSTTOptions({ apiKey: 'own' }).apiKey).toBe('own');
  expect(new STT().model).toBe('flux-general-en');
});

test('a base URL in the environment is checked like the option', () => {
  vi.stubEnv('DEEPGRAM_BASE_URL', 'localhost');
  expect(problemOf({ apiKey: 'k' })).toMatchObject({ option: 'baseUrl' });
});

test('eager turn detection sets a threshold, its own or the default', () => {
  const eager = { apiKey: 'k', eagerTurnDetection: true };
  expect(resolveSTTOptions(eager).protocol).toMatchObject({ eagerEotThreshold: 0.5 });
  expect(resolveSTTOptions({ ...eager, eagerEotThreshold: 0.3 }).protocol).toMatchObject({
    eagerEotThreshold: 0.3,
  });
});

test.each([
  ['eotThreshold', { eotThreshold: 0.4 }],
  ['eotThreshold', { eotThreshold: 1.1 }],
  ['eagerEotThreshold', { eagerTurnDetection: true, eagerEotThreshold: 0.2 }],
  ['eagerEotThreshold', { eagerTurnDetection: true, eagerEotThreshold: 0.8 }],
  ['eagerEotThreshold', { eagerEotThreshold: 0.5 }],
  ['eotTimeoutMs', { eotTimeoutMs: 499 }],
  ['eotTimeoutMs', { eotTimeoutMs: 60_001 }],
  ['model', { model: 'whisper' }],
  ['baseUrl', { baseUrl: 'ws://127.0.0.1' }],
  ['keyterms', { keyterms: [''] }],
  ['languageHints', { languageHints: 'en' }],
  ['connectTimeoutMs', { connectTimeoutMs: 0 }],
  ['endpointing', { endpointing: 300 }],
])('the option %s is refused: %o', (option, options) => {
  const problem = problemOf({ apiKey: 'secret', ...options });
  expect(problem.option).toBe(option);
  expect(problem.message).not.toContain('secret');
});
