import { startSandbox, type OpenAIFault, type Sandbox } from '@vision-agents/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { hear } from '../voice/hear.ts';
import { post } from './openai-requests.ts';

let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await startSandbox({
    delays: { firstTokenMs: 5, completeMs: 20, firstAudioMs: 5, lastAudioMs: 20 },
  });
});

afterEach(() => sandbox.close());

describe('speech', () => {
  const speech = { model: 'gpt-4o-mini-tts', voice: 'alloy', response_format: 'pcm' };

  test('can be heard, and is counted', async () => {
    const input = 'Hello there, Ann. 😀';
    const response = await post(sandbox, 'audio/speech', { ...speech, input });
    const audio = Buffer.from(await response.arrayBuffer());
    const samples = new Int16Array(audio.buffer, audio.byteOffset, audio.length / 2);
    expect(hear(samples, 24_000).text).toBe(input);
    const { counts, latencies, outcomes, problems } = sandbox.truth();
    expect(counts).toMatchObject({
      'tts.requests': 1,
      'tts.characters': Array.from(input).length,
      'tts.errors': 0,
    });
    expect(counts['tts.audio_duration.ms']).toBeCloseTo(audio.length / 48, 5);
    expect(latencies['tts.time_to_first_audio.ms']).toEqual({ count: 1, meanMs: 5 });
    expect(outcomes['tts.requests']).toEqual({ completed: 1, aborted: 0, failed: 0 });
    expect(problems).toEqual([]);
  });

  test.each([
    [{ input: '' }],
    [{ input: 'x'.repeat(4097) }],
    [{ model: undefined }],
    [{ voice: undefined }],
    [{ response_format: 'mp3' }],
    [{ speed: 5 }],
    [{ model: 'tts-1', instructions: 'Whisper.' }],
  ])('is refused for %j', async (change) => {
    const response = await post(sandbox, 'audio/speech', { ...speech, input: 'Hi', ...change });
    expect(response.status).toBe(400);
    expect(sandbox.truth().problems).toHaveLength(1);
    expect(sandbox.truth().counts['tts.errors']).toBe(1);
  });

  test('wants a key', async () => {
    const asked = { ...speech, input: 'Hi' };
    expect((await post(sandbox, 'audio/speech', asked, { authorization: '' })).status).toBe(401);
  });

  test.each([
    ['speech-400', 400],
    ['speech-401', 401],
    ['speech-429', 429],
    ['speech-quota', 429],
    ['speech-500', 500],
  ] as const)('%s', async (fault, status) => {
    sandbox.inject({ provider: 'openai', fault, times: 1 });
    expect((await post(sandbox, 'audio/speech', { ...speech, input: 'Hi' })).status).toBe(status);
    expect(sandbox.truth().counts).toMatchObject({ 'tts.errors': 1, 'llm.errors': 0 });
  });

  test('speech-odd-chunks is whole, speech-empty is empty, speech-reset breaks off', async () => {
    const say = async (fault: OpenAIFault, input: string): Promise<number> => {
      sandbox.inject({ provider: 'openai', fault, times: 1 });
      return (await (await post(sandbox, 'audio/speech', { ...speech, input })).arrayBuffer())
        .byteLength;
    };
    expect(await say('speech-odd-chunks', 'One')).toBeGreaterThan(10_000);
    expect(sandbox.truth().counts['tts.errors']).toBe(0);
    expect(await say('speech-empty', 'Two')).toBe(0);
    await expect(say('speech-reset', 'Three')).rejects.toThrow('terminated');
    expect(sandbox.truth().counts['tts.errors']).toBe(2);
  });
});
