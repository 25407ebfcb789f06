import { ConfigurationError } from '@vision-agents/core';
import { beforeEach, describe, expect, test, vi } from 'vitest';

import { resolveSTTOptions, resolveTTSOptions } from '../src/elevenlabs-options.ts';
import { STT, TTS } from '../src/index.ts';

beforeEach(() => {
  vi.stubEnv('ELEVENLABS_API_KEY', undefined);
  vi.stubEnv('ELEVENLABS_BASE_URL', undefined);
});

type Resolve = (options: object) => unknown;

function problemOf(options: object, resolve: Resolve = resolveTTSOptions): ConfigurationError {
  try {
    resolve(options);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
  }
  throw new Error('the options were accepted');
}

test.each<Resolve>([resolveTTSOptions, resolveSTTOptions])(
  'a missing key names the option and the variable',
  (resolve) => {
    expect(problemOf({}, resolve)).toMatchObject({ option: 'apiKey' });
    expect(problemOf({}, resolve).message).toMatch(/`apiKey`.*ELEVENLABS_API_KEY/);
  },
);

test('key and base URL come from the environment at construction', () => {
  vi.stubEnv('ELEVENLABS_API_KEY', 'from-environment');
  vi.stubEnv('ELEVENLABS_BASE_URL', 'http://127.0.0.1:1/elevenlabs/');
  expect(resolveTTSOptions({})).toMatchObject({
    apiKey: 'from-environment',
    baseUrl: 'http://127.0.0.1:1/elevenlabs',
    model: 'eleven_flash_v2_5',
    transport: 'websocket',
    outputSampleRateHz: 24_000,
  });
  expect(resolveTTSOptions({ apiKey: 'own' }).apiKey).toBe('own');
  expect(new TTS().model).toBe('eleven_flash_v2_5');
});

test('a base URL in the environment is checked like the option', () => {
  vi.stubEnv('ELEVENLABS_BASE_URL', 'localhost');
  expect(problemOf({ apiKey: 'k' })).toMatchObject({ option: 'baseUrl' });
});

test.each([
  ['outputSampleRateHz', { outputSampleRateHz: 8000 }],
  ['outputSampleRateHz', { outputSampleRateHz: '24000' }],
  ['transport', { transport: 'sse' }],
  ['voiceId', { voiceId: '' }],
  ['voiceSettings', { voiceSettings: 'calm' }],
  ['stability', { voiceSettings: { stability: 1.1 } }],
  ['speed', { voiceSettings: { speed: 2 } }],
  ['useSpeakerBoost', { voiceSettings: { useSpeakerBoost: 1 } }],
  ['pitch', { voiceSettings: { pitch: 1 } }],
  ['connectTimeoutMs', { connectTimeoutMs: 0 }],
  ['stallTimeoutMs', { stallTimeoutMs: Number.NaN }],
  ['voice', { voice: 'x' }],
  ['textNormalization', { textNormalization: 'maybe' }],
  ['seed', { seed: -1 }],
  ['enableLogging', { enableLogging: 'no' }],
  ['pronunciationDictionaries', { pronunciationDictionaries: [1, 2, 3, 4].map(() => ({})) }],
  ['pronunciationDictionaries', { pronunciationDictionaries: ['id'] }],
  ['versionId', { pronunciationDictionaries: [{ id: 'd' }] }],
  ['version', { pronunciationDictionaries: [{ id: 'd', version: 'v' }] }],
])('the option %s is refused: %o', (option, options) => {
  const problem = problemOf({ apiKey: 'secret', ...options });
  expect(problem.option).toBe(option);
  expect(problem.message).not.toContain('secret');
});

describe('of speech to text', () => {
  test('what is not given is decided, or left to ElevenLabs', () => {
    vi.stubEnv('ELEVENLABS_API_KEY', 'from-environment');
    expect(resolveSTTOptions({})).toMatchObject({
      apiKey: 'from-environment',
      baseUrl: 'https://api.elevenlabs.io',
      model: 'scribe_v2_realtime',
      commitStrategy: 'vad',
      vadSilenceMs: 500,
      vadThreshold: undefined,
      includeTimestamps: true,
      enableLogging: true,
    });
    expect(new STT().model).toBe('scribe_v2_realtime');
  });

  test('who commits decides who detects turns', () => {
    expect(new STT({ apiKey: 'k' }).detectsTurns).toBe(true);
    expect(new STT({ apiKey: 'k', commitStrategy: 'manual' }).detectsTurns).toBe(false);
  });

  test('times of words are given up for a filtered background', () => {
    const options = { apiKey: 'k', filterBackgroundAudio: true };
    expect(resolveSTTOptions(options).includeTimestamps).toBe(false);
  });

  test.each([
    ['commitStrategy', { commitStrategy: 'auto' }],
    ['vadSilenceMs', { vadSilenceMs: 299 }],
    ['vadSilenceMs', { commitStrategy: 'manual', vadSilenceMs: 500 }],
    ['vadThreshold', { vadThreshold: 1 }],
    ['vadThreshold', { commitStrategy: 'manual', vadThreshold: 0.5 }],
    ['minSpeechDurationMs', { minSpeechDurationMs: 49 }],
    ['minSilenceDurationMs', { minSilenceDurationMs: 2001 }],
    ['languageCode', { languageCode: '' }],
    ['secondaryLanguages', { secondaryLanguages: 'de' }],
    ['keyterms', { keyterms: ['a term that is much too long'] }],
    ['keyterms', { keyterms: Array.from({ length: 51 }, () => 'a') }],
    ['noVerbatim', { noVerbatim: 1 }],
    ['baseUrl', { baseUrl: 'wss://api.elevenlabs.io' }],
    ['stallTimeoutMs', { stallTimeoutMs: 0 }],
    ['includeTimestamps', { includeTimestamps: true }],
  ])('the option %s is refused: %o', (option, options) => {
    const problem = problemOf({ apiKey: 'secret', ...options }, resolveSTTOptions);
    expect(problem.option).toBe(option);
    expect(problem.message).not.toContain('secret');
  });
});
