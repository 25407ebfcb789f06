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
const query = `model=nova-3&encoding=linear16&sample_rate=${rate}&channels=1`;
const turns = '&interim_results=true&vad_events=true&endpointing=300&utterance_end_ms=1000';

let sandbox: Sandbox;
afterEach(() => sandbox.close());

async function connect(more = turns, options: SandboxOptions = {}): Promise<RawClient> {
  sandbox = await startSandbox(options);
  return new RawClient(`${sandbox.deepgramUrl}/v1/listen?${query}${more}`, { headers }).open();
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

async function finish(client: RawClient): Promise<number> {
  client.send({ type: 'CloseStream' });
  return client.closed;
}

interface Results {
  readonly text: string;
  readonly words: readonly Record<string, unknown>[];
  readonly flags: string;
  readonly endS: number;
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' ? { ...value } : {};
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

function resultsOf(client: RawClient): Results[] {
  return client.messages
    .filter(({ type }) => type === 'Results')
    .map((message) => {
      const [best = {}] = listOf(fieldsOf(message['channel'])['alternatives']);
      const flags = ['is_final', 'speech_final', 'from_finalize'].filter(
        (flag) => message[flag] === true,
      );
      return {
        text: String(best['transcript']),
        words: listOf(best['words']),
        flags: flags.join(' '),
        endS: Number(message['start']) + Number(message['duration']),
      };
    });
}

const isFinal = ({ flags }: Results): boolean => flags !== '';

function inject(fault: Omit<Extract<Fault, { provider: 'deepgram' }>, 'provider'>): void {
  sandbox.inject({ provider: 'deepgram', ...fault });
}

describe('an utterance', () => {
  test('is announced, told while it lasts, and ended by the silence asked for', async () => {
    const client = await connect();
    send(client, 1000, 'Hello there.', 600);
    expect(await finish(client)).toBe(1000);
    const types = client.messages.map(({ type }) => type);
    expect(types.filter((type) => type !== 'Results')).toEqual(['SpeechStarted', 'Metadata']);
    const started = client.messages.find(({ type }) => type === 'SpeechStarted');
    expect(started?.['timestamp']).toBeCloseTo(1, 1);
    const interims = resultsOf(client).filter((results) => !isFinal(results));
    const [silent, begun] = interims.map(({ text }) => text);
    expect(interims).toHaveLength(2);
    expect(silent).toBe('');
    expect(begun).toMatch(/^Hello the/);
    const [end, ...others] = resultsOf(client).filter(isFinal);
    expect(others).toEqual([]);
    expect(end).toMatchObject({ text: 'Hello there.', flags: 'is_final speech_final' });
    const spokenEndS = (1000 + spokenDurationMs('Hello there.')) / 1000;
    expect(end?.endS).toBeCloseTo(spokenEndS + 0.3, 1);
    expect(end?.words[1]).toMatchObject({ word: 'there', punctuated_word: 'there.' });
    expect(end?.words[1]?.['end']).toBeCloseTo(spokenEndS, 2);
    const metadata = client.messages.at(-1);
    expect(metadata?.['duration']).toBeCloseTo(1.6 + spokenDurationMs('Hello there.') / 1000, 2);
  });

  test('that is long is made final in parts, none of which is told twice', async () => {
    const client = await connect();
    const text = 'One two three four five six seven eight nine ten.';
    send(client, text, 600);
    await finish(client);
    const parts = resultsOf(client).filter(isFinal);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.map((part) => part.text).join(' ')).toBe(text);
    expect(parts.map(({ flags }) => flags.includes('speech_final'))).toEqual([
      ...parts.slice(1).map(() => false),
      true,
    ]);
    expect(sandbox.truth().counts['stt.transcripts']).toBe(1);
  });

  test('has an UtteranceEnd too, once, when no words follow', async () => {
    const client = await connect();
    send(client, 'Hello.', 2500);
    await finish(client);
    const ends = client.messages.filter(({ type }) => type === 'UtteranceEnd');
    expect(ends).toHaveLength(1);
    expect(ends[0]?.['last_word_end']).toBeCloseTo(spokenDurationMs('Hello.') / 1000, 2);
  });

  test('is not ended without endpointing, but told when asked', async () => {
    const client = await connect('&interim_results=true&endpointing=false');
    send(client, 'Hello.', 2000);
    client.send({ type: 'Finalize' });
    await client.message((message) => message['from_finalize'] === true);
    await finish(client);
    const finals = resultsOf(client).filter(isFinal);
    expect(finals.map(({ text, flags }) => [text, flags])).toEqual([
      ['Hello.', 'is_final from_finalize'],
    ]);
    expect(sandbox.truth().counts['stt.transcripts']).toBe(1);
  });

  test('that is not over is told at CloseStream', async () => {
    const client = await connect();
    send(client, 'Hello', 100);
    await finish(client);
    expect(resultsOf(client).at(-1)).toMatchObject({ text: 'Hello', flags: 'is_final' });
    expect(sandbox.truth().counts['stt.transcripts']).toBe(1);
  });
});

test('the truth is what a raw client counted', async () => {
  const client = await connect();
  send(client, 500, 'One two.', 500, 'Three.', 500);
  await finish(client);
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
  test('KeepAlive right after audio is not needed', async () => {
    const client = await connect();
    send(client, 100);
    client.send({ type: 'KeepAlive' });
    await finish(client);
    expect(sandbox.truth().problems).toEqual(['deepgram: KeepAlive sooner than it is needed']);
  });

  test('an unknown message ends the connection', async () => {
    const client = await connect();
    client.send({ type: 'ForceEndTurn' });
    expect(await client.closed).toBe(1008);
    expect(sandbox.truth().problems).toEqual(['deepgram: unknown ForceEndTurn message on Nova']);
    expect(sandbox.truth().counts['stt.errors']).toBe(1);
  });

  test('closing without CloseStream is noticed', async () => {
    const client = await connect();
    client.ws.close();
    await client.closed;
    await expect
      .poll(() => sandbox.truth().problems)
      .toEqual(['deepgram: closed (1005) without CloseStream']);
  });

  test.each([
    ['a Flux model', query.replace('nova-3', 'flux-general-en')],
    ['an unknown parameter', `${query}&eot_threshold=0.7`],
    ['UtteranceEnd without interim results', `${query}&utterance_end_ms=1000`],
    ['an UtteranceEnd that is too early', `${query}&interim_results=true&utterance_end_ms=500`],
    ['keywords for Nova-3', `${query}&keywords=Acme`],
    ['keyterms for Nova-2', `${query.replace('nova-3', 'nova-2')}&keyterm=Acme`],
    ['an endpointing that is no time', `${query}&endpointing=soon`],
  ])('refuses %s', async (_, search) => {
    sandbox = await startSandbox();
    const refused = await refusal(`${sandbox.deepgramUrl}/v1/listen?${search}`, { headers });
    expect(refused.status).toBe(400);
    expect(refused.body).toHaveProperty('err_code');
  });
});

describe('faults', () => {
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

  test('malformed-json, wrong-types and unknown-type come in between', async () => {
    const client = await connect();
    inject({ fault: 'malformed-json' });
    inject({ fault: 'wrong-types' });
    inject({ fault: 'unknown-type' });
    send(client, 'Hello', 600);
    await client.message((message) => message['speech_final'] === true);
    await finish(client);
    expect(client.texts.length).toBe(client.messages.length + 1);
    expect(client.messages.filter((message) => message['is_final'] === 'yes')).toHaveLength(1);
    expect(client.messages.filter(({ type }) => type === 'Surprise')).toHaveLength(1);
    expect(sandbox.truth().counts).toMatchObject({ 'stt.errors': 2, 'stt.transcripts': 1 });
  });

  test('empty-transcript', async () => {
    const client = await connect();
    inject({ fault: 'empty-transcript', times: 1 });
    send(client, 'Hello', 600);
    await finish(client);
    expect(resultsOf(client).filter(isFinal)).toMatchObject([
      { text: '', words: [], flags: 'is_final speech_final' },
    ]);
    expect(sandbox.truth().counts).toMatchObject({ 'stt.transcripts': 0, 'stt.errors': 0 });
  });

  test('no-speech-final: only UtteranceEnd tells the end', async () => {
    const client = await connect();
    inject({ fault: 'no-speech-final', times: 1 });
    send(client, 'Hello', 1300);
    await client.message(({ type }) => type === 'UtteranceEnd');
    await finish(client);
    expect(resultsOf(client).filter(isFinal)).toMatchObject([{ text: 'Hello', flags: 'is_final' }]);
    const { latencies, counts } = sandbox.truth();
    expect(latencies['stt.latency.ms']).toEqual({ count: 1, meanMs: 1000 });
    expect(counts).toMatchObject({ 'stt.transcripts': 1, 'stt.errors': 0 });
  });
});
