import { ConfigurationError } from '@vision-agents/core';
import { beforeEach, expect, test, vi } from 'vitest';

import { resolveSTTOptions, resolveTTSOptions } from '../src/deepgram-options.ts';
import { STT, TTS } from '../src/index.ts';

beforeEach(() => {
  vi.stubEnv('DEEPGRAM_API_KEY', undefined);
  vi.stubEnv('DEEPGRAM_BASE_URL', undefined);
});

function problemOf(
  options: object,
  resolve: (options: object) => unknown = resolveSTTOptions,
): ConfigurationError {
  try {
    resolve(options);
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

test('a Nova model listens as Nova does', () => {
  expect(resolveSTTOptions({ apiKey: 'k', model: 'nova-3', language: 'de' }).protocol).toEqual({
    name: 'nova',
    language: 'de',
    endpointingMs: 300,
    utteranceEndMs: 1000,
    smartFormat: false,
  });
});

test('turns are told unless Nova is to tell none', () => {
  expect(new STT({ apiKey: 'k' }).detectsTurns).toBe(true);
  expect(new STT({ apiKey: 'k', model: 'nova-3' }).detectsTurns).toBe(true);
  const untold = new STT({ apiKey: 'k', model: 'nova-3', endpointingMs: false });
  expect(untold.detectsTurns).toBe(false);
});

test.each([
  ['eagerTurnDetection', { eagerTurnDetection: true }],
  ['eotThreshold', { eotThreshold: 0.7 }],
  ['languageHints', { languageHints: ['en'] }],
  ['endpointingMs', { endpointingMs: 9 }],
  ['endpointingMs', { endpointingMs: true }],
  ['utteranceEndMs', { utteranceEndMs: 999 }],
  ['utteranceEndMs', { endpointingMs: false, utteranceEndMs: 1000 }],
  ['keyterms', { model: 'nova-2', keyterms: ['Acme'] }],
])('the option %s is refused with Nova: %o', (option, options) => {
  expect(problemOf({ apiKey: 'k', model: 'nova-3', ...options }).option).toBe(option);
});

test.each([
  ['language', { language: 'de' }],
  ['endpointingMs', { endpointingMs: false }],
  ['utteranceEndMs', { utteranceEndMs: 1000 }],
  ['smartFormat', { smartFormat: true }],
])('the option %s is refused with Flux: %o', (option, options) => {
  const problem = problemOf({ apiKey: 'k', ...options });
  expect(problem.option).toBe(option);
  expect(problem.message).toMatch(/is of Nova models$/);
});

test('a voice is one of Flux unless another is asked for', () => {
  expect(resolveTTSOptions({ apiKey: 'k' })).toMatchObject({
    model: 'flux-haley-en',
    family: 'flux',
    outputSampleRateHz: 24_000,
    speed: undefined,
    connectTimeoutMs: 5000,
  });
  const aura = { apiKey: 'k', model: 'aura-2-thalia-en', speed: 0.73 };
  expect(resolveTTSOptions(aura)).toMatchObject({ family: 'aura', speed: 0.73 });
  expect(new TTS(aura).model).toBe('aura-2-thalia-en');
});

test('the key and the base URL of a voice come from the environment too', () => {
  vi.stubEnv('DEEPGRAM_API_KEY', 'from-environment');
  vi.stubEnv('DEEPGRAM_BASE_URL', 'http://127.0.0.1:1/deepgram');
  expect(resolveTTSOptions({})).toMatchObject({
    apiKey: 'from-environment',
    baseUrl: 'http://127.0.0.1:1/deepgram',
  });
});

test.each([
  ['model', { model: 'nova-3' }],
  ['outputSampleRateHz', { outputSampleRateHz: 22_050 }],
  ['outputSampleRateHz', { model: 'aura-2-thalia-en', outputSampleRateHz: 44_100 }],
  ['speed', { speed: 0.73 }],
  ['speed', { speed: 1.6 }],
  ['speed', { model: 'aura-2-thalia-en', speed: 0.6 }],
  ['expressivity', { expressivity: 3 }],
  ['expressivity', { model: 'aura-2-thalia-en', expressivity: 1 }],
  ['firstAudioTimeoutMs', { firstAudioTimeoutMs: 0 }],
  ['voiceId', { voiceId: 'x' }],
])('the option %s of a voice is refused: %o', (option, options) => {
  const problem = problemOf({ apiKey: 'secret', ...options }, resolveTTSOptions);
  expect(problem.option).toBe(option);
  expect(problem.message).not.toContain('secret');
});
