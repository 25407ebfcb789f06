import {
  startSandbox,
  type OpenAIRealtimeFault,
  type Sandbox,
  type SandboxOptions,
} from '@vision-agents/sandbox';
import { afterEach, describe, expect, test } from 'vitest';

import { RawClient, refusal } from '../raw-client.ts';
import {
  type Json,
  ask,
  askForSession,
  create,
  done,
  errorOf,
  format,
  headers,
  heard,
  isA,
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

function message(role: string, type: string, text: string): Json {
  return { type: 'message', role, content: [{ type, text }] };
}

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
    const client = await askForSession(sandbox, more);
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
  sandbox.inject({ provider: 'openai-realtime', fault: 'duplicate-messages', times: 1 });
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
