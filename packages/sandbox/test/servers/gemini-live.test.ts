import {
  Listener,
  speak,
  startSandbox,
  type GeminiLiveFault,
  type Sandbox,
  type SandboxOptions,
} from '@vision-agents/sandbox';
import { afterEach, describe, expect, test } from 'vitest';

import { RawClient, refusal } from '../raw-client.ts';

const rate = 16_000;
const path = 'ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent';
const weather = { functionDeclarations: [{ name: 'get_weather', parameters: {} }] };
const setup = {
  model: 'models/live',
  generationConfig: { responseModalities: ['AUDIO'] },
  inputAudioTranscription: {},
  outputAudioTranscription: {},
  sessionResumption: {},
  tools: [weather],
};

let sandbox: Sandbox;
afterEach(() => sandbox.close());

async function connect(options: SandboxOptions = {}): Promise<RawClient> {
  sandbox = await startSandbox({ delays: { firstTokenMs: 5, completeMs: 60 }, ...options });
  const client = await reconnect();
  await client.message((message) => 'setupComplete' in message);
  return client;
}

async function reconnect(more: Record<string, unknown> = {}): Promise<RawClient> {
  const client = await new RawClient(`${sandbox.geminiUrl}/${path}?key=any`).open();
  client.send({ setup: { ...setup, ...more } });
  return client;
}

function say(client: RawClient, ...pieces: (number | string)[]): void {
  for (const piece of pieces) {
    const samples =
      typeof piece === 'number'
        ? new Int16Array((piece * rate) / 1000)
        : speak(piece, { sampleRateHz: rate });
    for (let at = 0; at < samples.length; at += 320) {
      const frame = samples.subarray(at, at + 320);
      const data = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString('base64');
      client.send({ realtimeInput: { audio: { data, mimeType: `audio/pcm;rate=${rate}` } } });
    }
  }
}

function ask(client: RawClient, text: string): void {
  client.send({
    clientContent: { turns: [{ role: 'user', parts: [{ text }] }], turnComplete: true },
  });
}

type Json = Record<string, unknown>;

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function content(message: Json): Json {
  return object(message['serverContent']);
}

const isOver = (message: Json): boolean => content(message)['turnComplete'] === true;
const isInterrupted = (message: Json): boolean => content(message)['interrupted'] === true;
const isToolCall = (message: Json): boolean => 'toolCall' in message;

/** What kinds of things were told, in order, each once in a row. */
function kinds(client: RawClient): string[] {
  const all = client.messages.map((message) => {
    const [inner] = Object.keys(content(message));
    return inner ?? Object.keys(message)[0] ?? '';
  });
  return all.filter((kind, index) => kind !== all[index - 1]);
}

function transcript(client: RawClient, kind: 'inputTranscription' | 'outputTranscription'): string {
  return client.messages
    .map((message) => object(content(message)[kind])['text'])
    .filter((text) => typeof text === 'string')
    .join('')
    .trim();
}

/** What the voice said, from the audio alone. */
function heard(client: RawClient): string {
  let text = '';
  const listener = new Listener({
    sampleRateHz: 24_000,
    onCharacter: (character) => (text += character.text),
  });
  for (const message of client.messages) {
    for (const part of list(object(content(message)['modelTurn'])['parts'])) {
      const { data } = object(object(part)['inlineData']);
      listener.write(Buffer.from(String(data), 'base64'));
    }
  }
  listener.write(new Uint8Array(24_000));
  return text;
}

describe('a turn', () => {
  test('is heard in the audio, answered in audio, and told in order', async () => {
    const client = await connect({ delays: { endOfTurnMs: 300, firstTokenMs: 5, completeMs: 60 } });
    say(client, 1000, 'My dog.', 1000);
    await client.message(isOver);
    await client.message((message) => 'sessionResumptionUpdate' in message);
    expect(kinds(client).slice(0, 10)).toEqual([
      'setupComplete',
      'sessionResumptionUpdate',
      'voiceActivity',
      'inputTranscription',
      'modelTurn',
      'outputTranscription',
      'modelTurn',
      'outputTranscription',
      'modelTurn',
      'outputTranscription',
    ]);
    expect(kinds(client).slice(-3)).toEqual([
      'generationComplete',
      'turnComplete',
      'sessionResumptionUpdate',
    ]);
    expect(transcript(client, 'inputTranscription')).toBe('My dog.');
    const answer = 'You said: My dog. What else can I do for you?';
    expect(transcript(client, 'outputTranscription')).toBe(answer);
    expect(heard(client)).toBe(answer);
    const [start, end] = client.messages
      .filter((message) => 'voiceActivity' in message)
      .map(({ voiceActivity }) => object(voiceActivity))
      .map((activity) => [
        activity['voiceActivityType'],
        Number.parseFloat(String(activity['audioOffset'])),
      ]);
    expect(start?.[0]).toBe('ACTIVITY_START');
    expect(start?.[1]).toBeCloseTo(1, 2);
    expect(end?.[0]).toBe('ACTIVITY_END');
    const { counts, latencies, problems } = sandbox.truth();
    expect(latencies['realtime.time_to_first_audio.ms']).toEqual({ count: 1, meanMs: 305 });
    expect(counts).toMatchObject({
      'realtime.responses': 1,
      'realtime.transcriptions.user': 1,
      'realtime.transcriptions.agent': 1,
      'realtime.errors': 0,
    });
    expect(problems).toEqual([]);
  });

  test('ends after the silence that the set-up asks for', async () => {
    sandbox = await startSandbox({ delays: { firstTokenMs: 5, completeMs: 10 } });
    const silenceDurationMs = 900;
    const client = await reconnect({
      realtimeInputConfig: { automaticActivityDetection: { silenceDurationMs } },
    });
    say(client, 'Hi', 1200);
    await client.message(isOver);
    expect(sandbox.truth().latencies['realtime.time_to_first_audio.ms']?.meanMs).toBe(905);
  });

  test('that is spoken into ends there, with its price', async () => {
    const client = await connect({ delays: { firstTokenMs: 1, completeMs: 60_000 } });
    ask(client, 'tell me a story');
    await client.message((message) => 'modelTurn' in content(message));
    say(client, 'stop', 0);
    await client.message(isInterrupted);
    const over = await client.message(isOver);
    const usage = object(over['usageMetadata']);
    expect(usage['responseTokenCount']).toBeTypeOf('number');
    for (const side of ['prompt', 'response']) {
      const details = [usage[`${side}TokensDetails`]].flat().map(object);
      const told = details.reduce((sum, { tokenCount }) => sum + Number(tokenCount), 0);
      expect([side, told]).toEqual([side, usage[`${side}TokenCount`]]);
    }
    expect(kinds(client)).not.toContain('generationComplete');
    expect(sandbox.truth().outcomes['realtime.responses'].aborted).toBe(1);
  });
});

describe('a function', () => {
  test('is called, and its result told', async () => {
    const client = await connect();
    ask(client, 'weather in Paris?');
    const { toolCall } = await client.message(isToolCall);
    const calls = list(object(toolCall)['functionCalls']);
    expect(calls).toMatchObject([{ name: 'get_weather', args: { city: 'Paris' } }]);
    const { id } = object(calls[0]);
    client.send({
      toolResponse: {
        functionResponses: [{ id, name: 'get_weather', response: { output: '21' } }],
      },
    });
    await client.message(isOver);
    expect(transcript(client, 'outputTranscription')).toBe('Here is the answer for Paris: 21.');
    expect(sandbox.truth().problems).toEqual([]);
  });

  test('that somebody speaks into is taken back, and its result is a problem', async () => {
    const client = await connect();
    ask(client, 'weather in Paris?');
    await client.message(isToolCall);
    say(client, 'stop', 100);
    const { toolCallCancellation } = await client.message(
      (message) => 'toolCallCancellation' in message,
    );
    expect(toolCallCancellation).toEqual({ ids: ['live-fc-1'] });
    client.send({
      toolResponse: { functionResponses: [{ id: 'live-fc-1', name: 'get_weather', response: {} }] },
    });
    await expect
      .poll(() => sandbox.truth().problems)
      .toEqual(['gemini live: a result that nobody waits for']);
  });
});

describe('a session', () => {
  test('goes on at another socket with a handle', async () => {
    const first = await connect({
      reply: ({ contents }) => ({ text: `${contents.length} messages` }),
    });
    ask(first, 'one');
    await first.message(isOver);
    const update = first.messages.findLast((message) => 'sessionResumptionUpdate' in message);
    const { newHandle } = object(update?.['sessionResumptionUpdate']);
    const second = await reconnect({ sessionResumption: { handle: newHandle } });
    ask(second, 'two');
    await second.message(isOver);
    expect(transcript(second, 'outputTranscription')).toBe('3 messages');
  });

  test('that nobody knows is refused', async () => {
    await connect();
    const client = await reconnect({ sessionResumption: { handle: 'unknown' } });
    expect(await client.closed).toBe(1008);
  });

  test('that cannot be resumed is a problem', async () => {
    await connect();
    const client = await reconnect({ sessionResumption: undefined });
    await client.message((message) => 'setupComplete' in message);
    expect(sandbox.truth().problems).toEqual([
      'gemini live: a session that cannot be resumed was set up',
    ]);
  });

  test.each([
    [{ model: 'live' }],
    [{ generationConfig: { responseModalities: ['TEXT'] } }],
    [{ surprise: 1 }],
  ])('with the set-up %j is refused', async (more) => {
    await connect();
    const client = await reconnect(more);
    expect(await client.closed).toBe(1007);
    expect(sandbox.truth().counts['realtime.errors']).toBe(1);
  });

  test('that still has its socket when its time is over has a problem', async () => {
    const client = await connect();
    sandbox.inject({ provider: 'gemini-live', fault: 'go-away', times: 1, timeLeftMs: 50 });
    const next = await reconnect();
    expect(await next.message((message) => 'goAway' in message)).toEqual({
      goAway: { timeLeft: '0.050s' },
    });
    expect(await next.closed).toBe(1011);
    expect(sandbox.truth().problems).toHaveLength(1);
    client.ws.close();
  });
});

test('a handshake without a key is refused', async () => {
  await connect();
  expect(await refusal(`${sandbox.geminiUrl}/${path}`)).toMatchObject({ status: 403 });
});

test.each<[GeminiLiveFault, number]>([
  ['setup-refused', 1008],
  ['setup-wrong-key', 1007],
])('%s closes with %d', async (fault, code) => {
  await connect();
  sandbox.inject({ provider: 'gemini-live', fault, times: 1 });
  expect(await (await reconnect()).closed).toBe(code);
});

test.each<[GeminiLiveFault, number]>([
  ['reset', 1006],
  ['clean-close', 1000],
  ['provider-close', 1011],
])('%s in an answer closes with %d, and is counted', async (fault, code) => {
  const client = await connect();
  sandbox.inject({ provider: 'gemini-live', fault, times: 1, after: 2 });
  ask(client, 'hello');
  expect(await client.closed).toBe(code);
  expect(sandbox.truth().counts['realtime.errors']).toBe(1);
});
