import {
  spokenDurationMs,
  startSandbox,
  type Sandbox,
  type SandboxOptions,
} from '@vision-agents/sandbox';
import { afterEach, describe, expect, test } from 'vitest';

import { RawClient, refusal } from '../raw-client.ts';
import {
  append,
  commit,
  headers,
  is,
  openTranscription,
  samplesOf,
  says,
  send,
  serverVad,
  transcription,
  types,
  update,
  urlOf,
} from './transcription-client.ts';

let sandbox: Sandbox;
afterEach(() => sandbox.close());

async function connect(
  input: Record<string, unknown> = {},
  options: SandboxOptions = {},
): Promise<RawClient> {
  const opened = await openTranscription(input, options);
  ({ sandbox } = opened);
  return opened.client;
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
  const started = client.messages.find(is('input_audio_buffer.speech_started'));
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
  const { transcript } = await client.message(is(`${transcription}.completed`));
  expect(transcript).toBe('Two');
});

describe('a client that does it wrong is told, and noticed', () => {
  test('no key', async () => {
    sandbox = await startSandbox();
    expect((await refusal(urlOf(sandbox))).status).toBe(401);
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
    const client = await new RawClient(urlOf(sandbox), { headers }).open();
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

  test('but not the settings being asked for', async () => {
    const client = await connect();
    client.send({ type: 'session.update', session: { type: 'transcription' } });
    expect(await client.message(is('session.updated'))).toMatchObject({
      session: { type: 'transcription', audio: { input: { format: { rate: 24_000 } } } },
    });
    expect(sandbox.truth().problems).toEqual([]);
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
    send(client, 16_500);
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
