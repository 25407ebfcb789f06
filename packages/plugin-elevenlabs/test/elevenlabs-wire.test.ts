import { expect, test } from 'vitest';

import { resolveTTSOptions } from '../src/elevenlabs-options.ts';
import { encodeSpeech, parseSpeechMessage, socketUrl } from '../src/elevenlabs-wire.ts';

test('the address asks for speech without waiting, and for the longest patience', () => {
  const settings = resolveTTSOptions({
    apiKey: 'secret',
    baseUrl: 'https://api.elevenlabs.io/',
    voiceId: 'a/b',
    outputSampleRateHz: 16_000,
    languageCode: 'de',
    textNormalization: 'on',
    seed: 7,
    enableLogging: false,
  });
  const url = new URL(socketUrl(settings));
  expect(url.href).not.toContain('secret');
  expect(url.protocol).toBe('wss:');
  expect(url.pathname).toBe('/v1/text-to-speech/a%2Fb/multi-stream-input');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    model_id: 'eleven_flash_v2_5',
    output_format: 'pcm_16000',
    auto_mode: 'true',
    inactivity_timeout: '180',
    language_code: 'de',
    apply_text_normalization: 'on',
    seed: '7',
    enable_logging: 'false',
  });
});

test('a text opens its context with a space, is flushed, and closes its context', () => {
  const voice = {
    voiceSettings: { stability: 0.5, similarityBoost: 0.8, useSpeakerBoost: false, speed: 1.1 },
    pronunciationDictionaries: [{ id: 'd', versionId: 'v' }],
  };
  const messages = encodeSpeech('c', 'Hello.\n', voice);
  expect(JSON.parse(`[${messages.join(',')}]`)).toEqual([
    {
      text: ' ',
      context_id: 'c',
      voice_settings: {
        stability: 0.5,
        similarity_boost: 0.8,
        use_speaker_boost: false,
        speed: 1.1,
      },
      pronunciation_dictionary_locators: [{ pronunciation_dictionary_id: 'd', version_id: 'v' }],
    },
    { text: 'Hello. ', context_id: 'c', flush: true },
    { context_id: 'c', close_context: true },
  ]);
  const plain = { voiceSettings: undefined, pronunciationDictionaries: [] };
  expect(encodeSpeech('c', 'Hello.', plain)[0]).toBe('{"text":" ","context_id":"c"}');
});

test('audio and the end are read in both spellings', () => {
  expect(parseSpeechMessage('{"audio":"AQI=","contextId":"c","isFinal":null}')).toEqual({
    type: 'speech',
    contextId: 'c',
    audio: Buffer.from([1, 2]),
    final: false,
  });
  for (const json of ['{"isFinal":true,"contextId":"c"}', '{"is_final":true,"context_id":"c"}']) {
    expect(parseSpeechMessage(json)).toMatchObject({ contextId: 'c', final: true });
  }
});

test('an error has its name, which is never a text', () => {
  expect(
    parseSpeechMessage('{"message":"m","error":"input_timeout_exceeded","code":1008}'),
  ).toEqual({ type: 'error', name: 'input_timeout_exceeded' });
  expect(parseSpeechMessage('{"error":"some words","contextId":"c"}')).toEqual({
    type: 'error',
    name: 'unnamed',
  });
});

test('what is new, or belongs to no context, is ignored', () => {
  expect(parseSpeechMessage('{"alignment":{}}')).toEqual({ type: 'ignored' });
  expect(parseSpeechMessage('{"audio":"AQI="}')).toEqual({ type: 'ignored' });
});

test.each(['{"audio":', '7', 'null', '{"audio":7,"contextId":"c"}'])('%s is malformed', (json) => {
  expect(parseSpeechMessage(json)).toMatchObject({ type: 'malformed' });
});
