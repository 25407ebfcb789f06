import {
  Listener,
  speak,
  startSandbox,
  type OpenAIRealtimeFault,
  type Sandbox,
  type SandboxOptions,
} from '@vision-agents/sandbox';
import { afterEach, describe, expect, test } from 'vitest';

import { RawClient, refusal } from '../raw-client.ts';

type Json = Record<string, unknown>;

const rate = 24_000;
const format = { type: 'audio/pcm', rate };
const headers = { authorization: 'Bearer any' };
const session = {
  type: 'realtime',
  output_modalities: ['audio'],
  audio: {
    input: {
      format,
      transcription: { model: 'gpt-4o-mini-transcribe' },
      turn_detection: { type: 'server_vad', silence_duration_ms: 400 },
    },
    output: { format, voice: 'marin' },
  },
  tools: [{ type: 'function', name: 'get_weather', parameters: {} }],
  max_output_tokens: 'inf',
};

let sandbox: Sandbox;
afterEach(() => sandbox.close());

async function connect(options: SandboxOptions = {}): Promise<RawClient> {
  sandbox = await startSandbox({ delays: { firstTokenMs: 5, completeMs: 60 }, ...options });
  const client = await reconnect();
  await client.message(isA('session.updated'));
  return client;
}

async function reconnect(more: Json = {}): Promise<RawClient> {
  const url = `${sandbox.openaiUrl}/realtime?model=gpt-realtime-2`;
  const client = await new RawClient(url, { headers }).open();
  await client.message(isA('session.created'));
  client.send({ type: 'session.update', session: { ...session, ...more } });
  return client;
}

function isA(type: string): (message: Json) => boolean {
  return (message) => message['type'] === type;
}

/** How many of an event came. */
function countOf(client: RawClient, type: string): number {
  return client.messages.filter(isA(type)).length;
}

function say(client: RawClient, ...pieces: (number | string)[]): void {
  for (const piece of pieces) {
    const samples =
      typeof piece === 'number'
        ? new Int16Array((piece * rate) / 1000)
        : speak(piece, { sampleRateHz: rate });
    for (let at = 0; at < samples.length; at += 480) {
      const frame = samples.subarray(at, at + 480);
      const audio = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString(
        'base64',
      );
      client.send({ type: 'input_audio_buffer.append', audio });
    }
  }
}

function create(client: RawClient, item: Json): void {
  client.send({ type: 'conversation.item.create', item });
}

function ask(client: RawClient, text: string): void {
  create(client, { type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
  client.send({ type: 'response.create' });
}

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** What kinds of things were told, in order; pieces of audio and of its words once for all. */
function kinds(client: RawClient): string[] {
  const all = client.messages.map(({ type }) => String(type));
  return all.filter((kind, index) => !kind.endsWith('.delta') || all.indexOf(kind) === index);
}

/** What the voice said, from the audio alone. */
function heard(client: RawClient): string {
  let text = '';
  const listener = new Listener({
    sampleRateHz: rate,
    onCharacter: (character) => (text += character.text),
  });
  for (const { delta } of client.messages.filter(isA('response.output_audio.delta'))) {
    listener.write(Buffer.from(String(delta), 'base64'));
  }
  listener.write(new Uint8Array(24_000));
  return text;
}

async function done(client: RawClient, count = 1): Promise<Json> {
  await expect.poll(() => countOf(client, 'response.done')).toBeGreaterThanOrEqual(count);
  return object(client.messages.filter(isA('response.done'))[count - 1]?.['response']);
}

async function errorOf(client: RawClient): Promise<Json> {
  const { error } = await client.message(isA('error'));
  return object(error);
}

/** The client has asked for a story and hears it; returns the item that it is. */
async function midStory(): Promise<{ client: RawClient; itemId: unknown; sentMs: number }> {
  const client = await connect({ delays: { firstTokenMs: 1, completeMs: 60_000 } });
  ask(client, 'tell me a story');
  const { item_id: itemId, delta } = await client.message(isA('response.output_audio.delta'));
  return { client, itemId, sentMs: Buffer.from(String(delta), 'base64').length / 48 };
}

function truncate(client: RawClient, itemId: unknown, endMs: number): void {
  client.send({
    type: 'conversation.item.truncate',
    item_id: itemId,
    content_index: 0,
    audio_end_ms: endMs,
  });
}

function message(role: string, type: string, text: string): Json {
  return { type: 'message', role, content: [{ type, text }] };
}

describe('a turn', () => {
  test('is heard in the audio, answered in audio, and told in order', async () => {
    const client = await connect();
    say(client, 1000, 'My dog.', 1000);
    await client.message(isA('response.done'));
    expect(kinds(client)).toEqual([
      'session.created',
      'session.updated',
      'input_audio_buffer.speech_started',
      'input_audio_buffer.speech_stopped',
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
      'response.created',
      'rate_limits.updated',
      'conversation.item.input_audio_transcription.delta',
      'conversation.item.input_audio_transcription.completed',
      'response.output_item.added',
      'conversation.item.added',
      'response.content_part.added',
      'response.output_audio.delta',
      'response.output_audio_transcript.delta',
      'response.output_audio.done',
      'response.output_audio_transcript.done',
      'response.content_part.done',
      'conversation.item.done',
      'response.output_item.done',
      'response.done',
    ]);
    const answer = 'You said: My dog. What else can I do for you?';
    expect(heard(client)).toBe(answer);
    const { transcript } = await client.message(isA('response.output_audio_transcript.done'));
    expect(transcript).toBe(answer);
    const start = await client.message(isA('input_audio_buffer.speech_started'));
    const end = await client.message(isA('input_audio_buffer.speech_stopped'));
    // With what was before the speech, and with the silence that ended the turn.
    expect(start['audio_start_ms']).toBeCloseTo(700, -2);
    expect(Number(end['audio_end_ms'])).toBeGreaterThan(1400);
    const { counts, latencies, problems } = sandbox.truth();
    expect(latencies['realtime.time_to_first_audio.ms']).toEqual({ count: 1, meanMs: 405 });
    expect(counts).toMatchObject({
      'realtime.responses': 1,
      'realtime.transcriptions.user': 1,
      'realtime.transcriptions.agent': 1,
      'realtime.errors': 0,
    });
    expect(problems).toEqual([]);
  });

  test('has its price, by what it was spent on', async () => {
    const client = await connect();
    ask(client, 'hello');
    ask(client, 'once more');
    const first = object((await done(client))['usage']);
    client.send({ type: 'response.create' });
    const second = object((await done(client, 2))['usage']);
    const input = object(second['input_token_details']);
    const output = object(second['output_token_details']);
    expect(second['input_tokens']).toBe(
      Number(input['text_tokens']) + Number(input['audio_tokens']),
    );
    expect(second['output_tokens']).toBe(
      Number(output['text_tokens']) + Number(output['audio_tokens']),
    );
    expect(object(first['input_token_details'])['cached_tokens']).toBe(0);
    expect(input['cached_tokens']).toBeGreaterThan(0);
    const { counts } = sandbox.truth();
    expect(counts['realtime.tokens.input']).toBe(
      Number(first['input_tokens']) + Number(second['input_tokens']),
    );
  });

  test('that is spoken into ends there, with its price', async () => {
    const { client } = await midStory();
    say(client, 'stop', 0);
    const response = await done(client);
    expect(response).toMatchObject({
      status: 'cancelled',
      status_details: { type: 'cancelled', reason: 'turn_detected' },
    });
    expect(object(response['usage'])['output_tokens']).toBeGreaterThan(0);
    expect(sandbox.truth().outcomes['realtime.responses'].aborted).toBe(1);
  });

  test('of semantic detection does not tell when its speech ended', async () => {
    sandbox = await startSandbox({ delays: { firstTokenMs: 5, completeMs: 10 } });
    const { audio } = session;
    const input = { ...audio.input, turn_detection: { type: 'semantic_vad' } };
    const client = await reconnect({ audio: { ...audio, input } });
    say(client, 'Hi', 1000);
    await done(client);
    expect(countOf(client, 'input_audio_buffer.speech_stopped')).toBe(0);
    expect(countOf(client, 'input_audio_buffer.committed')).toBe(1);
    expect(sandbox.truth().latencies['realtime.time_to_first_audio.ms']?.count).toBe(0);
  });
});

describe('a response', () => {
  test('is cancelled when that is asked for', async () => {
    const { client } = await midStory();
    client.send({ type: 'response.cancel' });
    const response = await done(client);
    expect(response['status_details']).toMatchObject({ reason: 'client_cancelled' });
  });

  test('that is not there cannot be cancelled, which is nobody’s fault', async () => {
    const client = await connect();
    client.send({ type: 'response.cancel', event_id: 'mine' });
    expect(await errorOf(client)).toMatchObject({
      code: 'response_cancel_not_active',
      event_id: 'mine',
    });
    expect(sandbox.truth().problems).toEqual([]);
  });

  test('is not given beside another, which is nobody’s fault', async () => {
    const { client } = await midStory();
    client.send({ type: 'response.create' });
    expect(await errorOf(client)).toMatchObject({
      code: 'conversation_already_has_active_response',
    });
    expect(sandbox.truth().problems).toEqual([]);
  });
});

describe('an item', () => {
  test('is forgotten from where it was not heard', async () => {
    const { client, itemId } = await midStory();
    client.send({ type: 'response.cancel' });
    await done(client);
    truncate(client, itemId, 40);
    expect(await client.message(isA('conversation.item.truncated'))).toMatchObject({
      item_id: itemId,
      audio_end_ms: 40,
    });
    expect(sandbox.truth().problems).toEqual([]);
  });

  test('cannot have been heard for longer than it is', async () => {
    const { client, itemId, sentMs } = await midStory();
    client.send({ type: 'response.cancel' });
    await done(client);
    truncate(client, itemId, sentMs * countOf(client, 'response.output_audio.delta') + 1);
    expect(await errorOf(client)).toMatchObject({ code: 'invalid_value', param: 'audio_end_ms' });
    expect(sandbox.truth().problems[0]).toMatch(/already shorter than/);
  });

  test.each([
    ['that nobody knows', 'none', 0],
    ['with half a millisecond', undefined, 10.5],
  ])('%s is not truncated', async (_name, id, endMs) => {
    const { client, itemId } = await midStory();
    truncate(client, id ?? itemId, endMs);
    await errorOf(client);
    expect(sandbox.truth().problems).toHaveLength(1);
  });

  test('of a user is not truncated', async () => {
    const client = await connect();
    ask(client, 'hello');
    const { item } = await client.message(isA('conversation.item.added'));
    truncate(client, object(item)['id'], 0);
    expect(await errorOf(client)).toMatchObject({ code: 'unsupported_content_type' });
  });

  test('can be forgotten as a whole, once', async () => {
    const client = await connect({ reply: ({ contents }) => ({ text: `${contents.length}` }) });
    ask(client, 'hello');
    await done(client);
    const { item } = await client.message(isA('conversation.item.added'));
    const { id } = object(item);
    client.send({ type: 'conversation.item.delete', item_id: id });
    await client.message(isA('conversation.item.deleted'));
    ask(client, 'and now?');
    const response = await done(client, 2);
    // An answer and a question.
    expect(object(list(object(list(response['output'])[0])['content'])[0])['transcript']).toBe('2');
    client.send({ type: 'conversation.item.delete', item_id: id });
    expect(await errorOf(client)).toMatchObject({ code: 'item_delete_invalid_item_id' });
  });
});

describe('a function', () => {
  test('is called, and its result is what the next response is made of', async () => {
    const client = await connect();
    ask(client, 'weather in Paris?');
    const [call] = list((await done(client))['output']).map(object);
    expect(call).toMatchObject({ name: 'get_weather', arguments: '{"city":"Paris"}' });
    create(client, { type: 'function_call_output', call_id: call?.['call_id'], output: '21' });
    client.send({ type: 'response.create' });
    await done(client, 2);
    expect(heard(client)).toBe('Here is the answer for Paris: 21.');
    const { counts, outcomes, problems } = sandbox.truth();
    expect(counts).toMatchObject({ 'realtime.responses': 1, 'llm.tool_calls': 1 });
    expect(outcomes['realtime.responses']).toEqual({ completed: 1, aborted: 0, failed: 0 });
    expect(problems).toEqual([]);
  });

  test('that somebody speaks into was in vain', async () => {
    const client = await connect();
    ask(client, 'weather in Paris?');
    await done(client);
    say(client, 'stop', 1000);
    await done(client, 2);
    expect(sandbox.truth().outcomes['realtime.responses']).toEqual({
      completed: 1,
      aborted: 1,
      failed: 0,
    });
  });

  test('that was not called has no result', async () => {
    const client = await connect();
    create(client, { type: 'function_call_output', call_id: 'none', output: '21' });
    expect(await errorOf(client)).toMatchObject({ code: 'invalid_tool_call_id' });
    expect(sandbox.truth().problems).toHaveLength(1);
  });
});

describe('a session', () => {
  test('knows what it is told was said before', async () => {
    const client = await connect({
      reply: ({ contents }) => ({
        text: contents.map(({ role, parts = [] }) => `${role} ${parts[0]?.text}`).join(', '),
      }),
    });
    create(client, message('user', 'input_text', 'one'));
    create(client, message('assistant', 'output_text', 'two'));
    ask(client, 'three');
    await done(client);
    expect(heard(client)).toBe('user one, model two, user three');
  });

  test.each([
    [{ type: 'transcription' }, 'session.type'],
    [{ output_modalities: ['text'] }, 'session.output_modalities'],
    [{ surprise: 1 }, 'session.surprise'],
    [{ max_output_tokens: 5000 }, 'session.max_output_tokens'],
    [{ tools: [{ type: 'function', name: 'a', parameters: {}, strict: true }] }, 'session.tools'],
    [{ audio: { ...session.audio, output: { format, speed: 2 } } }, 'session.audio.output.speed'],
    [
      { audio: { ...session.audio, input: { format: { type: 'audio/pcm', rate: 16_000 } } } },
      'session.audio.input.format',
    ],
    [
      {
        audio: {
          ...session.audio,
          input: { format, turn_detection: { type: 'server_vad', threshold: 2 } },
        },
      },
      'session.audio.input.turn_detection',
    ],
  ])('with %j is refused', async (more, param) => {
    sandbox = await startSandbox();
    const client = await reconnect(more);
    expect(await errorOf(client)).toMatchObject({ type: 'invalid_request_error', param });
    expect(sandbox.truth().counts['realtime.errors']).toBe(1);
  });

  test.each<[Json, string | null]>([
    [{ type: 'surprise' }, 'invalid_value'],
    [{ type: 'input_audio_buffer.append' }, 'invalid_value'],
    [{ no: 'type' }, 'invalid_event'],
    [{ type: 'conversation.item.create', item: { type: 'surprise' } }, 'invalid_value'],
    [
      { type: 'conversation.item.create', item: message('user', 'output_text', 'a') },
      'invalid_value',
    ],
  ])('outlives the event %j, which is a problem', async (event, code) => {
    const client = await connect();
    client.send(event);
    expect(await errorOf(client)).toMatchObject({ code });
    ask(client, 'hello');
    await done(client);
    expect(sandbox.truth().problems).toHaveLength(1);
  });

  test('is not spoken to before it is set up', async () => {
    sandbox = await startSandbox();
    const url = `${sandbox.openaiUrl}/realtime?model=gpt-realtime-2`;
    const client = await new RawClient(url, { headers }).open();
    say(client, 20);
    await errorOf(client);
    expect(sandbox.truth().problems).toHaveLength(1);
  });
});

test.each([
  ['without a key', '?model=a', {}, 401],
  ['without a model', '', headers, 400],
  ['of the beta', '?model=a', { ...headers, 'openai-beta': 'realtime=v1' }, 400],
])('a handshake %s is refused', async (_name, query, given, status) => {
  sandbox = await startSandbox();
  const answer = await refusal(`${sandbox.openaiUrl}/realtime${query}`, { headers: given });
  expect(answer).toMatchObject({ status, body: { error: { type: 'invalid_request_error' } } });
  expect(sandbox.truth().problems).toHaveLength(1);
});

test.each<[OpenAIRealtimeFault, number]>([
  ['handshake-401', 401],
  ['handshake-403', 403],
  ['handshake-404', 404],
  ['handshake-429', 429],
  ['handshake-quota', 429],
  ['handshake-500', 500],
  ['handshake-503', 503],
])('%s refuses with %d', async (fault, status) => {
  sandbox = await startSandbox();
  sandbox.inject({ provider: 'openai-realtime', fault, times: 1 });
  const url = `${sandbox.openaiUrl}/realtime?model=a`;
  expect(await refusal(url, { headers })).toMatchObject({ status });
  expect(sandbox.truth().counts['realtime.errors']).toBe(1);
});

test.each<[OpenAIRealtimeFault, number]>([
  ['reset', 1006],
  ['clean-close', 1000],
  ['provider-close', 1011],
  ['session-expired', 1001],
])('%s in an answer closes with %d, and is counted', async (fault, code) => {
  const client = await connect();
  sandbox.inject({ provider: 'openai-realtime', fault, times: 1, after: 2 });
  ask(client, 'hello');
  expect(await client.closed).toBe(code);
  expect(sandbox.truth().counts['realtime.errors']).toBe(1);
});

test.each<[OpenAIRealtimeFault, string, Json]>([
  ['failed', 'failed', { error: { code: 'server_error' } }],
  ['max-tokens', 'incomplete', { reason: 'max_output_tokens' }],
  ['content-filter', 'incomplete', { reason: 'content_filter' }],
])('%s ends a response as %s, and is counted', async (fault, status, details) => {
  const client = await connect();
  sandbox.inject({ provider: 'openai-realtime', fault, times: 1 });
  ask(client, 'hello');
  const response = await done(client);
  expect(response).toMatchObject({ status, status_details: { type: status } });
  const { type: _type, ...told } = object(response['status_details']);
  expect(told).toMatchObject(details);
  const { counts, outcomes } = sandbox.truth();
  expect(counts['realtime.errors']).toBe(1);
  expect(outcomes['realtime.responses'].failed).toBe(1);
});

test('what is sent twice is the same event', async () => {
  const client = await connect();
  sandbox.inject({ provider: 'openai-realtime', fault: 'duplicates', times: 1 });
  ask(client, 'hello');
  await done(client, 2);
  const [first, second] = client.messages.filter(isA('response.done'));
  expect(first).toEqual(second);
  expect(sandbox.truth().outcomes['realtime.responses'].completed).toBe(1);
});

test('who falls silent counts nothing more as sent', async () => {
  const client = await connect();
  sandbox.inject({ provider: 'openai-realtime', fault: 'stall', times: 1, after: 2 });
  ask(client, 'hello');
  await expect.poll(() => sandbox.truth().outcomes['realtime.responses'].completed).toBe(1);
  const sent = client.messages
    .filter(isA('response.output_audio.delta'))
    .reduce((sum, { delta }) => sum + Buffer.from(String(delta), 'base64').length, 0);
  const { counts } = sandbox.truth();
  expect(counts['realtime.audio.output.bytes']).toBe(sent);
  expect(counts['realtime.tokens.output']).toBe(0);
});
