import { startSandbox, type Sandbox, type SandboxOptions } from '@vision-agents/sandbox';
import { afterEach, describe, expect, test } from 'vitest';

import type { RawClient } from '../raw-client.ts';
import {
  ask,
  askForSession,
  countOf,
  create,
  done,
  errorOf,
  heard,
  isA,
  list,
  object,
  openSession,
  say,
  session,
} from './openai-sessions.ts';

let sandbox: Sandbox;
afterEach(() => sandbox.close());

async function connect(options?: SandboxOptions): Promise<RawClient> {
  const opened = await openSession(options);
  sandbox = opened.sandbox;
  return opened.client;
}

/** What kinds of things were told, in order; pieces of audio and of its words once for all. */
function kinds(client: RawClient): string[] {
  const all = client.messages.map(({ type }) => String(type));
  return all.filter((kind, index) => !kind.endsWith('.delta') || all.indexOf(kind) === index);
}

function truncate(client: RawClient, itemId: unknown, endMs: number): void {
  client.send({
    type: 'conversation.item.truncate',
    item_id: itemId,
    content_index: 0,
    audio_end_ms: endMs,
  });
}

/** The client has asked for a story and hears it; returns the item that it is. */
async function midStory(): Promise<{ client: RawClient; itemId: unknown; sentMs: number }> {
  const client = await connect({ delays: { firstTokenMs: 1, completeMs: 60_000 } });
  ask(client, 'tell me a story');
  const { item_id: itemId, delta } = await client.message(isA('response.output_audio.delta'));
  return { client, itemId, sentMs: Buffer.from(String(delta), 'base64').length / 48 };
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
    const client = await askForSession(sandbox, { audio: { ...audio, input } });
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

  test('was in vain when the client leaves in the middle', async () => {
    const { client } = await midStory();
    client.ws.close();
    await expect.poll(() => sandbox.truth().outcomes['realtime.responses'].aborted).toBe(1);
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
