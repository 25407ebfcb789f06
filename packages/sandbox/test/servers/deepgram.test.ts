import {
  speak,
  spokenDurationMs,
  startSandbox,
  type Fault,
  type Sandbox,
  type SandboxOptions,
} from '@vision-agents/sandbox';
import { afterEach, describe, expect, test } from 'vitest';

import { RawClient, refusal } from '../raw-client.ts';

const rate = 16_000;
const headers = { authorization: 'Token key' };
const query = `model=flux-general-en&encoding=linear16&sample_rate=${rate}`;
const eager = '&eager_eot_threshold=0.4';

let sandbox: Sandbox;
afterEach(() => sandbox.close());

async function connect(more = '', options: SandboxOptions = {}): Promise<RawClient> {
  sandbox = await startSandbox(options);
  return reconnect(more);
}

function reconnect(more = ''): Promise<RawClient> {
  return new RawClient(`${sandbox.deepgramUrl}/v2/listen?${query}${more}`, { headers }).open();
}

/** Sends audio in frames of 20 ms, as fast as the socket takes them: the server goes by the audio alone. */
function send(client: RawClient, ...pieces: (number | string)[]): void {
  for (const piece of pieces) {
    const samples =
      typeof piece === 'number'
        ? new Int16Array((piece * rate) / 1000)
        : speak(piece, { sampleRateHz: rate });
    for (let at = 0; at < samples.length; at += 320) client.ws.send(samples.subarray(at, at + 320));
  }
}

function events(client: RawClient): unknown[] {
  return client.messages
    .map(({ event, type }) => event ?? type)
    .filter((event) => event !== 'Update');
}

function inject(fault: Omit<Extract<Fault, { provider: 'deepgram' }>, 'provider'>): void {
  sandbox.inject({ provider: 'deepgram', ...fault });
}

function isWords(value: unknown): value is { start: number; end: number }[] {
  return Array.isArray(value) && value.every((word) => typeof word === 'object');
}

describe('a turn', () => {
  test('is told in the order that Flux tells it, at the configured audio times', async () => {
    const client = await connect(eager, { delays: { eagerEndOfTurnMs: 300, endOfTurnMs: 500 } });
    send(client, 1000, 'Hello there.', 1000);
    client.send({ type: 'CloseStream' });
    expect(await client.closed).toBe(1005);

    expect(events(client)).toEqual(['Connected', 'StartOfTurn', 'EagerEndOfTurn', 'EndOfTurn']);
    const ids = client.messages.map((message) => message['sequence_id']);
    expect(ids).toEqual(ids.map((_, index) => index));
    const by = (name: string): Record<string, unknown> | undefined =>
      client.messages.find(({ event }) => event === name);
    const endS = (1000 + spokenDurationMs('Hello there.')) / 1000;
    expect(by('EagerEndOfTurn')?.['audio_window_end']).toBeCloseTo(endS + 0.3, 1);
    const end = by('EndOfTurn');
    expect(end).toMatchObject({ turn_index: 0, transcript: 'Hello there.', trigger: 'model' });
    expect(end?.['audio_window_end']).toBeCloseTo(endS + 0.5, 1);
    const words = end?.['words'];
    const [hello, there] = isWords(words) ? words : [];
    expect(hello?.start).toBeCloseTo(1, 2);
    expect(there?.end).toBeCloseTo(endS, 2);
    expect(by('EagerEndOfTurn')?.['words']).toEqual(by('EndOfTurn')?.['words']);
    const updates = client.messages.filter(({ event }) => event === 'Update');
    expect(updates).toHaveLength(Math.floor((endS + 1) * 4));
  });

  test('goes on when the speaker does after an eager end', async () => {
    const client = await connect(eager, { delays: { eagerEndOfTurnMs: 100, endOfTurnMs: 600 } });
    send(client, 200, 'One', 300, 'two', 700, 'Three', 700);
    client.send({ type: 'CloseStream' });
    await client.closed;
    expect(events(client).slice(1)).toEqual([
      'StartOfTurn',
      'EagerEndOfTurn',
      'TurnResumed',
      'EagerEndOfTurn',
      'EndOfTurn',
      'StartOfTurn',
      'EagerEndOfTurn',
      'EndOfTurn',
    ]);
    const ends = client.messages.filter(({ event }) => event === 'EndOfTurn');
    expect(ends.map((end) => [end['turn_index'], end['transcript']])).toEqual([
      [0, 'One two'],
      [1, 'Three'],
    ]);
  });

  test('has no eager end unless asked for, and at CloseStream an update of what there is', async () => {
    const client = await connect();
    send(client, 'Hello', 100);
    client.send({ type: 'CloseStream' });
    await client.closed;
    expect(events(client)).toEqual(['Connected', 'StartOfTurn']);
    expect(client.messages.at(-1)).toMatchObject({ event: 'Update', transcript: 'Hello' });
  });

  test('ends by time-out when the model may not end it', async () => {
    const client = await connect('&eot_threshold=1&eot_timeout_ms=600');
    send(client, 'Hello', 800);
    const end = await client.message(({ event }) => event === 'EndOfTurn');
    expect(end['trigger']).toBe('timeout');
    client.send({ type: 'CloseStream' });
    await client.closed;
  });
});

test('the truth is what a raw client counted', async () => {
  const client = await connect('', { delays: { endOfTurnMs: 300 } });
  send(client, 500, 'One two.', 500, 'Three.', 500);
  client.send({ type: 'CloseStream' });
  await client.closed;
  const spokenMs = spokenDurationMs('One two.') + spokenDurationMs('Three.');
  const { counts, latencies, problems } = sandbox.truth();
  expect(counts).toMatchObject({ 'stt.transcripts': 2, 'stt.errors': 0 });
  expect(counts['stt.audio_duration.ms']).toBeCloseTo(1500 + spokenMs);
  expect(latencies['stt.latency.ms']).toEqual({ count: 2, meanMs: 300 });
  expect(latencies['turn.trailing_silence.ms']).toEqual({ count: 2, meanMs: 300 });
  const { count, meanMs } = latencies['turn.duration.ms'] ?? { count: 0, meanMs: 0 };
  expect(count).toBe(2);
  expect(Math.abs(meanMs - spokenMs / 2)).toBeLessThan(5);
  expect(problems).toEqual([]);
});

describe('the client is held to the protocol', () => {
  test.each(['KeepAlive', 'Finalize', 'ForceEndTurn'])('%s is fatal', async (type) => {
    const client = await connect();
    client.send({ type });
    const error = await client.message((message) => message['type'] === 'Error');
    expect(error['code']).toBe('UNPARSABLE_CLIENT_MESSAGE');
    await client.closed;
    expect(sandbox.truth().problems).toEqual([`deepgram: fatal ${type} message on Flux`]);
    expect(sandbox.truth().counts['stt.errors']).toBe(1);
  });

  test('Configure is answered', async () => {
    const client = await connect();
    client.send({ type: 'Configure', thresholds: { eot_threshold: 0.8 } });
    const success = await client.message(({ type }) => type === 'ConfigureSuccess');
    expect(success).toMatchObject({ sequence_id: 1, thresholds: { eot_threshold: 0.8 } });
    client.send({ type: 'CloseStream' });
    await client.closed;
  });

  test('closing without CloseStream, and audio faster than real time, are noticed', async () => {
    const client = await connect();
    send(client, 16_500);
    client.ws.close();
    await client.closed;
    await expect
      .poll(() => sandbox.truth().problems)
      .toEqual([
        'deepgram: audio was sent faster than real time',
        'deepgram: closed (1005) without CloseStream',
      ]);
  });

  test.each([
    ['no key', query, {}, 401],
    ['another scheme', query, { authorization: 'Basic key' }, 401],
    ['another model', query.replace('flux', 'nova'), headers, 400],
    ['another encoding', query.replace('linear16', 'opus'), headers, 400],
    ['an absurd rate', query.replace('16000', '1'), headers, 400],
    ['a threshold out of range', `${query}&eager_eot_threshold=0.1`, headers, 400],
    ['an unknown parameter', `${query}&interim_results=true`, headers, 400],
  ])('refuses %s', async (_, search, sent, status) => {
    sandbox = await startSandbox();
    const url = `${sandbox.deepgramUrl}/v2/listen?${search}`;
    const refused = await refusal(url, { headers: sent });
    expect(refused.status).toBe(status);
    expect(refused.headers['dg-error']).toEqual(expect.any(String));
    expect(refused.body).toHaveProperty('err_code');
  });

  test('a doubled slash is forgiven', async () => {
    sandbox = await startSandbox();
    const url = `${sandbox.url}//deepgram//v2/listen?${query}`;
    const client = await new RawClient(url, { headers }).open();
    client.send({ type: 'CloseStream' });
    expect(await client.closed).toBe(1005);
  });
});

describe('faults', () => {
  test.each([
    ['handshake-401', 401],
    ['handshake-403', 403],
    ['handshake-429', 429],
    ['handshake-500', 500],
  ] as const)('%s, once', async (fault, status) => {
    sandbox = await startSandbox();
    inject({ fault, times: 1 });
    const url = `${sandbox.deepgramUrl}/v2/listen?${query}`;
    expect((await refusal(url, { headers })).status).toBe(status);
    const client = await reconnect();
    client.send({ type: 'CloseStream' });
    expect(await client.closed).toBe(1005);
    expect(sandbox.truth().counts['stt.errors']).toBe(1);
  });

  test('hung-upgrade', async () => {
    sandbox = await startSandbox();
    inject({ fault: 'hung-upgrade' });
    const url = `${sandbox.deepgramUrl}/v2/listen?${query}`;
    const client = new RawClient(url, { headers, handshakeTimeout: 200 });
    expect(await client.closed).toBe(1006);
  });

  test.each([
    ['reset', 1006],
    ['clean-close', 1000],
    ['provider-close', 1011],
    ['error-message', 1011],
  ] as const)('%s ends the connection with %i', async (fault, code) => {
    const client = await connect();
    inject({ fault, times: 1 });
    send(client, 100);
    expect(await client.closed).toBe(code);
    expect(sandbox.truth().counts['stt.errors']).toBe(1);
    expect(sandbox.truth().problems).toEqual([]);
  });

  test('a close comes in mid-stream when told so, with the code asked for', async () => {
    const client = await connect();
    inject({ fault: 'provider-close', code: 1008, reason: 'DATA-0000', after: 600, times: 1 });
    send(client, 1000);
    expect(await client.closed).toBe(1008);
    expect(client.messages.filter(({ event }) => event === 'Update')).toHaveLength(2);
  });

  test('malformed-json, wrong-types and unknown-type come in between', async () => {
    const client = await connect();
    inject({ fault: 'malformed-json' });
    inject({ fault: 'wrong-types' });
    inject({ fault: 'unknown-type' });
    send(client, 'Hello', 600);
    client.send({ type: 'CloseStream' });
    await client.closed;
    expect(client.texts.length).toBe(client.messages.length + 1);
    expect(client.messages.filter(({ transcript }) => transcript === 42)).toHaveLength(1);
    expect(client.messages.filter(({ type }) => type === 'Surprise')).toHaveLength(1);
    expect(sandbox.truth().counts).toMatchObject({ 'stt.errors': 2, 'stt.transcripts': 1 });
  });

  test('stall: no more messages', async () => {
    const client = await connect();
    inject({ fault: 'stall', after: 300 });
    send(client, 300, 'Hello', 600);
    client.send({ type: 'CloseStream' });
    await client.closed;
    expect(client.messages.map(({ event }) => event)).toEqual([undefined, 'Update']);
  });

  test('empty-transcript', async () => {
    const client = await connect();
    inject({ fault: 'empty-transcript', times: 1 });
    send(client, 'Hello', 600);
    const end = await client.message(({ event }) => event === 'EndOfTurn');
    expect(end).toMatchObject({ transcript: '', words: [] });
    expect(sandbox.truth().counts).toMatchObject({ 'stt.transcripts': 0, 'stt.errors': 0 });
    client.send({ type: 'CloseStream' });
    await client.closed;
  });

  test('clearFaults turns all off', async () => {
    const client = await connect();
    inject({ fault: 'reset' });
    sandbox.clearFaults();
    send(client, 100);
    client.send({ type: 'CloseStream' });
    expect(await client.closed).toBe(1005);
  });
});
