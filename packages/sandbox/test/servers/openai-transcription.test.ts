import {
  speak,
  spokenDurationMs,
  startSandbox,
  type OpenAITranscriptionFault,
  type Sandbox,
  type SandboxOptions,
} from '@vision-agents/sandbox';
import { afterEach, describe, expect, test } from 'vitest';

import { RawClient, refusal } from '../raw-client.ts';

const rate = 24_000;
const headers = { authorization: 'Bearer key' };
const transcription = 'conversation.item.input_audio_transcription';
const serverVad = { type: 'server_vad', prefix_padding_ms: 300, silence_duration_ms: 500 };

let sandbox: Sandbox;
afterEach(() => sandbox.close());

function url(): string {
  return `${sandbox.openaiUrl}/realtime?intent=transcription`;
}

function update(input: Record<string, unknown> = {}, type = 'transcription') {
  const format = { type: 'audio/pcm', rate };
  const model = { model: 'gpt-4o-mini-transcribe' };
  const audio = {
    input: { format, transcription: model, turn_detection: serverVad, ...input },
  };
  return { type: 'session.update', event_id: 'mine', session: { type, audio } };
}

async function connect(
  input: Record<string, unknown> = {},
  options: SandboxOptions = {},
): Promise<RawClient> {
  sandbox = await startSandbox({ delays: { commitMs: 20 }, ...options });
  const client = await new RawClient(url(), { headers }).open();
  client.send(update(input));
  await client.message(is('session.updated'));
  return client;
}

function samplesOf(piece: number | string): Int16Array {
  return typeof piece === 'number'
    ? new Int16Array((piece * rate) / 1000)
    : speak(piece, { sampleRateHz: rate });
}

function append(samples: Int16Array): Record<string, unknown> {
  const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  return { type: 'input_audio_buffer.append', audio: bytes.toString('base64') };
}

/** Sends audio in pieces of 100 ms, as fast as the socket takes them: the server goes by the audio alone. */
function send(client: RawClient, ...pieces: (number | string)[]): void {
  for (const samples of pieces.map(samplesOf)) {
    for (let at = 0; at < samples.length; at += 2400) {
      client.send(append(samples.subarray(at, at + 2400)));
    }
  }
}

function commit(client: RawClient): void {
  client.send({ type: 'input_audio_buffer.commit' });
}

function is(type: string): (message: Record<string, unknown>) => boolean {
  return (message) => message['type'] === type;
}

function says(transcript: string): (message: Record<string, unknown>) => boolean {
  return (message) => message['transcript'] === transcript;
}

function types(client: RawClient): unknown[] {
  return client.messages.map((message) => message['type']);
}

function inject(
  fault: OpenAITranscriptionFault,
  more: { after?: number; times?: number; name?: string } = {},
): void {
  sandbox.inject({ provider: 'openai-transcription', fault, ...more });
}

test('a turn is told in the order in which OpenAI does, about one item', async () => {
  const client = await connect();
  send(client, 1000, 'Hello big world', 700);
  const completed = await client.message(is(`${transcription}.completed`));
  expect(completed).toMatchObject({
    transcript: 'Hello big world',
    content_index: 0,
    usage: { type: 'tokens', output_tokens: 3 },
  });
  expect(types(client)).toEqual([
    'session.created',
    'session.updated',
    'input_audio_buffer.speech_started',
    'input_audio_buffer.speech_stopped',
    'input_audio_buffer.committed',
    'conversation.item.added',
    'conversation.item.done',
    `${transcription}.delta`,
    `${transcription}.delta`,
    `${transcription}.completed`,
  ]);
  const ids = new Set(client.messages.flatMap(({ item_id: id }) => (id === undefined ? [] : id)));
  expect(ids.size).toBe(1);
  expect(new Set(client.messages.map(({ event_id: id }) => id)).size).toBe(client.messages.length);
});

test('times are those of the item: what is before the speech, and the silence after it, included', async () => {
  const client = await connect();
  send(client, 1000, 'Hello there', 700);
  const { audio_end_ms: endMs } = await client.message(is('input_audio_buffer.speech_stopped'));
  const [started] = client.messages.filter(is('input_audio_buffer.speech_started'));
  expect(Math.abs(Number(started?.['audio_start_ms']) - 700)).toBeLessThan(30);
  const trueEndMs = 1000 + spokenDurationMs('Hello there') + 500;
  expect(Math.abs(Number(endMs) - trueEndMs)).toBeLessThan(30);
});

test('there is nothing before what is at the beginning', async () => {
  const client = await connect();
  send(client, 100, 'Hello', 700);
  const started = await client.message(is('input_audio_buffer.speech_started'));
  expect(started).toMatchObject({ audio_start_ms: 0 });
});

test('items name the ones before them', async () => {
  const client = await connect();
  send(client, 'One', 700, 'Two', 700);
  await client.message(says('Two'));
  const [first, second] = client.messages.filter(is('input_audio_buffer.committed'));
  expect(first).toMatchObject({ previous_item_id: null });
  expect(second?.['previous_item_id']).toBe(first?.['item_id']);
});

test('in audio time a turn ends at the silence asked for, and is told after the delay', async () => {
  const client = await connect({}, { delays: { commitMs: 100 } });
  send(client, 500, 'One', 350, 'two', 800);
  await client.message(says('One two'));
  const { latencies, counts } = sandbox.truth();
  for (const name of ['stt.latency.ms', 'turn.trailing_silence.ms']) {
    expect(latencies[name]?.count).toBe(1);
    expect(latencies[name]?.meanMs).toBeGreaterThanOrEqual(600);
    expect(latencies[name]?.meanMs).toBeLessThan(640);
  }
  expect(latencies['turn.duration.ms']?.count).toBe(1);
  expect(counts['stt.transcripts']).toBe(1);
});

test('without audio the clock brings the transcript', async () => {
  const client = await connect({}, { delays: { commitMs: 100 } });
  send(client, 'Hello', 540);
  expect(await client.message(is(`${transcription}.completed`))).toMatchObject({
    transcript: 'Hello',
  });
});

test('by its words a turn is over sooner or later', async () => {
  const vad = { type: 'semantic_vad', eagerness: 'high' };
  const client = await connect({ turn_detection: vad });
  send(client, 'Hello there', 400);
  await client.message(says('Hello there'));
  send(client, 'Hello and', 1900);
  await expect.poll(() => sandbox.truth().counts['stt.audio_duration.ms']).toBeGreaterThan(3000);
  expect(client.messages.filter(is('input_audio_buffer.speech_stopped'))).toHaveLength(1);
  send(client, 200);
  await client.message(says('Hello and'));
  // Nobody can know when the speech ended.
  expect(sandbox.truth().latencies['stt.latency.ms']?.count).toBe(0);
});

test('without a detection nothing is committed until the client does, and then after the delay', async () => {
  const client = await connect({ turn_detection: null }, { delays: { commitMs: 100 } });
  send(client, 'Hello', 900);
  await expect.poll(() => sandbox.truth().counts['stt.audio_duration.ms']).toBeGreaterThan(1000);
  expect(types(client)).toEqual(['session.created', 'session.updated']);
  const startedAt = performance.now();
  commit(client);
  await client.message(says('Hello'));
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(99);
  expect(sandbox.truth().latencies['stt.latency.ms']?.count).toBe(0);
  expect(sandbox.truth().problems).toEqual([]);
});

test.each([
  ['gpt-live-transcribe', 'tokens'],
  ['gpt-realtime-whisper', 'duration'],
])('%s tells words while they are spoken, and is billed by %s', async (model, type) => {
  const client = await connect({ transcription: { model }, turn_detection: null });
  send(client, 'Hello big world', 300);
  await client.message(({ delta }) => delta === ' big');
  commit(client);
  expect(await client.message(says('Hello big world'))).toMatchObject({ usage: { type } });
  const deltas = client.messages.filter(is(`${transcription}.delta`));
  expect(deltas.map(({ delta }) => delta).join('')).toBe('Hello big world');
});

test('what was cleared is not written down', async () => {
  const client = await connect({ turn_detection: null });
  send(client, 'One', 300);
  client.send({ type: 'input_audio_buffer.clear' });
  send(client, 'Two', 300);
  commit(client);
  await client.message(says('Two'));
});

describe('a client that does it wrong is told, and noticed', () => {
  test('no key', async () => {
    sandbox = await startSandbox();
    expect((await refusal(url())).status).toBe(401);
    expect(sandbox.truth().problems).toHaveLength(1);
    expect(sandbox.truth().counts['stt.errors']).toBe(1);
  });

  test.each([
    ['another type of session', update({}, 'realtime')],
    ['an unknown parameter', update({ vad: true })],
    ['another rate', update({ format: { type: 'audio/pcm', rate: 16_000 } })],
    ['no model', update({ transcription: {} })],
    ['a model that speaks', update({ transcription: { model: 'gpt-realtime-2' } })],
    [
      'a language that is none',
      update({ transcription: { model: 'whisper-1', language: 'en-US' } }),
    ],
    ['a detection that is none', update({ turn_detection: { type: 'none' } })],
    ['a response', update({ turn_detection: { type: 'server_vad', create_response: true } })],
    [
      'a silence that is none',
      update({ turn_detection: { ...serverVad, silence_duration_ms: 0.5 } }),
    ],
    ['a threshold of more than 1', update({ turn_detection: { ...serverVad, threshold: 2 } })],
    [
      'an unknown eagerness',
      update({ turn_detection: { type: 'semantic_vad', eagerness: 'very' } }),
    ],
    ['a filter that is none', update({ noise_reduction: { type: 'all' } })],
    ['a delay of another model', update({ transcription: { model: 'whisper-1', delay: 'low' } })],
    ['words of another model', update({ transcription: { model: 'whisper-1', keywords: ['a'] } })],
    [
      'a prompt of another model',
      update({
        transcription: { model: 'gpt-realtime-whisper', prompt: 'a' },
        turn_detection: null,
      }),
    ],
    [
      'a detection of a model that has none',
      update({ transcription: { model: 'gpt-live-transcribe' } }),
    ],
    ['an event of a conversation', { type: 'response.create', event_id: 'mine' }],
    ['audio before the session', { ...append(samplesOf(20)), event_id: 'mine' }],
  ])('%s', async (_, event) => {
    sandbox = await startSandbox();
    const client = await new RawClient(url(), { headers }).open();
    client.send(event);
    expect(await client.message(is('error'))).toMatchObject({
      error: { type: 'invalid_request_error', event_id: 'mine' },
    });
    expect(sandbox.truth().problems).toHaveLength(1);
    expect(sandbox.truth().counts['stt.errors']).toBe(1);
    expect(client.ws.readyState).toBe(client.ws.OPEN);
  });

  test.each([
    ['a session that is set up twice', update()],
    ['audio that is no text', { type: 'input_audio_buffer.append', audio: 7 }],
    ['half a sample', { type: 'input_audio_buffer.append', audio: 'AAAA' }],
  ])('%s', async (_, event) => {
    const client = await connect();
    client.send(event);
    await client.message(is('error'));
    expect(sandbox.truth().problems).toHaveLength(1);
  });

  test('a commit of less than 100 ms', async () => {
    const client = await connect({ turn_detection: null });
    send(client, 80);
    commit(client);
    expect(await client.message(is('error'))).toMatchObject({
      error: { code: 'input_audio_buffer_commit_empty' },
    });
    expect(sandbox.truth().problems).toHaveLength(1);
  });

  test('but not where the service may have committed it meanwhile', async () => {
    const client = await connect();
    commit(client);
    await client.message(is('error'));
    expect(sandbox.truth().problems).toEqual([]);
    expect(sandbox.truth().counts['stt.errors']).toBe(0);
  });

  test('audio faster than real time', async () => {
    const client = await connect();
    send(client, 3500);
    await expect
      .poll(() => sandbox.truth().problems)
      .toEqual(['openai-transcription: audio was sent faster than real time']);
  });

  test('a socket that is cut', async () => {
    const client = await connect();
    client.ws.terminate();
    await expect.poll(() => sandbox.truth().problems).toHaveLength(1);
  });
});

describe('faults', () => {
  test.each([
    ['handshake-401', 401],
    ['handshake-403', 403],
    ['handshake-404', 404],
    ['handshake-429', 429],
    ['handshake-quota', 429],
    ['handshake-500', 500],
    ['handshake-503', 503],
  ] as const)('%s', async (fault, status) => {
    sandbox = await startSandbox();
    inject(fault);
    expect((await refusal(url(), { headers })).status).toBe(status);
    expect(sandbox.truth().counts).toMatchObject({ 'stt.errors': 1, 'realtime.errors': 0 });
  });

  test('hung-upgrade', async () => {
    sandbox = await startSandbox();
    inject('hung-upgrade');
    const client = new RawClient(url(), { headers, handshakeTimeout: 200 });
    expect(await client.closed).toBe(1006);
  });

  test('no-session: nothing is told from the start', async () => {
    sandbox = await startSandbox();
    inject('no-session');
    const client = await new RawClient(url(), { headers }).open();
    client.send(update());
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.texts).toEqual([]);
  });

  test('refused-session and wrong-session concern the setting up', async () => {
    sandbox = await startSandbox();
    inject('refused-session', { name: 'model_not_found', times: 1 });
    inject('wrong-session', { times: 1 });
    const client = await new RawClient(url(), { headers }).open();
    client.send(update());
    expect(await client.message(is('error'))).toMatchObject({
      error: { code: 'model_not_found', event_id: 'mine' },
    });
    client.send(update());
    expect(await client.message(is('session.updated'))).toMatchObject({
      session: { type: 'realtime' },
    });
  });

  test.each([
    ['session-expired', 1001],
    ['reset', 1006],
    ['clean-close', 1000],
    ['provider-close', 1011],
  ] as const)('%s ends the session with %i', async (fault, code) => {
    const client = await connect();
    inject(fault, { after: 200 });
    send(client, 'Hello', 700);
    expect(await client.closed).toBe(code);
    expect(types(client).includes('error')).toBe(fault === 'session-expired');
    expect(sandbox.truth().counts['stt.errors']).toBe(1);
    expect(sandbox.truth().problems).toEqual([]);
  });

  test('what is odd comes in between', async () => {
    const client = await connect();
    for (const fault of ['malformed-json', 'wrong-types', 'unknown-type', 'error-event'] as const) {
      inject(fault);
    }
    send(client, 'Hello', 700);
    await client.message(says('Hello'));
    expect(client.texts.length).toBe(client.messages.length + 1);
    expect(client.messages.filter(({ delta }) => delta === 42)).toHaveLength(1);
    expect(types(client)).toEqual(expect.arrayContaining(['surprise', 'error']));
    expect(sandbox.truth().counts['stt.errors']).toBe(3);
  });

  test('giant-message is more than any message is', async () => {
    const client = await connect();
    inject('giant-message');
    send(client, 100);
    await client.message(is('surprise'));
    expect(client.texts.at(-1)?.length).toBeGreaterThan(16 * 1024 * 1024);
  });

  test('duplicate-messages: each event comes twice', async () => {
    sandbox = await startSandbox({ delays: { commitMs: 20 } });
    inject('duplicate-messages');
    const client = await new RawClient(url(), { headers }).open();
    client.send(update());
    send(client, 'Hello', 700);
    await expect.poll(() => client.messages.filter(says('Hello'))).toHaveLength(2);
    const ids = client.messages.map(({ event_id: id }) => id);
    expect(new Set(ids).size).toBe(ids.length / 2);
    expect(sandbox.truth().counts).toMatchObject({ 'stt.transcripts': 1, 'stt.errors': 0 });
  });

  test('those of a transcript concern the next one', async () => {
    const client = await connect();
    const faults = ['empty-transcript', 'transcription-failed', 'no-transcript'] as const;
    for (const fault of faults) inject(fault, { times: 1 });
    for (const word of ['One', 'Two', 'Six', 'Ten']) send(client, word, 600);
    await client.message(says('Ten'));
    const told = client.messages.filter(
      ({ type }) => type === `${transcription}.completed` || type === `${transcription}.failed`,
    );
    expect(told.map(({ transcript, error }) => transcript ?? typeof error)).toEqual([
      '',
      'object',
      'Ten',
    ]);
    expect(sandbox.truth().counts).toMatchObject({ 'stt.transcripts': 1, 'stt.errors': 2 });
  });

  test('reordered-messages: a transcript comes after the next', async () => {
    const client = await connect();
    inject('reordered-messages', { times: 1 });
    send(client, 'One', 700, 'Two', 700);
    await client.message(says('One'));
    const told = client.messages.filter(is(`${transcription}.completed`));
    expect(told.map(({ transcript }) => transcript)).toEqual(['Two', 'One']);
    expect(sandbox.truth().counts).toMatchObject({ 'stt.transcripts': 2, 'stt.errors': 0 });
  });

  test.each(['stall', 'slow-reader'] as const)('%s: nothing more is told', async (fault) => {
    const client = await connect();
    inject(fault, { after: 200 });
    send(client, 'Hello', 700);
    await expect.poll(() => sandbox.truth().counts['stt.errors']).toBe(1);
    const pong = new Promise((resolve) => client.ws.once('pong', resolve));
    client.ws.ping();
    const none = new Promise((resolve) => setTimeout(resolve, 200, 'none'));
    const answer = await Promise.race([pong, none]);
    expect(answer === 'none').toBe(fault === 'slow-reader');
    expect(types(client)).not.toContain(`${transcription}.completed`);
  });
});
