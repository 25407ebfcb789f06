import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';

import { createConsoleLogger, systemClock } from '@vision-agents/core';
import { startSandbox } from '@vision-agents/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';

import type { STTOptions } from '../src/elevenlabs-options.ts';
import { resolveSTTOptions } from '../src/elevenlabs-options.ts';
import type { ScribeSession } from '../src/scribe-session.ts';
import { startScribe } from '../src/scribe-session.ts';

let server: WebSocketServer;

beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
});

afterEach(async () => {
  for (const client of server.clients) client.terminate();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

function start(options: STTOptions, baseUrl: string): Promise<ScribeSession> {
  const context = {
    signal: new AbortController().signal,
    logger: createConsoleLogger('silent'),
    clock: systemClock,
    socketOpened: () => () => undefined,
    reconnected: () => undefined,
  };
  return startScribe(resolveSTTOptions({ apiKey: 'key', baseUrl, ...options }), 16_000, context);
}

function serverUrl(): string {
  const address = server.address();
  return typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '';
}

/** What the SDK asks for in the address of its upgrade. */
async function queryOf(options: STTOptions): Promise<Record<string, string[]>> {
  const connected = new Promise<IncomingMessage>((resolve) => {
    server.once('connection', (_socket, upgrade) => resolve(upgrade));
  });
  const { client } = await start(options, serverUrl());
  const request = await connected;
  client.terminate();
  const url = new URL(request.url ?? '', 'http://any');
  expect(url.pathname).toBe('/v1/speech-to-text/realtime');
  expect(request.headers['xi-api-key']).toBe('key');
  const names = new Set(url.searchParams.keys());
  return Object.fromEntries([...names].map((name) => [name, url.searchParams.getAll(name)]));
}

test('what is not given is not asked for, but for what we decide', async () => {
  expect(await queryOf({})).toEqual({
    model_id: ['scribe_v2_realtime'],
    commit_strategy: ['vad'],
    audio_format: ['pcm_16000'],
    vad_silence_threshold_secs: ['0.5'],
    include_timestamps: ['true'],
    include_language_detection: ['false'],
    no_verbatim: ['false'],
    filter_background_audio: ['false'],
    enable_logging: ['true'],
  });
});

test('every option reaches Scribe under its name', async () => {
  const options = {
    vadSilenceMs: 800,
    vadThreshold: 0.5,
    minSpeechDurationMs: 200,
    minSilenceDurationMs: 150,
    languageCode: 'en',
    secondaryLanguages: ['de', 'fr'],
    includeLanguageDetection: true,
    keyterms: ['Acme', 'vision agents'],
    noVerbatim: true,
    filterBackgroundAudio: true,
    enableLogging: false,
  };
  expect(await queryOf(options)).toMatchObject({
    vad_silence_threshold_secs: ['0.8'],
    vad_threshold: ['0.5'],
    min_speech_duration_ms: ['200'],
    min_silence_duration_ms: ['150'],
    language_code: ['en'],
    secondary_languages: ['de', 'fr'],
    include_timestamps: ['false'],
    include_language_detection: ['true'],
    keyterms: ['Acme', 'vision agents'],
    no_verbatim: ['true'],
    filter_background_audio: ['true'],
    enable_logging: ['false'],
  });
});

test('with commits of ours Scribe is told of no silence', async () => {
  const query = await queryOf({ commitStrategy: 'manual' });
  expect(query['commit_strategy']).toEqual(['manual']);
  expect(query).not.toHaveProperty('vad_silence_threshold_secs');
});

test("the SDK's socket is the one that we hold, and it reads nothing by itself", async () => {
  await using sandbox = await startSandbox();
  const { stream, client } = await start({}, sandbox.elevenlabsUrl);
  await once(client, 'open');
  expect(client.listenerCount('message')).toBe(0);
  const sent = new Int16Array(1600);
  stream.send({ audioBase64: Buffer.from(sent.buffer).toString('base64') });
  await expect.poll(() => sandbox.truth().counts['stt.audio_duration.ms']).toBeCloseTo(100);
  const closed = once(client, 'close');
  stream.close();
  await closed;
});
