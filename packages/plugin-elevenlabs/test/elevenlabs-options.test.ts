import { ConfigurationError } from '@vision-agents/core';
import { beforeEach, expect, test, vi } from 'vitest';

import { resolveTTSOptions } from '../src/elevenlabs-options.ts';
import { TTS } from '../src/index.ts';

beforeEach(() => {
  vi.stubEnv('ELEVENLABS_API_KEY', undefined);
  vi.stubEnv('ELEVENLABS_BASE_URL', undefined);
});

function problemOf(options: object): ConfigurationError {
  try {
    resolveTTSOptions(options);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
  }
  throw new Error('the options were accepted');
}

test('a missing key names the option and the variable', () => {
  expect(problemOf({})).toMatchObject({ option: 'apiKey' });
  expect(problemOf({}).message).toMatch(/`apiKey`.*ELEVENLABS_API_KEY/);
});

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
])('the option %s is refused: %o', (option, options) => {
  const problem = problemOf({ apiKey: 'secret', ...options });
  expect(problem.option).toBe(option);
  expect(problem.message).not.toContain('secret');
});
