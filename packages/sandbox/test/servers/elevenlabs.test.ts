import { speak, startSandbox, type Sandbox, type SandboxOptions } from '@vision-agents/sandbox';
import { afterEach, describe, expect, test } from 'vitest';

import { piecesOf } from '../pieces-of.ts';
import { RawClient, refusal } from '../raw-client.ts';
import { hear, padded } from '../voice/hear.ts';

const headers = { 'xi-api-key': 'key' };
const fast = { delays: { firstAudioMs: 10, lastAudioMs: 30 } };

let sandbox: Sandbox;
afterEach(() => sandbox.close());

function socketUrl(query = 'output_format=pcm_16000&auto_mode=true'): string {
  return `${sandbox.elevenlabsUrl}/v1/text-to-speech/voice/multi-stream-input?model_id=m&${query}`;
}

async function connect(options: SandboxOptions = fast, query?: string): Promise<RawClient> {
  sandbox = await startSandbox(options);
  return new RawClient(socketUrl(query), { headers }).open();
}

function say(client: RawClient, context_id: string, ...texts: string[]): void {
  client.send({ text: ' ', context_id });
  for (const text of texts) client.send({ text, context_id });
  client.send({ text: '', context_id, flush: true });
  client.send({ context_id, close_context: true });
}

function audioOf(client: RawClient, contextId: string): Buffer {
  return Buffer.concat(
    client.messages
      .filter((message) => message['contextId'] === contextId)
      .map(({ audio }) => Buffer.from(typeof audio === 'string' ? audio : '', 'base64')),
  );
}

function textOf(audio: Buffer, sampleRateHz = 16_000): string {
  const samples = new Int16Array(new Uint8Array(audio).buffer);
  return hear(padded(samples, sampleRateHz), sampleRateHz).text;
}

function isFinal(contextId: string): (message: Record<string, unknown>) => boolean {
  return (message) => message['isFinal'] === true && message['contextId'] === contextId;
}

describe('the socket', () => {
  test.each([16_000, 22_050, 24_000, 44_100, 48_000])('speaks at %i Hz', async (rate) => {
    const client = await connect(fast, `output_format=pcm_${rate}&auto_mode=true`);
    say(client, 'a', 'Hello there.');
    await client.message(isFinal('a'));
    expect(textOf(audioOf(client, 'a'), rate)).toBe('Hello there.');
    const sizes = client.messages.map(
      ({ audio }) => Buffer.from(typeof audio === 'string' ? audio : '', 'base64').length,
    );
    expect(sizes.filter((size) => size % 2 === 1)).toEqual([]);
  });

  test('starts and ends an answer no earlier than configured', async () => {
    const client = await connect({ delays: { firstAudioMs: 100, lastAudioMs: 250 } });
    const start = performance.now();
    say(client, 'a', 'Hello there, how are you?');
    await client.message(isFinal('a'));
    expect((client.arrivals[0] ?? 0) - start).toBeGreaterThanOrEqual(100);
    expect((client.arrivals.at(-1) ?? 0) - start).toBeGreaterThanOrEqual(250);
    expect(client.messages.length).toBeGreaterThan(5);
  });

  test('holds text back without auto mode or flush until there are 120 characters', async () => {
    const client = await connect(fast, 'output_format=pcm_16000');
    client.send({ text: ' ', context_id: 'a' });
    client.send({ text: 'Short. ', context_id: 'a' });
    say(client, 'b', 'Hello.');
    await client.message(isFinal('b'));
    expect(audioOf(client, 'a')).toHaveLength(0);
    client.send({ text: 'long '.repeat(24), context_id: 'a' });
    await client.message((message) => message['contextId'] === 'a');
  });

  test('in auto mode speaks what is a sentence, and the rest at the flush', async () => {
    const client = await connect();
    client.send({ text: ' ', context_id: 'a' });
    for (const text of ['He', 'llo. Go', 'od']) client.send({ text, context_id: 'a' });
    await client.message((message) => message['contextId'] === 'a');
    client.send({ text: ' day', context_id: 'a', flush: true });
    client.send({ context_id: 'a', close_context: true });
    await client.message(isFinal('a'));
    expect(textOf(audioOf(client, 'a'))).toBe('Hello.Good day');
  });

  test('close_context stops the audio, close_socket waits for it', async () => {
    const client = await connect({ delays: { firstAudioMs: 20, lastAudioMs: 2000 } });
    client.send({ text: ' ', context_id: 'a' });
    client.send({ text: 'This will be cut off. ', context_id: 'a' });
    await client.message((message) => message['contextId'] === 'a');
    client.send({ context_id: 'a', close_context: true });
    await client.message(isFinal('a'));
    sandbox.configure({ firstAudioMs: 10, lastAudioMs: 20 });
    say(client, 'b', 'Bye.');
    client.send({ close_socket: true });
    expect(await client.closed).toBe(1000);
    expect(textOf(audioOf(client, 'b'))).toBe('Bye.');
    expect(client.messages.filter(isFinal('b'))).toHaveLength(1);
    const whole = speak('This will be cut off.', { sampleRateHz: 16_000 }).byteLength;
    expect(audioOf(client, 'a').length).toBeLessThan(whole);
  });

  test('close_context after a flush lets the text be spoken to its end', async () => {
    const client = await connect();
    say(client, 'a', 'This will be heard.');
    await client.message(isFinal('a'));
    expect(textOf(audioOf(client, 'a'))).toBe('This will be heard.');
    expect(client.messages.filter(isFinal('a'))).toHaveLength(1);
  });

  test('allows five contexts', async () => {
    const client = await connect();
    for (const id of '12345') client.send({ text: ' ', context_id: id });
    client.send({ text: ' ', context_id: '6' });
    expect(await client.closed).toBe(1008);
    expect(client.messages.at(-1)).toMatchObject({ code: 1008, error: 'max_active_conversations' });
  });

  test('does not count contexts that have ended', async () => {
    const client = await connect();
    for (const id of '1234567') {
      say(client, id, 'Hi.');
      await client.message(isFinal(id));
    }
    expect(sandbox.truth().problems).toEqual([]);
  });

  test('ends after the inactivity time-out', async () => {
    const client = await connect(fast, 'output_format=pcm_16000&inactivity_timeout=0.2');
    expect(await client.closed).toBe(1008);
    expect(client.messages).toMatchObject([{ error: 'input_timeout_exceeded', code: 1008 }]);
  });

  test('refuses a voice that cannot be', async () => {
    const client = await connect();
    client.send({ text: ' ', context_id: 'a', voice_settings: { speed: 2 } });
    expect(await client.closed).toBe(1008);
    expect(sandbox.truth().problems).toEqual([
      'elevenlabs: voice_settings are not what ElevenLabs takes',
    ]);
  });

  test('notices a context that was not opened with a space', async () => {
    const client = await connect();
    client.send({ text: 'Hi.', context_id: 'a', flush: true });
    client.send({ context_id: 'a', close_context: true });
    await client.message(isFinal('a'));
    expect(sandbox.truth().problems).toEqual(['elevenlabs: a context was not opened with " "']);
  });

  test.each([
    ['no key', {}, 'output_format=pcm_16000', 401],
    ['an unknown format', headers, 'output_format=mp3_44100_128', 400],
    ['an absurd time-out', headers, 'output_format=pcm_16000&inactivity_timeout=900', 400],
  ])('refuses %s', async (_, sent, query, status) => {
    sandbox = await startSandbox();
    expect((await refusal(socketUrl(query), { headers: sent })).status).toBe(status);
  });
});

function post(body: unknown, query = 'output_format=pcm_16000'): Promise<Response> {
  return fetch(`${sandbox.elevenlabsUrl}/v1/text-to-speech/voice/stream?${query}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
}

async function chunksOf(response: Response): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of piecesOf(response)) chunks.push(chunk);
  return chunks;
}

describe('HTTP', () => {
  test('streams audio in odd pieces, with the cost in the headers', async () => {
    sandbox = await startSandbox();
    const response = await post({ text: 'Hello there.', model_id: 'm' });
    expect(response.headers.get('character-cost')).toBe('12');
    expect(response.headers.get('request-id')).toEqual(expect.any(String));
    const chunks = await chunksOf(response);
    expect(chunks.some((chunk) => chunk.length % 2 === 1)).toBe(true);
    expect(textOf(Buffer.concat(chunks))).toBe('Hello there.');
  });

  test.each([
    ['http-401', 401],
    ['http-403', 403],
    ['http-quota', 401],
    ['http-422', 422],
    ['http-429-concurrency', 429],
    ['http-429-busy', 429],
    ['http-500', 500],
  ] as const)('%s', async (fault, status) => {
    sandbox = await startSandbox(fast);
    sandbox.inject({ provider: 'elevenlabs', fault, times: 1 });
    const response = await post({ text: 'Hello.' });
    expect(response.status).toBe(status);
    expect(await response.json()).toHaveProperty('detail');
    expect((await post({ text: 'Hello again.' })).status).toBe(200);
    expect(sandbox.truth().counts).toMatchObject({ 'tts.errors': 1, 'tts.requests': 2 });
  });

  test('http-reset cuts the body', async () => {
    sandbox = await startSandbox(fast);
    sandbox.inject({ provider: 'elevenlabs', fault: 'http-reset' });
    await expect(chunksOf(await post({ text: 'Hello.' }))).rejects.toThrow('terminated');
  });

  test('a fast model costs half', async () => {
    sandbox = await startSandbox(fast);
    const response = await post({ text: 'Hello there.', model_id: 'eleven_flash_v2_5' });
    expect(response.headers.get('character-cost')).toBe('6');
    await response.body?.cancel();
  });

  test('refuses a voice that cannot be', async () => {
    sandbox = await startSandbox(fast);
    const refused = await post({ text: 'Hi.', voice_settings: { stability: 'high' } });
    expect(refused.status).toBe(422);
    expect(sandbox.truth().problems).toHaveLength(1);
  });

  test('http-hung does not answer', async () => {
    sandbox = await startSandbox(fast);
    sandbox.inject({ provider: 'elevenlabs', fault: 'http-hung' });
    const none = new Promise((resolve) => setTimeout(resolve, 100, 'none'));
    expect(await Promise.race([post({ text: 'Hello.' }).catch(() => 'cut'), none])).toBe('none');
  });

  test('http-stall sends no more', async () => {
    sandbox = await startSandbox(fast);
    sandbox.inject({ provider: 'elevenlabs', fault: 'http-stall' });
    const reader = (await post({ text: 'Hello.' })).body?.getReader();
    await reader?.read();
    const more = reader?.read().then(() => 'more');
    const none = new Promise((resolve) => setTimeout(resolve, 200, 'none'));
    expect(await Promise.race([more, none])).toBe('none');
    await reader?.cancel();
  });

  test('http-odd-chunks and http-empty', async () => {
    sandbox = await startSandbox(fast);
    sandbox.inject({ provider: 'elevenlabs', fault: 'http-odd-chunks', times: 1 });
    const odd = await chunksOf(await post({ text: 'Hi.' }));
    expect(textOf(Buffer.concat(odd))).toBe('Hi.');
    sandbox.inject({ provider: 'elevenlabs', fault: 'http-empty', times: 1 });
    expect(await chunksOf(await post({ text: 'Hi.' }))).toEqual([]);
    expect(sandbox.truth().counts['tts.errors']).toBe(1);
  });

  test('a hidden retry is noticed', async () => {
    sandbox = await startSandbox(fast);
    sandbox.inject({ provider: 'elevenlabs', fault: 'http-500', times: 1 });
    await post({ text: 'Hi.' });
    await post({ text: 'Hi.' });
    expect(sandbox.truth().problems).toEqual(['elevenlabs: a failed request was repeated']);
  });
});

test('the truth is what a raw client counted', async () => {
  const client = await connect({ delays: { firstAudioMs: 20, lastAudioMs: 40 } });
  say(client, 'a', 'Hello there. ', 'Bye.');
  await client.message(isFinal('a'));
  const bytes = Buffer.concat(await chunksOf(await post({ text: 'Once more.' }))).length;
  const { counts, latencies, problems } = sandbox.truth();
  expect(counts).toMatchObject({ 'tts.characters': 26, 'tts.requests': 2, 'tts.errors': 0 });
  expect(counts['tts.audio_duration.ms']).toBeCloseTo((audioOf(client, 'a').length + bytes) / 32);
  expect(latencies['tts.time_to_first_audio.ms']).toEqual({ count: 2, meanMs: 20 });
  expect(latencies['tts.latency.ms']).toEqual({ count: 2, meanMs: 40 });
  expect(problems).toEqual([]);
});

describe('faults of the socket', () => {
  test.each([
    ['handshake-401', 401],
    ['handshake-403', 403],
    ['handshake-429', 429],
    ['handshake-500', 500],
  ] as const)('%s', async (fault, status) => {
    sandbox = await startSandbox();
    sandbox.inject({ provider: 'elevenlabs', fault });
    expect((await refusal(socketUrl(), { headers })).status).toBe(status);
  });

  test('hung-upgrade', async () => {
    sandbox = await startSandbox();
    sandbox.inject({ provider: 'elevenlabs', fault: 'hung-upgrade' });
    const client = new RawClient(socketUrl(), { headers, handshakeTimeout: 200 });
    expect(await client.closed).toBe(1006);
  });

  test.each([
    ['error-message', 1008],
    ['reset', 1006],
    ['clean-close', 1000],
    ['provider-close', 1011],
  ] as const)('%s ends the connection with %i, in mid-stream when told so', async (fault, code) => {
    const client = await connect();
    sandbox.inject({ provider: 'elevenlabs', fault, after: 2, times: 1 });
    say(client, 'a', 'Hello there.');
    expect(await client.closed).toBe(code);
    expect(client.messages.filter(({ audio }) => typeof audio === 'string')).toHaveLength(2);
    expect(sandbox.truth().counts['tts.errors']).toBe(1);
  });

  test('malformed-json, wrong-types, unknown-type and empty-audio come in between', async () => {
    const client = await connect();
    sandbox.inject({ provider: 'elevenlabs', fault: 'wrong-types', after: 1 });
    sandbox.inject({ provider: 'elevenlabs', fault: 'unknown-type', after: 2 });
    sandbox.inject({ provider: 'elevenlabs', fault: 'malformed-json', after: 1 });
    sandbox.inject({ provider: 'elevenlabs', fault: 'empty-audio', after: 3 });
    say(client, 'a', 'Hello there.');
    await client.message(isFinal('a'));
    expect(client.texts.length).toBe(client.messages.length + 1);
    expect(client.messages.filter(({ audio }) => audio === '')).toHaveLength(1);
    expect(client.messages.filter(({ audio }) => audio === 42)).toHaveLength(1);
    expect(client.messages.filter(({ surprise }) => surprise !== undefined)).toHaveLength(1);
    expect(textOf(audioOf(client, 'a'))).toBe('Hello there.');
  });

  test('odd-sized-audio cuts samples in half', async () => {
    const client = await connect();
    sandbox.inject({ provider: 'elevenlabs', fault: 'odd-sized-audio' });
    say(client, 'a', 'Hello there.');
    await client.message(isFinal('a'));
    const [first] = client.messages;
    expect(Buffer.from(String(first?.['audio']), 'base64').length % 2).toBe(1);
    expect(textOf(audioOf(client, 'a'))).toBe('Hello there.');
  });

  test.each([
    ['stall', 1],
    ['never-final', undefined],
  ] as const)('%s: the context never ends, others do', async (fault, after) => {
    const client = await connect();
    sandbox.inject({
      provider: 'elevenlabs',
      fault,
      times: 1,
      ...(after === undefined ? {} : { after }),
    });
    say(client, 'a', 'Hello there.');
    await client.message((message) => message['contextId'] === 'a');
    await expect.poll(() => sandbox.truth().counts['tts.errors']).toBe(1);
    say(client, 'b', 'Hello there.');
    await client.message(isFinal('b'));
    expect(client.messages.some(isFinal('a'))).toBe(false);
  });
});
