import { ConfigurationError } from '@vision-agents/core';
import { beforeEach, describe, expect, test, vi } from 'vitest';

import type { STTOptions } from '../src/index.ts';
import { STT } from '../src/index.ts';
import { resolveSTTOptions } from '../src/openai-stt-options.ts';

beforeEach(() => {
  vi.stubEnv('OPENAI_API_KEY', undefined);
  vi.stubEnv('OPENAI_BASE_URL', undefined);
});

test('there are defaults for everything but the key', () => {
  expect(new STT({ apiKey: 'k' })).toMatchObject({
    provider: 'openai',
    model: 'gpt-4o-mini-transcribe',
    detectsTurns: true,
    sampleRateHz: 24_000,
  });
  expect(resolveSTTOptions({ apiKey: 'k' })).toEqual({
    apiKey: 'k',
    baseUrl: 'https://api.openai.com/v1',
    model: 'gpt-4o-mini-transcribe',
    turnDetection: {
      type: 'server_vad',
      prefixPaddingMs: 300,
      silenceDurationMs: 500,
      threshold: undefined,
    },
    language: undefined,
    prompt: undefined,
    keywords: [],
    delay: undefined,
    noiseReduction: undefined,
    connectTimeoutMs: 5000,
    stallTimeoutMs: 10_000,
    closeTimeoutMs: 2000,
  });
});

test('key and base URL are read from the environment when it is made', () => {
  vi.stubEnv('OPENAI_API_KEY', 'from-environment');
  vi.stubEnv('OPENAI_BASE_URL', 'http://127.0.0.1:1/v1/');
  expect(resolveSTTOptions({})).toMatchObject({
    apiKey: 'from-environment',
    baseUrl: 'http://127.0.0.1:1/v1',
  });
});

test('without a key it names option and variable', () => {
  expect(() => new STT()).toThrow(/`apiKey`.*OPENAI_API_KEY/);
});

describe('who finds the ends of turns', () => {
  test.each<[string, STTOptions, boolean]>([
    ['OpenAI, by silence', { turnDetection: { type: 'server_vad', silenceDurationMs: 200 } }, true],
    ['OpenAI, by words', { turnDetection: { type: 'semantic_vad' } }, true],
    ['the agent', { turnDetection: false }, false],
    ['the agent, for a model that cannot', { model: 'gpt-live-transcribe' }, false],
    ['the agent, for another that cannot', { model: 'gpt-realtime-whisper' }, false],
    ['OpenAI, for a model that is not known', { model: 'gpt-next-transcribe' }, true],
  ])('%s', (_, options, detectsTurns) => {
    expect(new STT({ apiKey: 'k', ...options }).detectsTurns).toBe(detectsTurns);
  });
});

test.each([
  ['apiKey', 'secret\n'],
  ['baseUrl', 'ftp://secret.example'],
  ['model', ''],
  ['turnDetection', true],
  ['turnDetection', { type: 'secret' }],
  ['turnDetection', { type: 'server_vad', threshold: 2 }],
  ['turnDetection', { type: 'server_vad', eagerness: 'low' }],
  ['turnDetection', { type: 'semantic_vad', eagerness: 'secret' }],
  ['language', ''],
  ['prompt', 7],
  ['keywords', 'secret'],
  ['keywords', ['']],
  ['delay', 'secret'],
  ['noiseReduction', 'secret'],
  ['connectTimeoutMs', 0],
  ['stallTimeoutMs', Number.NaN],
  ['closeTimeoutMs', 600_001],
  ['voice', 'alloy'],
] as const)('the option %s with the value %j is refused, without repeating it', (option, value) => {
  let thrown: unknown;
  try {
    void new STT({ apiKey: 'k', [option]: value });
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ConfigurationError);
  expect(thrown).toMatchObject({ option });
  expect(String(thrown)).toContain(`\`${option}\``);
  expect(String(thrown)).toContain('openai.STT');
  expect(String(thrown)).not.toContain('secret');
});

test.each<[string, STTOptions]>([
  ['turnDetection', { model: 'gpt-live-transcribe', turnDetection: { type: 'server_vad' } }],
  ['delay', { delay: 'low' }],
  ['prompt', { model: 'gpt-realtime-whisper', prompt: 'names of places' }],
  ['keywords', { keywords: ['Acme'] }],
])('the option %s is refused with a model that does not take it', (option, options) => {
  expect(() => new STT({ apiKey: 'k', ...options })).toThrow(expect.objectContaining({ option }));
});
