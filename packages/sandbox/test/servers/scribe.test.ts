import {
  speak,
  spokenDurationMs,
  startSandbox,
  type ElevenLabsFault,
  type Sandbox,
  type SandboxOptions,
} from '@vision-agents/sandbox';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { RawClient, refusal } from '../raw-client.ts';

const rate = 16_000;
const headers = { 'xi-api-key': 'key' };
const vad = 'commit_strategy=vad&vad_silence_threshold_secs=0.5';
const timestamps = '&include_timestamps=true';

let sandbox: Sandbox;
afterEach(() => sandbox.close());

function url(query: string): string {
  const base = `${sandbox.elevenlabsUrl}/v1/speech-to-text/realtime`;
  return `${base}?model_id=scribe_v2_realtime&${query}`;
}

async function connect(query = vad, options: SandboxOptions = {}): Promise<RawClient> {
  sandbox = await startSandbox({ delays: { commitMs: 20 }, ...options });
  return new RawClient(url(query), { headers }).open();
}

function samplesOf(piece: number | string): Int16Array {
  return typeof piece === 'number'
    ? new Int16Array((piece * rate) / 1000)
    : speak(piece, { sampleRateHz: rate });
}

function chunk(samples: Int16Array, isCommit = false): Record<string, unknown> {
  const audio_base_64 = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  return {
    message_type: 'input_audio_chunk',
    audio_base_64: audio_base_64.toString('base64'),
    commit: isCommit,
    sample_rate: rate,
  };
}

/** Sends audio in chunks of 100 ms, as fast as the socket takes them: the server goes by the audio alone. */
function send(client: RawClient, ...pieces: (number | string)[]): void {
  for (const samples of pieces.map(samplesOf)) {
    for (let at = 0; at < samples.length; at += 1600) {
      client.send(chunk(samples.subarray(at, at + 1600)));
    }
  }
}

function commit(client: RawClient): void {
  client.send(chunk(new Int16Array(0), true));
}

function is(type: string): (message: Record<string, unknown>) => boolean {
  return (message) => message['message_type'] === type;
}

interface Word {
  text: string;
  type: string;
  start: number;
  end: number;
}

function areWords(value: unknown): value is Word[] {
  return Array.isArray(value) && value.every((word) => typeof word === 'object');
}

function wordsOf({ words }: Record<string, unknown>): Word[] {
  return areWords(words) ? words : [];
}

function types(client: RawClient): unknown[] {
  return client.messages.map((message) => message['message_type']);
}

function inject(fault: ElevenLabsFault, more: { after?: number; name?: string } = {}): void {
  sandbox.inject({ provider: 'elevenlabs', fault, ...more });
}

test('a session starts with its settings, and tells a segment in the order that Scribe does', async () => {
  const client = await connect(vad + timestamps);
  send(client, 500, 'Hello there.', 700);
  const end = await client.message(is('committed_transcript_with_timestamps'));
  expect(client.messages[0]).toMatchObject({
    message_type: 'session_started',
    config: { sample_rate: rate, commit_strategy: 'vad', vad_silence_threshold_secs: 0.5 },
  });
  const partials = client.messages.filter(is('partial_transcript'));
  expect(partials.length).toBeGreaterThan(3);
  expect(partials.at(-1)).toMatchObject({ text: 'Hello there.' });
  expect(types(client).slice(-2)).toEqual([
    'committed_transcript',
    'committed_transcript_with_timestamps',
  ]);
  const endS = (500 + spokenDurationMs('Hello there.')) / 1000;
  expect(end['text']).toBe('Hello there.');
  const words = wordsOf(end);
  expect(words.map(({ text }) => text)).toEqual(['Hello', ' ', 'there.']);
  expect(words.map(({ type }) => type)).toEqual(['word', 'spacing', 'word']);
  expect(words[0]?.start).toBeCloseTo(0.5, 2);
  expect(words[2]?.end).toBeCloseTo(endS, 2);
});

test('times count from the start of the session, whatever was committed', async () => {
  const client = await connect(vad + timestamps);
  send(client, 'One.', 700, 'Two.', 700);
  const second = await client.message(
    (message) => message['text'] === 'Two.' && 'words' in message,
  );
  const startS = (spokenDurationMs('One.') + 700) / 1000;
  expect(wordsOf(second)[0]?.start).toBeCloseTo(startS, 2);
});

test('by its own voice detection it commits at the silence asked for, in audio time', async () => {
  const client = await connect();
  // Speech is known for certain a chord and a fifth after it began.
  send(client, 'One', 350, 'two', 600);
  const { text } = await client.message(is('committed_transcript'));
  expect(text).toBe('One two');
  const { latencies, counts } = sandbox.truth();
  expect(latencies['turn.trailing_silence.ms']?.meanMs).toBeGreaterThanOrEqual(520);
  expect(latencies['turn.trailing_silence.ms']?.meanMs).toBeLessThan(545);
  expect(counts['stt.transcripts']).toBe(1);
});

test('without it nothing is committed until the client does, and then after the delay', async () => {
  const client = await connect('', { delays: { commitMs: 100 } });
  send(client, 'Hello', 900);
  await client.message(({ text }) => text === 'Hello');
  expect(types(client)).not.toContain('committed_transcript');
  const startedAt = performance.now();
  commit(client);
  expect(await client.message(is('committed_transcript'))).toMatchObject({ text: 'Hello' });
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(99);
  commit(client);
  expect(await client.message(is('commit_throttled'))).toHaveProperty('error');
  expect(client.ws.readyState).toBe(client.ws.OPEN);
  expect(sandbox.truth().problems).toEqual(['elevenlabs: less than 0.3 s of audio were committed']);
});

test('the language comes with the details, which come without times where those are not wanted', async () => {
  const client = await connect(`${vad}&include_language_detection=true`);
  send(client, 'Hello', 700);
  const details = await client.message(is('committed_transcript_with_timestamps'));
  expect(details).toMatchObject({ language_code: 'en', words: null });
});

test('the truth is what a raw client counted', async () => {
  const client = await connect(vad + timestamps, { delays: { commitMs: 0 } });
  send(client, 'One.', 700, 'Two.', 700);
  await client.message((message) => message['text'] === 'Two.' && 'words' in message);
  const spokenMs = spokenDurationMs('One.') + spokenDurationMs('Two.');
  await expect
    .poll(() => sandbox.truth().counts['stt.audio_duration.ms'])
    .toBeCloseTo(1400 + spokenMs);
  const { counts, latencies, problems } = sandbox.truth();
  expect(counts).toMatchObject({ 'stt.transcripts': 2, 'stt.errors': 0 });
  expect(latencies['stt.latency.ms']?.count).toBe(2);
  expect(latencies['turn.duration.ms']?.count).toBe(2);
  expect(problems).toEqual([]);
});

describe('a client that does it wrong is told, and noticed', () => {
  test.each([
    ['no key', {}, vad, 401],
    ['an unknown parameter', headers, `${vad}&endpointing=1`, 400],
    ['an unknown strategy', headers, 'commit_strategy=auto', 400],
    ['a format that it does not hear', headers, 'audio_format=mp3', 400],
    ['a silence that is too short', headers, 'vad_silence_threshold_secs=0.1', 400],
    ['a switch that is neither', headers, 'no_verbatim=1', 400],
    ['a key term that is too long', headers, `keyterms=${'a'.repeat(21)}`, 400],
    ['times of a filtered background', headers, `filter_background_audio=true${timestamps}`, 400],
  ])('%s', async (_, sent, query, status) => {
    sandbox = await startSandbox();
    expect((await refusal(url(query), { headers: sent })).status).toBe(status);
    expect(sandbox.truth().problems).toHaveLength(1);
    expect(sandbox.truth().counts['stt.errors']).toBe(1);
  });

  test.each([
    ['another message', { message_type: 'hello' }],
    ['audio that is no text', { message_type: 'input_audio_chunk', audio_base_64: 7 }],
    ['another rate', { ...chunk(samplesOf(20)), sample_rate: 8000 }],
  ])('%s', async (_, message) => {
    const client = await connect();
    client.send(message);
    expect(await client.closed).toBe(1008);
    expect(types(client)).toContain('input_error');
    expect(sandbox.truth().problems).toHaveLength(1);
  });

  test('context that comes late', async () => {
    const client = await connect();
    send(client, 100);
    client.send({ ...chunk(samplesOf(20)), previous_text: 'before' });
    expect(await client.closed).toBe(1008);
  });

  test('audio faster than real time', async () => {
    const client = await connect();
    send(client, 16_500);
    await expect
      .poll(() => sandbox.truth().problems)
      .toEqual(['elevenlabs: audio was sent faster than real time']);
  });

  test('no audio for ten seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const client = await connect();
      vi.advanceTimersByTime(10_000);
      expect(await client.closed).toBe(1000);
      expect(types(client)).toContain('insufficient_audio_activity');
      expect(sandbox.truth().problems).toEqual(['elevenlabs: no audio for 10 s']);
    } finally {
      vi.useRealTimers();
    }
  });

  test('a socket that is cut', async () => {
    const client = await connect();
    client.ws.terminate();
    await expect.poll(() => sandbox.truth().problems).toHaveLength(1);
  });
});

describe('faults', () => {
  test.each([
    ['scribe-handshake-401', 401],
    ['scribe-handshake-403', 403],
    ['scribe-handshake-429', 429],
    ['scribe-handshake-500', 500],
  ] as const)('%s', async (fault, status) => {
    sandbox = await startSandbox();
    inject(fault);
    expect((await refusal(url(vad), { headers })).status).toBe(status);
    expect(sandbox.truth().counts).toMatchObject({ 'stt.errors': 1, 'tts.errors': 0 });
  });

  test('scribe-hung-upgrade', async () => {
    sandbox = await startSandbox();
    inject('scribe-hung-upgrade');
    const client = new RawClient(url(vad), { headers, handshakeTimeout: 200 });
    expect(await client.closed).toBe(1006);
  });

  test('scribe-refused-session and scribe-no-session', async () => {
    sandbox = await startSandbox();
    inject('scribe-refused-session', { name: 'unaccepted_terms' });
    const refused = new RawClient(url(vad), { headers });
    expect(await refused.closed).toBe(1008);
    expect(types(refused)).toEqual(['unaccepted_terms']);
    sandbox.clearFaults();
    inject('scribe-no-session');
    const unheard = await new RawClient(url(vad), { headers }).open();
    send(unheard, 'Hello', 700);
    await expect.poll(() => sandbox.truth().counts['stt.audio_duration.ms']).toBeGreaterThan(1000);
    expect(unheard.texts).toEqual([]);
  });

  test.each([
    ['scribe-error-message', 1008],
    ['scribe-reset', 1006],
    ['scribe-clean-close', 1000],
    ['scribe-provider-close', 1011],
  ] as const)('%s ends the session with %i', async (fault, code) => {
    const client = await connect();
    inject(fault, { after: 200 });
    send(client, 'Hello', 700);
    expect(await client.closed).toBe(code);
    expect(types(client).includes('transcriber_error')).toBe(fault === 'scribe-error-message');
    expect(sandbox.truth().counts['stt.errors']).toBe(1);
  });

  test('what is odd comes in between', async () => {
    const client = await connect();
    for (const fault of [
      'scribe-malformed-json',
      'scribe-wrong-types',
      'scribe-unknown-type',
      'scribe-warning',
    ] as const) {
      inject(fault);
    }
    send(client, 'Hello', 700);
    await client.message(is('committed_transcript'));
    expect(client.texts.length).toBe(client.messages.length + 1);
    expect(client.messages.filter(({ text }) => text === 42)).toHaveLength(1);
    expect(types(client)).toEqual(expect.arrayContaining(['surprise', 'warning']));
    expect(sandbox.truth().counts['stt.errors']).toBe(2);
  });

  test('scribe-empty-transcript and scribe-no-timestamps concern the next transcript', async () => {
    const client = await connect(vad + timestamps);
    sandbox.inject({ provider: 'elevenlabs', fault: 'scribe-empty-transcript', times: 1 });
    sandbox.inject({ provider: 'elevenlabs', fault: 'scribe-no-timestamps', times: 1 });
    send(client, 'One', 700, 'Two', 700);
    await client.message((message) => message['text'] === 'Two' && 'words' in message);
    const committed = client.messages.filter(is('committed_transcript'));
    expect(committed.map(({ text }) => text)).toEqual(['', 'Two']);
    expect(client.messages.filter(is('committed_transcript_with_timestamps'))).toHaveLength(1);
    expect(sandbox.truth().counts).toMatchObject({ 'stt.transcripts': 1, 'stt.errors': 0 });
  });

  test.each(['scribe-stall', 'scribe-slow-reader'] as const)(
    '%s: nothing more is told',
    async (fault) => {
      const client = await connect();
      inject(fault, { after: 200 });
      send(client, 'Hello', 700);
      await expect.poll(() => sandbox.truth().counts['stt.errors']).toBe(1);
      const pong = new Promise((resolve) => client.ws.once('pong', resolve));
      client.ws.ping();
      const none = new Promise((resolve) => setTimeout(resolve, 200, 'none'));
      const answer = await Promise.race([pong, none]);
      expect(answer === 'none').toBe(fault === 'scribe-slow-reader');
      expect(types(client)).not.toContain('committed_transcript');
    },
  );
});
