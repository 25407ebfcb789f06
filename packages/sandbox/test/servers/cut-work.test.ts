import { Agent, request, type ClientRequest } from 'node:http';

import { startSandbox, type Sandbox } from '@vision-agents/sandbox';
import { afterEach, describe, expect, test } from 'vitest';

import { RawClient } from '../raw-client.ts';

let sandbox: Sandbox;
afterEach(() => sandbox.close());

/** Asks and reads until so many events have come; then leaves. */
async function askAndLeave(text: string, events: number): Promise<void> {
  const leave = new AbortController();
  const response = await fetch(`${sandbox.geminiUrl}/v1/models/m:streamGenerateContent?alt=sse`, {
    method: 'POST',
    headers: { 'x-goog-api-key': 'key' },
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text }] }] }),
    signal: leave.signal,
  });
  let read = '';
  if (events > 0) {
    for await (const bytes of response.body ?? []) {
      read += Buffer.from(bytes).toString();
      if (read.split(/\r?\n\r?\n/).length > events) break;
    }
  }
  leave.abort();
  await expect.poll(() => sandbox.truth().outcomes['llm.requests'].aborted).toBe(1);
}

function receivedMs({ messages }: RawClient): number {
  return messages
    .map(({ audio }) => Buffer.from(typeof audio === 'string' ? audio : '', 'base64').length / 32)
    .reduce((sum, ms) => sum + ms, 0);
}

const isFinal = (message: Record<string, unknown>): boolean => message['isFinal'] === true;

describe('a model’s request that its client cuts off', () => {
  test('before its first token has none that anybody knows of', async () => {
    sandbox = await startSandbox({ delays: { firstTokenMs: 300 } });
    await askAndLeave('Hm?', 0);
    const { counts, inFlight, outcomes } = sandbox.truth();
    expect(counts).toMatchObject({ 'llm.requests': 1, 'llm.tokens.input': 0 });
    expect(inFlight).toEqual({});
    expect(outcomes['llm.requests']).toEqual({ completed: 0, aborted: 1, failed: 0 });
  });

  test('in its middle has those that were told, the last of them perhaps in vain', async () => {
    sandbox = await startSandbox({ delays: { firstTokenMs: 5, completeMs: 800 } });
    await askAndLeave('tell me a story', 5);
    const { counts, inFlight } = sandbox.truth();
    expect(counts['llm.tokens.input']).toBeGreaterThan(0);
    // The first chunk was read long ago, with all of the prompt's tokens; others come all the time.
    expect(inFlight['llm.tokens.input'] ?? 0).toBe(0);
    expect(inFlight['llm.tokens.output']).toBeGreaterThan(0);
    expect(inFlight['llm.tokens.output']).toBeLessThan(counts['llm.tokens.output'] ?? 0);
  });

  test('is not taken for read to its end when the client leaves with it', async () => {
    sandbox = await startSandbox({ delays: { firstTokenMs: 5, completeMs: 30 } });
    const asking = request(`${sandbox.geminiUrl}/v1/models/m:streamGenerateContent?alt=sse`, {
      method: 'POST',
      headers: { 'x-goog-api-key': 'key' },
      agent: new Agent({ keepAlive: true }),
    });
    asking.on('response', (response) => {
      response.on('data', (bytes: Buffer) => {
        if (bytes.includes('STOP')) response.socket.destroy();
      });
    });
    asking.on('error', () => undefined);
    asking.end(JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Hm?' }] }] }));
    await expect.poll(() => sandbox.truth().outcomes['llm.requests'].aborted).toBe(1);
    expect(sandbox.truth().outcomes['llm.requests']).toMatchObject({ completed: 0, aborted: 1 });
  });
});

test('what was read to its end is not lost with the next request on the connection', async () => {
  sandbox = await startSandbox({ delays: { firstAudioMs: 5, lastAudioMs: 5 } });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (): ClientRequest => {
    const url = `${sandbox.elevenlabsUrl}/v1/text-to-speech/v/stream?output_format=pcm_16000`;
    const headers = { 'xi-api-key': 'key' };
    const asking = request(url, { method: 'POST', headers, agent }).on('error', () => undefined);
    asking.end(JSON.stringify({ text: 'Hm?' }));
    return asking;
  };
  const next = await new Promise<ClientRequest>((resolve) => {
    ask().on('response', (response) => response.resume().on('end', () => resolve(ask())));
  });
  next.on('response', (response) => response.socket.destroy());
  await expect.poll(() => sandbox.truth().outcomes['tts.requests'].aborted).toBe(1);
  expect(sandbox.truth().outcomes['tts.requests']).toMatchObject({ completed: 1, aborted: 1 });
  agent.destroy();
});

describe('speech that its client no longer wants', () => {
  const slow = { delays: { firstAudioMs: 20, lastAudioMs: 400 } };

  async function speaking(times = 1): Promise<RawClient> {
    sandbox = await startSandbox(slow);
    const url = `${sandbox.elevenlabsUrl}/v1/text-to-speech/v/multi-stream-input`;
    const client = await new RawClient(`${url}?output_format=pcm_16000&auto_mode=true`, {
      headers: { 'xi-api-key': 'key' },
    }).open();
    client.send({ text: ' ', context_id: 'a' });
    const text = 'One night a ship lost its way. '.repeat(times);
    client.send({ text, context_id: 'a', flush: true });
    client.send({ context_id: 'a', close_context: true });
    await client.message(({ audio }) => typeof audio === 'string');
    return client;
  }

  test('is spoken to its end, and aborted, when its context is closed again', async () => {
    const client = await speaking();
    client.send({ context_id: 'a', close_context: true });
    await client.message(isFinal);
    const { counts, outcomes, latencies } = sandbox.truth();
    expect(outcomes['tts.requests']).toEqual({ completed: 0, aborted: 1, failed: 0 });
    expect(counts['tts.audio_duration.ms']).toBeCloseTo(receivedMs(client));
    expect(latencies['tts.latency.ms']?.count).toBe(0);
  });

  test('is aborted also when that comes too late', async () => {
    const client = await speaking();
    await client.message(isFinal);
    expect(sandbox.truth().outcomes['tts.requests'].completed).toBe(1);
    client.send({ context_id: 'a', close_context: true });
    await expect
      .poll(() => sandbox.truth().outcomes['tts.requests'])
      .toEqual({ completed: 0, aborted: 1, failed: 0 });
  });

  test('has the audio that was sent before the socket was closed, and no more', async () => {
    // So long that a piece is always due, also while the socket is being closed.
    const client = await speaking(60);
    client.ws.close(1000);
    await client.closed;
    // A slow machine may have sent all of it before it got to read the close.
    await expect
      .poll(() => {
        const { completed, aborted } = sandbox.truth().outcomes['tts.requests'];
        return completed + aborted;
      })
      .toBe(1);
    expect(sandbox.truth().counts['tts.audio_duration.ms']).toBeCloseTo(receivedMs(client));
  });

  describe.each([
    ['ElevenLabs', elevenLabsSpeech, 32],
    ['OpenAI', openAISpeech, 48],
  ] as const)('over HTTP, by %s', (_name, ask, bytesPerMs) => {
    test('is aborted with its request, the last of it perhaps in vain', async () => {
      sandbox = await startSandbox(slow);
      const leave = new AbortController();
      const response = await ask(sandbox, leave.signal);
      let readMs = 0;
      for await (const bytes of response.body ?? []) {
        readMs += Buffer.from(bytes).length / bytesPerMs;
        if (readMs > 500) break;
      }
      leave.abort();
      await expect
        .poll(() => sandbox.truth().outcomes['tts.requests'])
        .toEqual({ completed: 0, aborted: 1, failed: 0 });
      const { counts, inFlight } = sandbox.truth();
      const sentMs = counts['tts.audio_duration.ms'] ?? 0;
      const unreadMs = inFlight['tts.audio_duration.ms'] ?? 0;
      expect(unreadMs).toBeGreaterThan(0);
      expect(sentMs - unreadMs).toBeLessThanOrEqual(readMs);
      expect(sentMs).toBeGreaterThanOrEqual(readMs);
    });

    test('has none in flight when it was read to its end', async () => {
      sandbox = await startSandbox({ delays: { firstAudioMs: 5, lastAudioMs: 30 } });
      const response = await ask(sandbox);
      const audio = await response.arrayBuffer();
      const { counts, inFlight, outcomes } = sandbox.truth();
      expect(counts['tts.audio_duration.ms']).toBeCloseTo(audio.byteLength / bytesPerMs);
      expect(outcomes['tts.requests']).toEqual({ completed: 1, aborted: 0, failed: 0 });
      expect(inFlight).toEqual({});
    });
  });
});

const sentence = 'One night a ship lost its way.';

function elevenLabsSpeech({ elevenlabsUrl }: Sandbox, signal?: AbortSignal): Promise<Response> {
  return fetch(`${elevenlabsUrl}/v1/text-to-speech/v/stream?output_format=pcm_16000`, {
    method: 'POST',
    headers: { 'xi-api-key': 'key' },
    body: JSON.stringify({ text: sentence }),
    ...(signal && { signal }),
  });
}

function openAISpeech({ openaiUrl }: Sandbox, signal?: AbortSignal): Promise<Response> {
  const speech = { model: 'gpt-4o-mini-tts', voice: 'alloy', response_format: 'pcm' };
  return fetch(`${openaiUrl}/audio/speech`, {
    method: 'POST',
    headers: { authorization: 'Bearer key' },
    body: JSON.stringify({ ...speech, input: sentence }),
    ...(signal && { signal }),
  });
}
