import { setTimeout as sleep } from 'node:timers/promises';

import {
  Listener,
  startSandbox,
  WordCollector,
  type Fault,
  type Sandbox,
  type SandboxOptions,
} from '@vision-agents/sandbox';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { refusal } from '../raw-client.ts';

const headers = { authorization: 'Token key' };
const rate = 16_000;
const models = { v1: 'aura-2-thalia-en', v2: 'flux-alexis-en' } as const;
const delays = { firstAudioMs: 10, lastAudioMs: 30 };
const versions = ['v1', 'v2'] as const;
type Version = (typeof versions)[number];
const endOf = { v1: 'Flushed', v2: 'SpeechMetadata' } as const;
const cutOf = { v1: 'Clear', v2: 'Interrupt' } as const;
const doneOf = { v1: 'Cleared', v2: 'SpeechInterrupted' } as const;
const firstOf = { v1: 'Metadata', v2: 'Connected' } as const;

let sandbox: Sandbox;
afterEach(() => sandbox.close());

/** All that a client is told, in its order: the types of messages, and `audio` for what is heard in between. */
class Speaker {
  readonly ws: WebSocket;
  readonly messages: Record<string, unknown>[] = [];
  readonly told: string[] = [];
  readonly closed: Promise<number>;
  readonly audio: Buffer[] = [];
  /** How much audio had come before a message of a type. */
  readonly #before = new Map<string, number>();

  constructor(version: Version, more = '') {
    const address = `${sandbox.deepgramUrl}/${version}/speak`;
    const query = `model=${models[version]}&encoding=linear16&sample_rate=${rate}${more}`;
    this.ws = new WebSocket(`${address.replace(/^http/, 'ws')}?${query}`, { headers });
    this.ws.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.ws.on('close', (code) => resolve(code));
    });
    this.ws.on('message', (data: Buffer, isBinary) => {
      if (isBinary) {
        this.audio.push(data);
        if (this.told.at(-1) !== 'audio') this.told.push('audio');
        return;
      }
      const message: unknown = JSON.parse(data.toString());
      if (typeof message === 'object') this.messages.push({ ...message });
      const type = String(this.messages.at(-1)?.['type']);
      this.told.push(type);
      this.#before.set(type, this.audio.length);
    });
  }

  send(...types: string[]): void {
    for (const type of types) {
      const isText = !['Flush', 'Clear', 'Interrupt', 'Close'].includes(type);
      this.ws.send(JSON.stringify(isText ? { type: 'Speak', text: type } : { type }));
    }
  }

  /** Resolves when a message of a type has come so many times; the test's time-out is the limit. */
  async until(type: string, times = 1): Promise<void> {
    while (this.told.filter((told) => told === type).length < times) await sleep(2);
  }

  /** What was heard, or what was heard after the last message of a type. */
  heard(after?: string): string {
    const words = new WordCollector();
    const listener = new Listener({
      sampleRateHz: rate,
      onSpeechStart: () => words.breakWord(),
      onCharacter: (character) => void words.add(character),
    });
    const from = after === undefined ? 0 : (this.#before.get(after) ?? 0);
    listener.write(Buffer.concat(this.audio.slice(from)));
    return words.text;
  }
}

async function connect(version: Version, options: SandboxOptions = { delays }): Promise<Speaker> {
  sandbox = await startSandbox(options);
  const speaker = new Speaker(version);
  await speaker.until(firstOf[version]);
  return speaker;
}

function inject(fault: Omit<Extract<Fault, { provider: 'deepgram' }>, 'provider'>): void {
  sandbox.inject({ provider: 'deepgram', ...fault });
}

test('Aura answers a flush when its audio was sent', async () => {
  const speaker = await connect('v1');
  speaker.send('Hello ', 'there.', 'Flush', 'And you.', 'Flush');
  await speaker.until('Flushed', 2);
  expect(speaker.told).toEqual(['Metadata', 'audio', 'Flushed', 'audio', 'Flushed']);
  expect(speaker.messages.map((message) => message['sequence_id'])).toEqual([undefined, 0, 1]);
  expect(speaker.heard()).toBe('Hello there. And you.');
  speaker.send('Close');
  expect(await speaker.closed).toBe(1000);
});

test('Flux tells turns, from their beginning to their end', async () => {
  const speaker = await connect('v2');
  speaker.send('Hello ', 'there.', 'Flush');
  await speaker.until('SpeechMetadata');
  expect(speaker.told).toEqual([
    'Connected',
    'Flushed',
    'SpeechStarted',
    'audio',
    'SpeechMetadata',
  ]);
  expect(speaker.messages.at(-1)).toMatchObject({
    speech_id: speaker.messages[1]?.['speech_id'],
    input_character_count: 12,
    audio_duration_ms: Buffer.concat(speaker.audio).length / 32,
  });
  expect(speaker.heard()).toBe('Hello there.');
  speaker.send('Close');
  expect(await speaker.closed).toBe(1000);
  expect(speaker.messages.at(-1)).toMatchObject({
    type: 'SessionMetadata',
    total_input_character_count: 12,
  });
});

describe.each(versions)('%s', (version) => {
  test('the truth is what a raw client counted', async () => {
    const speaker = await connect(version);
    speaker.send('Hello there.', 'Flush');
    await speaker.until(endOf[version]);
    speaker.send('Close');
    await speaker.closed;
    const { counts, latencies, outcomes, problems } = sandbox.truth();
    expect(counts).toMatchObject({ 'tts.characters': 12, 'tts.requests': 1, 'tts.errors': 0 });
    expect(counts['tts.audio_duration.ms']).toBeCloseTo(Buffer.concat(speaker.audio).length / 32);
    expect(latencies['tts.time_to_first_audio.ms']).toEqual({ count: 1, meanMs: 10 });
    expect(latencies['tts.latency.ms']).toEqual({ count: 1, meanMs: 30 });
    expect(outcomes['tts.requests']).toEqual({ completed: 1, aborted: 0, failed: 0 });
    expect(problems).toEqual([]);
  });

  test('what is cut is silent from its answer on, and the next text is whole', async () => {
    const speaker = await connect(version, { delays: { firstAudioMs: 10, lastAudioMs: 2000 } });
    speaker.send('I would go on for a long time.', 'Flush');
    await speaker.until('audio');
    sandbox.configure(delays);
    speaker.send(cutOf[version], 'Next.', 'Flush');
    await speaker.until(endOf[version]);
    expect(speaker.heard(doneOf[version])).toBe('Next.');
    expect(sandbox.truth().outcomes['tts.requests']).toEqual({
      completed: 1,
      aborted: 1,
      failed: 0,
    });
  });

  test('a cut that comes after the end makes the text one that was left', async () => {
    const speaker = await connect(version);
    speaker.send('Hello.', 'Flush');
    await speaker.until(endOf[version]);
    speaker.send(cutOf[version]);
    await speaker.until(version === 'v1' ? 'Cleared' : 'Warning');
    expect(sandbox.truth().outcomes['tts.requests']).toMatchObject({ completed: 0, aborted: 1 });
  });

  test('the client is held to the protocol', async () => {
    const speaker = await connect(version);
    speaker.send('not flushed', 'Close');
    await speaker.closed;
    const rude = new Speaker(version);
    await rude.until(firstOf[version]);
    rude.ws.close(1000);
    const lost = new Speaker(version);
    await lost.until(firstOf[version]);
    lost.ws.send(JSON.stringify({ type: 'KeepAlive' }));
    expect(await lost.closed).toBe(1008);
    await expect
      .poll(() => sandbox.truth().problems)
      .toEqual([
        'deepgram: closed with text that was not flushed',
        'deepgram: closed (1000) without Close',
        'deepgram: unknown KeepAlive message to speak',
      ]);
  });

  test.each([
    ['the other family', { model: version === 'v1' ? models.v2 : models.v1 }],
    ['an odd rate', { sample_rate: '12345' }],
    ['a speed beyond all', { speed: '3' }],
    ['an unknown parameter', { voice: 'x' }],
  ])('refuses %s', async (_, change) => {
    sandbox = await startSandbox();
    const query = new URLSearchParams({ model: models[version], sample_rate: '16000', ...change });
    const refused = await refusal(`${sandbox.deepgramUrl}/${version}/speak?${query.toString()}`, {
      headers,
    });
    expect(refused.status).toBe(400);
    expect(sandbox.truth().counts).toMatchObject({ 'tts.errors': 1, 'stt.errors': 0 });
  });

  test.each([
    ['speak-handshake-401', 401],
    ['speak-handshake-403', 403],
    ['speak-handshake-429', 429],
    ['speak-handshake-500', 500],
  ] as const)('%s, once', async (fault, status) => {
    sandbox = await startSandbox({ delays });
    inject({ fault, times: 1 });
    const url = `${sandbox.deepgramUrl}/${version}/speak?model=${models[version]}`;
    expect((await refusal(url, { headers })).status).toBe(status);
    const speaker = new Speaker(version);
    await speaker.until(firstOf[version]);
    expect(sandbox.truth().counts).toMatchObject({ 'tts.errors': 1, 'stt.errors': 0 });
  });

  test.each([
    ['speak-reset', 1006],
    ['speak-clean-close', 1000],
    ['speak-provider-close', 1011],
    ['speak-error-message', 1011],
  ] as const)('%s ends the connection with %i, after some audio', async (fault, code) => {
    const speaker = await connect(version);
    inject({ fault, times: 1 });
    speaker.send('Hello there.', 'Flush');
    expect(await speaker.closed).toBe(code);
    const { counts, outcomes, problems } = sandbox.truth();
    expect(counts['tts.errors']).toBe(1);
    expect(counts['tts.audio_duration.ms']).toBeGreaterThan(0);
    expect(outcomes['tts.requests'].failed).toBe(1);
    expect(problems).toEqual([]);
  });

  test('a text that stalls can be cut; a connection that is mute answers nothing', async () => {
    const speaker = await connect(version);
    inject({ fault: 'speak-stall', times: 1 });
    speaker.send('Hello there.', 'Flush');
    await expect.poll(() => sandbox.truth().counts['tts.errors']).toBe(1);
    speaker.send(cutOf[version]);
    await speaker.until(doneOf[version]);
    speaker.send('Again.', 'Flush');
    await speaker.until(endOf[version]);
    expect(speaker.heard(doneOf[version])).toBe('Again.');
    inject({ fault: 'speak-mute', times: 1 });
    speaker.send('Hello there.', 'Flush');
    await expect.poll(() => sandbox.truth().counts['tts.errors']).toBe(2);
    const { length } = speaker.told;
    speaker.send(cutOf[version], 'Again.', 'Flush', 'Close');
    speaker.ws.close(1000);
    await speaker.closed;
    expect(speaker.told.slice(length)).toEqual([]);
    expect(sandbox.truth().problems).toEqual([]);
  });

  test.each([
    ['speak-odd-sized-audio', 0],
    ['speak-empty-audio', 0],
    ['speak-warning', 0],
    ['speak-unknown-type', 0],
    ['speak-no-audio', 1],
  ] as const)('%s counts as %i error', async (fault, errors) => {
    const speaker = await connect(version);
    inject({ fault, times: 1 });
    speaker.send('Hello there.', 'Flush');
    await speaker.until(endOf[version]);
    const sizes = speaker.audio.map(({ length }) => length);
    expect(sizes.some((size) => size % 2 === 1)).toBe(fault === 'speak-odd-sized-audio');
    expect(sizes.includes(0)).toBe(fault === 'speak-empty-audio');
    expect(speaker.heard()).toBe(fault === 'speak-no-audio' ? '' : 'Hello there.');
    expect(sandbox.truth().counts['tts.errors']).toBe(errors);
  });
});

test('speak-never-ends: all of the audio, and no end', async () => {
  const speaker = await connect('v1');
  inject({ fault: 'speak-never-ends', times: 1 });
  speaker.send('Hello there.', 'Flush');
  await expect.poll(() => sandbox.truth().outcomes['tts.requests'].failed).toBe(1);
  expect(speaker.told).toEqual(['Metadata', 'audio']);
  expect(speaker.heard()).toBe('Hello there.');
  expect(sandbox.truth().counts['tts.errors']).toBe(1);
});

test('Aura takes twenty flushes within a minute', async () => {
  const speaker = await connect('v1', { delays: { firstAudioMs: 0, lastAudioMs: 0 } });
  for (let index = 0; index < 21; index += 1) speaker.send('a', 'Flush');
  await speaker.until('Flushed', 20);
  await speaker.until('Warning');
  expect(sandbox.truth().problems).toEqual(['deepgram: more than 20 flushes in 60 s']);
});

test('Flux has nothing to interrupt before there was any audio, and goes on', async () => {
  const speaker = await connect('v2');
  speaker.send('Hello.', 'Flush', 'Interrupt');
  await speaker.until('Warning');
  await speaker.until('SpeechMetadata');
  expect(speaker.messages.find(({ type }) => type === 'Warning')).toMatchObject({
    code: 'NO_AUDIO_GENERATED',
  });
  expect(speaker.heard()).toBe('Hello.');
});
