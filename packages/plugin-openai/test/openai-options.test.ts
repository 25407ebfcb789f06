import { ConfigurationError } from '@vision-agents/core';
import { beforeEach, describe, expect, test, vi } from 'vitest';

import { ChatCompletionsLLM, LLM, Realtime, TTS } from '../src/index.ts';
import {
  resolveChatCompletionsLLMOptions,
  resolveLLMOptions,
  resolveTTSOptions,
} from '../src/openai-options.ts';
import { resolveRealtimeOptions } from '../src/openai-realtime-options.ts';

const CLASSES = { LLM, ChatCompletionsLLM, TTS, Realtime };

beforeEach(() => {
  vi.stubEnv('OPENAI_API_KEY', undefined);
  vi.stubEnv('OPENAI_BASE_URL', undefined);
});

test('there are defaults for everything but the key', () => {
  expect(new LLM({ apiKey: 'k' })).toMatchObject({ provider: 'openai', model: 'gpt-5.4-mini' });
  expect(new TTS({ apiKey: 'k' })).toMatchObject({ provider: 'openai', model: 'gpt-4o-mini-tts' });
  expect(resolveLLMOptions({ apiKey: 'k' })).toMatchObject({
    baseUrl: 'https://api.openai.com/v1',
    store: false,
    temperature: undefined,
  });
  expect(resolveTTSOptions({ apiKey: 'k' })).toMatchObject({ voice: 'alloy', speed: undefined });
  expect(resolveChatCompletionsLLMOptions({ apiKey: 'k' })).toMatchObject({
    baseUrl: 'https://api.openai.com/v1',
    provider: 'openai',
    model: 'gpt-5.4-mini',
  });
});

test('Realtime has defaults for everything but the key', () => {
  expect(new Realtime({ apiKey: 'k' })).toMatchObject({
    provider: 'openai',
    model: 'gpt-realtime-2',
  });
  expect(resolveRealtimeOptions({ apiKey: 'k' })).toMatchObject({
    baseUrl: 'https://api.openai.com/v1',
    voice: 'marin',
    speed: undefined,
    turnDetection: { type: 'server_vad', prefixPaddingMs: 300, silenceDurationMs: 500 },
    transcription: { model: 'gpt-4o-mini-transcribe' },
    connectTimeoutMs: 5000,
    stallTimeoutMs: 10_000,
    closeTimeoutMs: 1000,
  });
});

test('what belongs together can be given in part', () => {
  expect(
    resolveRealtimeOptions({
      apiKey: 'k',
      turnDetection: { type: 'server_vad', silenceDurationMs: 200 },
      transcription: { language: 'de' },
    }),
  ).toMatchObject({
    turnDetection: { type: 'server_vad', prefixPaddingMs: 300, silenceDurationMs: 200 },
    transcription: { model: 'gpt-4o-mini-transcribe', language: 'de' },
  });
  expect(
    resolveRealtimeOptions({
      apiKey: 'k',
      turnDetection: { type: 'semantic_vad' },
      transcription: false,
    }),
  ).toMatchObject({
    turnDetection: { type: 'semantic_vad', eagerness: 'auto' },
    transcription: undefined,
  });
});

test.each([
  resolveLLMOptions,
  resolveChatCompletionsLLMOptions,
  resolveTTSOptions,
  resolveRealtimeOptions,
])('%o reads key and base URL from the environment when it is made', (resolve) => {
  vi.stubEnv('OPENAI_API_KEY', 'from-environment');
  vi.stubEnv('OPENAI_BASE_URL', 'http://127.0.0.1:1/v1/');
  expect(resolve({ model: 'm' })).toMatchObject({
    apiKey: 'from-environment',
    baseUrl: 'http://127.0.0.1:1/v1',
  });
  expect(resolve({ model: 'm', apiKey: 'option', baseUrl: 'http://127.0.0.1:2' })).toMatchObject({
    apiKey: 'option',
    baseUrl: 'http://127.0.0.1:2',
  });
});

test.each(Object.entries(CLASSES))('%s names option and variable without a key', (_name, Made) => {
  expect(() => new Made()).toThrow(ConfigurationError);
  expect(() => new Made()).toThrow(/`apiKey`.*OPENAI_API_KEY/);
});

describe("a server that is not OpenAI's", () => {
  const baseUrl = 'http://127.0.0.1:11434/v1';

  test('needs no key, is not given that of the environment, and has a label of its own', () => {
    vi.stubEnv('OPENAI_API_KEY', 'for-openai');
    expect(resolveChatCompletionsLLMOptions({ baseUrl, model: 'llama' })).toMatchObject({
      apiKey: undefined,
      provider: 'openai-compatible',
    });
  });

  test('needs the name of a model', () => {
    expect(() => new ChatCompletionsLLM({ baseUrl })).toThrow(
      expect.objectContaining({ option: 'model' }),
    );
  });

  test('gets the label that it is given', () => {
    const llm = new ChatCompletionsLLM({ baseUrl, model: 'llama', provider: 'ollama' });
    expect(llm.provider).toBe('ollama');
  });
});

test.each([
  ['LLM', 'apiKey', ''],
  ['LLM', 'apiKey', 'secret key'],
  ['LLM', 'apiKey', 'secret\n'],
  ['LLM', 'baseUrl', 'secret.example'],
  ['LLM', 'baseUrl', 'ftp://secret.example'],
  ['LLM', 'model', ''],
  ['LLM', 'reasoningEffort', 'secret'],
  ['LLM', 'temperature', 2.1],
  ['LLM', 'temperature', Number.NaN],
  ['LLM', 'maxOutputTokens', 15],
  ['LLM', 'maxOutputTokens', 20.5],
  ['LLM', 'store', 'yes'],
  ['LLM', 'fetch', 'secret'],
  ['LLM', 'firstEventTimeoutMs', 0],
  ['LLM', 'stallTimeoutMs', Number.POSITIVE_INFINITY],
  ['LLM', 'voice', 'alloy'],
  ['ChatCompletionsLLM', 'provider', 'Secret'],
  ['ChatCompletionsLLM', 'provider', ''],
  ['ChatCompletionsLLM', 'provider', 'x'.repeat(33)],
  ['ChatCompletionsLLM', 'maxOutputTokens', 0],
  ['ChatCompletionsLLM', 'reasoningEffort', true],
  ['ChatCompletionsLLM', 'store', false],
  ['TTS', 'voice', ''],
  ['TTS', 'instructions', ''],
  ['TTS', 'speed', 0.2],
  ['TTS', 'speed', 4.1],
  ['TTS', 'speed', '1'],
  ['TTS', 'firstAudioTimeoutMs', 0],
  ['TTS', 'stallTimeoutMs', 600_001],
  ['Realtime', 'apiKey', 'secret key'],
  ['Realtime', 'baseUrl', 'ws://secret.example'],
  ['Realtime', 'model', ''],
  ['Realtime', 'voice', ''],
  ['Realtime', 'speed', 0.2],
  ['Realtime', 'speed', 1.6],
  ['Realtime', 'turnDetection', 'server_vad'],
  ['Realtime', 'turnDetection', {}],
  ['Realtime', 'turnDetection', { type: 'secret' }],
  ['Realtime', 'turnDetection', { type: 'server_vad', threshold: 1.1 }],
  ['Realtime', 'turnDetection', { type: 'server_vad', prefixPaddingMs: -1 }],
  ['Realtime', 'turnDetection', { type: 'server_vad', silenceDurationMs: 10_001 }],
  ['Realtime', 'turnDetection', { type: 'server_vad', eagerness: 'low' }],
  ['Realtime', 'turnDetection', { type: 'semantic_vad', eagerness: 'secret' }],
  ['Realtime', 'turnDetection', { type: 'semantic_vad', threshold: 0.5 }],
  ['Realtime', 'transcription', true],
  ['Realtime', 'transcription', ['secret']],
  ['Realtime', 'transcription', { model: '' }],
  ['Realtime', 'transcription', { secret: 'de' }],
  ['Realtime', 'noiseReduction', 'secret'],
  ['Realtime', 'reasoningEffort', 'none'],
  ['Realtime', 'maxOutputTokens', 0],
  ['Realtime', 'maxOutputTokens', 4097],
  ['Realtime', 'connectTimeoutMs', 0],
  ['Realtime', 'stallTimeoutMs', 600_001],
  ['Realtime', 'closeTimeoutMs', 0],
  ['Realtime', 'fetch', 'secret'],
] as const)(
  '%s refuses the option %s with the value %j, without repeating it',
  (name, option, value) => {
    let thrown: unknown;
    try {
      void new CLASSES[name]({ apiKey: 'k', [option]: value });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ConfigurationError);
    expect(thrown).toMatchObject({ option });
    expect(String(thrown)).toContain(`\`${option}\``);
    expect(String(thrown)).toContain(`openai.${name}`);
    expect(String(thrown)).not.toContain('secret');
  },
);

test('what the environment says and cannot work is refused', () => {
  vi.stubEnv('OPENAI_API_KEY', 'secret key');
  expect(() => new LLM()).toThrow(expect.objectContaining({ option: 'apiKey' }));
  vi.stubEnv('OPENAI_API_KEY', 'k');
  vi.stubEnv('OPENAI_BASE_URL', 'nowhere');
  expect(() => new LLM()).toThrow(expect.objectContaining({ option: 'baseUrl' }));
});
