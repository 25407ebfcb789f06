import type { RealtimeEvent, RealtimeSession } from '@vision-agents/core';
import { MetricsCollector } from '@vision-agents/core';
import { RecordingLogger } from '@vision-agents/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { RealtimeOptions } from '../src/index.ts';
import { Realtime } from '../src/index.ts';
import type { ScriptedSession } from './scripted-session.ts';
import { startScriptedSession } from './scripted-session.ts';

/** Of 16 bits and 24 kHz, in ms. */
function audio(ms: number): string {
  return Buffer.alloc(ms * 48).toString('base64');
}

let server: ScriptedSession;
let logger: RecordingLogger;
let collector: MetricsCollector;
let session: RealtimeSession | undefined;
let events: RealtimeEvent[];
let failure: unknown;

beforeEach(async () => {
  server = await startScriptedSession();
  logger = new RecordingLogger();
  collector = new MetricsCollector();
  events = [];
  failure = undefined;
});

afterEach(async () => {
  await session?.close();
  session = undefined;
  await server[Symbol.asyncDispose]();
});

async function open(options: RealtimeOptions = {}): Promise<RealtimeSession> {
  const model = new Realtime({ apiKey: 'k', baseUrl: server.url, ...options });
  const opened = await model.open({ instructions: 'Be brief.' }, { metrics: collector, logger });
  session = opened;
  void (async () => {
    try {
      for await (const event of opened) events.push(event);
    } catch (error) {
      failure = error;
    }
  })();
  return opened;
}

/** The types of what the client has sent, once there are so many. */
async function sent(count: number): Promise<unknown[]> {
  await expect.poll(() => server.events.length).toBeGreaterThanOrEqual(count);
  return server.events.map(({ type }) => type);
}

async function told(type: RealtimeEvent['type'], count = 1): Promise<void> {
  await expect
    .poll(() => events.filter((event) => event.type === type).length)
    .toBeGreaterThanOrEqual(count);
}

/** A response with so much audio of an item, not over. */
function beginAnswer(ms: number, responseId = 'r', itemId = 'i'): void {
  const at = { response_id: responseId, item_id: itemId };
  server.send('response.created', { response: { id: responseId } });
  server.send('response.output_item.added', {
    response_id: responseId,
    item: { id: itemId, type: 'message' },
  });
  if (ms > 0) server.send('response.output_audio.delta', { ...at, delta: audio(ms) });
}

function endResponse(fields: Record<string, unknown> = {}, responseId = 'r'): void {
  server.send('response.done', { response: { id: responseId, status: 'completed', ...fields } });
}

function callTool(callId: string, responseId = 'r'): void {
  server.send('response.output_item.done', {
    response_id: responseId,
    item: { type: 'function_call', call_id: callId, name: 'look', arguments: '{"at":1}' },
  });
}

/** A session in which the model speaks, so much so far. */
async function openWithAnswer(ms: number): Promise<RealtimeSession> {
  const opened = await open();
  beginAnswer(ms);
  await told('audio');
  return opened;
}

function created(item: object): object {
  return { type: 'conversation.item.create', item };
}

function usage(input: number, output: number): Record<string, unknown> {
  return {
    usage: { input_tokens: input, output_tokens: output, total_tokens: input + output },
  };
}

describe('an interruption', () => {
  test('cancels the response and forgets what was not played', async () => {
    const opened = await openWithAnswer(200);
    opened.interrupt(120.7);
    await sent(2);
    expect(server.events).toEqual([
      { type: 'response.cancel', response_id: 'r' },
      { type: 'conversation.item.truncate', item_id: 'i', content_index: 0, audio_end_ms: 120 },
    ]);
  });

  test('never says that more was played than came', async () => {
    const opened = await openWithAnswer(200);
    opened.interrupt(5000);
    await sent(2);
    expect(server.events[1]).toMatchObject({ audio_end_ms: 200 });
  });

  test('of which nothing was played has the session forget it all', async () => {
    const opened = await openWithAnswer(200);
    opened.interrupt(0);
    await sent(2);
    expect(server.events[1]).toEqual({ type: 'conversation.item.delete', item_id: 'i' });
  });

  test('of an answer that was all there only forgets', async () => {
    const opened = await openWithAnswer(200);
    endResponse();
    await told('response-end');
    opened.interrupt(80);
    expect(await sent(1)).toEqual(['conversation.item.truncate']);
    expect(events.filter(({ type }) => type === 'response-end')).toHaveLength(1);
  });

  test('by a user is the end of the response by itself', async () => {
    const opened = await openWithAnswer(200);
    server.send('input_audio_buffer.speech_started', { audio_start_ms: 10 });
    await told('user-speech-start');
    opened.interrupt(80);
    expect(await sent(1)).toEqual(['conversation.item.truncate']);
  });
});

describe('a text', () => {
  test('is sent, and a response asked for when the one before is over', async () => {
    const opened = await open();
    beginAnswer(100);
    await told('audio');
    opened.interrupt(100);
    opened.sendText('Hello');
    expect(await sent(3)).toEqual([
      'response.cancel',
      'conversation.item.truncate',
      'conversation.item.create',
    ]);
    endResponse({ status: 'cancelled' });
    expect((await sent(4)).at(-1)).toBe('response.create');
  });

  test('that is answered by what the service began in that moment is answered after it', async () => {
    const opened = await open();
    opened.sendText('Hello');
    await sent(2);
    const { event_id: eventId } = server.events[1] ?? {};
    beginAnswer(100);
    const code = 'conversation_already_has_active_response';
    server.send('error', { error: { type: 'invalid_request_error', code, event_id: eventId } });
    endResponse();
    expect(await sent(3)).toEqual([
      'conversation.item.create',
      'response.create',
      'response.create',
    ]);
    expect(collector.metrics.realtimeErrors.total).toBe(0);
  });

  test('that cannot be answered is an answer that failed', async () => {
    const opened = await open();
    opened.sendText('Hello');
    await sent(2);
    const { event_id: eventId } = server.events[1] ?? {};
    server.send('error', {
      error: { type: 'invalid_request_error', code: 'invalid_value', event_id: eventId },
    });
    await told('response-end');
    expect(events).toMatchObject([
      { type: 'error', error: { type: 'bad_request', providerCode: 'invalid_value' } },
      { type: 'response-end', outcome: 'error' },
    ]);
  });

  test('that was interrupted before its response began has it cancelled', async () => {
    const opened = await open();
    opened.sendText('Hello');
    await sent(2);
    opened.interrupt(0);
    beginAnswer(100);
    expect((await sent(3)).at(-1)).toBe('response.cancel');
    endResponse({ status: 'cancelled' });
    await told('response-end');
    expect(events.map(({ type }) => type)).toEqual(['response-end']);
    // What it had begun to say was not heard.
    expect(await sent(4)).toContain('conversation.item.delete');
  });
});

describe('tools', () => {
  test('have their results sent at once, and the answer asked for when all are there', async () => {
    const opened = await open();
    beginAnswer(0);
    callTool('a');
    callTool('b');
    endResponse();
    await told('tool-call', 2);
    opened.sendToolResults([{ callId: 'b', name: 'look', output: '21', success: true }]);
    expect(await sent(1)).toEqual(['conversation.item.create']);
    opened.sendToolResults([{ callId: 'a', name: 'look', output: 'no', success: false }]);
    await sent(3);
    expect(server.events).toEqual([
      created({ type: 'function_call_output', call_id: 'b', output: '21' }),
      created({ type: 'function_call_output', call_id: 'a', output: '{"error":"no"}' }),
      expect.objectContaining({ type: 'response.create' }),
    ]);
    expect(events.map(({ type }) => type)).not.toContain('response-end');
  });

  test('that are done before the response is over are waited for by nobody', async () => {
    const opened = await open();
    beginAnswer(0);
    callTool('a');
    await told('tool-call');
    opened.sendToolResults([{ callId: 'a', name: 'look', output: '21', success: true }]);
    expect(await sent(1)).toEqual(['conversation.item.create']);
    endResponse();
    expect(await sent(2)).toEqual(['conversation.item.create', 'response.create']);
  });

  test('whose answer was interrupted are told, and not answered', async () => {
    const opened = await open();
    beginAnswer(0);
    callTool('a');
    endResponse();
    await told('tool-call');
    opened.interrupt(0);
    await told('response-end');
    opened.sendToolResults([{ callId: 'a', name: 'look', output: '21', success: true }]);
    opened.write({ samples: new Int16Array(24), sampleRateHz: 24_000 });
    expect((await sent(3)).slice(1)).toEqual([
      'conversation.item.create',
      'input_audio_buffer.append',
    ]);
  });

  test('that were cut off in the middle are not called', async () => {
    await open();
    beginAnswer(0);
    server.send('response.output_item.done', {
      response_id: 'r',
      item: { type: 'function_call', call_id: 'a', name: 'look', status: 'incomplete' },
    });
    endResponse({ status: 'cancelled' });
    await told('response-end');
    expect(events.map(({ type }) => type)).toEqual(['response-end']);
  });
});

test('tokens are those of each response, cancelled or not', async () => {
  await open();
  beginAnswer(100);
  endResponse({ status: 'cancelled', ...usage(10, 3) });
  beginAnswer(100, 's', 'j');
  endResponse(usage(20, 4), 's');
  await told('response-end', 2);
  expect(collector.metrics.realtimeInputTokens.total).toBe(30);
  expect(collector.metrics.realtimeOutputTokens.total).toBe(7);
  expect(collector.metrics.realtimeResponses.total).toBe(2);
});

test('a cancellation that crosses the end of its response is no error', async () => {
  const opened = await open();
  beginAnswer(100);
  await told('audio');
  opened.interrupt(100);
  endResponse();
  const code = 'response_cancel_not_active';
  server.send('error', { error: { type: 'invalid_request_error', code } });
  server.send('input_audio_buffer.speech_started', { audio_start_ms: 10 });
  await told('user-speech-start');
  expect(events.map(({ type }) => type)).not.toContain('error');
});

test('limits and events that are not known are said at debug, and nowhere else', async () => {
  await open();
  server.send('rate_limits.updated', { rate_limits: [{ name: 'tokens', remaining: 7 }] });
  server.send('something.new', { secret: 'word' });
  server.send('input_audio_buffer.speech_started', {});
  await told('user-speech-start');
  const entries = logger.entries.filter(({ level }) => level === 'debug');
  expect(entries.map(({ fields }) => fields)).toEqual([
    { remaining: { tokens: 7 } },
    { type: 'something.new' },
  ]);
  expect(events).toHaveLength(1);
});

test.each([
  ['invalid_api_key', 'invalid_request_error', 'authentication'],
  ['insufficient_quota', 'insufficient_quota', 'quota'],
])('the error %s ends the session', async (code, kind, type) => {
  await open();
  server.send('error', { error: { type: kind, code, message: 'secret' } });
  await expect.poll(() => failure).toMatchObject({ type, providerCode: code, retryable: false });
  expect(String(failure)).not.toContain('secret');
});

test('audio that the network does not take is told once, and not counted', async () => {
  const opened = await open();
  const second = { samples: new Int16Array(24_000), sampleRateHz: 24_000 };
  // More than sockets hold on both sides.
  for (let count = 0; count < 600; count += 1) opened.write(second);
  await told('error');
  expect(events).toMatchObject([{ error: { type: 'network', providerCode: 'send_backlog' } }]);
  const { total } = collector.metrics.realtimeAudioInputDurationMs;
  expect(total).toBeGreaterThan(0);
  expect(total).toBeLessThan(595_000);
});

test('an offset is one of the audio that was written, without what the service adds to it', async () => {
  const opened = await open({
    turnDetection: { type: 'server_vad', prefixPaddingMs: 200, silenceDurationMs: 700 },
  });
  const second = { samples: new Int16Array(24_000), sampleRateHz: 24_000 };
  for (const heardAtMs of [1000, 2000, 3000]) opened.write(second, heardAtMs);
  server.send('input_audio_buffer.speech_started', { audio_start_ms: 300 });
  server.send('input_audio_buffer.speech_stopped', { audio_end_ms: 2700 });
  await told('user-speech-end');
  const [start, end] = events.map((event) => 'heardAtMs' in event && event.heardAtMs);
  // The last sample of a frame is heard when the frame is there.
  expect(Number(end) - Number(start)).toBe(1500);
});

test('the start of a speech that follows at once is not known: there was less before it', async () => {
  const opened = await open();
  opened.write({ samples: new Int16Array(96_000), sampleRateHz: 24_000 });
  server.send('input_audio_buffer.speech_started', { audio_start_ms: 300 });
  server.send('input_audio_buffer.speech_stopped', { audio_end_ms: 2000 });
  server.send('input_audio_buffer.speech_started', { audio_start_ms: 2000 });
  await told('user-speech-start', 2);
  const known = events.flatMap((event) =>
    event.type === 'user-speech-start' ? event.heardAtMs !== undefined : [],
  );
  expect(known).toEqual([true, false]);
});

test.each([
  ['server_vad', 0],
  ['semantic_vad', 300],
] as const)('with %s the start of a speech at %d is not known', async (type, audioStartMs) => {
  const opened = await open({ turnDetection: { type } });
  opened.write({ samples: new Int16Array(24_000), sampleRateHz: 24_000 });
  server.send('input_audio_buffer.speech_started', { audio_start_ms: audioStartMs });
  await told('user-speech-start');
  expect(events[0]).toMatchObject({ heardAtMs: undefined });
});
