import { ConfigurationError } from '@vision-agents/core';
import { expect, test, vi } from 'vitest';

import { resolveLLMOptions, resolveRealtimeOptions } from '../src/gemini-options.ts';
import { LLM, Realtime } from '../src/index.ts';

function withoutEnvironment(): void {
  for (const name of ['GOOGLE_API_KEY', 'GEMINI_API_KEY', 'GOOGLE_GEMINI_BASE_URL']) {
    vi.stubEnv(name, undefined);
  }
}

test('has defaults for everything but the key', () => {
  withoutEnvironment();
  const llm = new LLM({ apiKey: 'k' });
  expect(llm.provider).toBe('gemini');
  expect(llm.model).toBe('gemini-2.5-flash-lite');
  expect(resolveLLMOptions({ apiKey: 'k' })).toMatchObject({
    baseUrl: 'https://generativelanguage.googleapis.com',
    apiVersion: 'v1beta',
    temperature: undefined,
  });
});

test('reads key and base URL from the environment when it is made', () => {
  withoutEnvironment();
  vi.stubEnv('GEMINI_API_KEY', 'second');
  vi.stubEnv('GOOGLE_GEMINI_BASE_URL', 'http://127.0.0.1:1/gemini');
  expect(resolveLLMOptions({})).toMatchObject({
    apiKey: 'second',
    baseUrl: 'http://127.0.0.1:1/gemini',
  });
  vi.stubEnv('GOOGLE_API_KEY', 'first');
  expect(resolveLLMOptions({}).apiKey).toBe('first');
  expect(resolveLLMOptions({ apiKey: 'option', baseUrl: 'http://127.0.0.1:2' })).toMatchObject({
    apiKey: 'option',
    baseUrl: 'http://127.0.0.1:2',
  });
});

test('names option and variables when there is no key', () => {
  withoutEnvironment();
  expect(() => new LLM()).toThrow(ConfigurationError);
  expect(() => new LLM()).toThrow(/`apiKey`.*GOOGLE_API_KEY or GEMINI_API_KEY/);
});

test.each([
  ['apiKey', ''],
  ['apiKey', 'secret key'],
  ['apiKey', 'secret\n'],
  ['baseUrl', 'secret.example'],
  ['baseUrl', 'ftp://secret.example'],
  ['model', ''],
  ['apiVersion', 'v2secret'],
  ['temperature', 2.1],
  ['temperature', Number.NaN],
  ['maxOutputTokens', 0],
  ['maxOutputTokens', 1.5],
  ['thinkingBudgetTokens', -2],
  ['thinkingBudgetTokens', '0'],
  ['fetch', 'secret'],
  ['firstEventTimeoutMs', 0],
  ['stallTimeoutMs', Number.POSITIVE_INFINITY],
  ['includeThoughts', true],
])('refuses the option %s with the value %j, without repeating it', (option, value) => {
  let thrown: unknown;
  try {
    void new LLM({ apiKey: 'k', [option]: value });
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ConfigurationError);
  expect(thrown).toMatchObject({ option });
  expect(String(thrown)).toContain(`\`${option}\``);
  expect(String(thrown)).not.toContain('secret');
});

test('refuses what the environment says and cannot work', () => {
  withoutEnvironment();
  vi.stubEnv('GOOGLE_API_KEY', 'secret key');
  expect(() => new LLM()).toThrow(expect.objectContaining({ option: 'apiKey' }));
  vi.stubEnv('GOOGLE_API_KEY', 'k');
  vi.stubEnv('GOOGLE_GEMINI_BASE_URL', 'nowhere');
  expect(() => new LLM()).toThrow(expect.objectContaining({ option: 'baseUrl' }));
});

test('has defaults for everything of a realtime model but the key', () => {
  withoutEnvironment();
  const realtime = new Realtime({ apiKey: 'k' });
  expect(realtime.provider).toBe('gemini');
  expect(realtime.model).toBe('gemini-live-2.5-flash-preview');
  expect(resolveRealtimeOptions({ apiKey: 'k' })).toMatchObject({
    baseUrl: 'https://generativelanguage.googleapis.com',
    apiVersion: 'v1beta',
    connectTimeoutMs: 5000,
    closeTimeoutMs: 1000,
  });
});

test.each([
  ['apiKey', 'secret key'],
  ['baseUrl', 'secret.example'],
  ['model', ''],
  ['apiVersion', 'v2secret'],
  ['voice', ''],
  ['language', 7],
  ['temperature', 2.1],
  ['maxOutputTokens', 0],
  ['silenceDurationMs', -1],
  ['silenceDurationMs', 10_001],
  ['connectTimeoutMs', 0],
  ['closeTimeoutMs', 600_001],
  ['fetch', () => undefined],
])('refuses the option %s = %j of a realtime model', (option, value) => {
  const make = (): Realtime => new Realtime({ apiKey: 'k', [option]: value });
  expect(make).toThrow(expect.objectContaining({ option }));
});
