import assert from 'node:assert/strict';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';

import type { STTEvent, STTStream } from '@vision-agents/core';
import { MetricsCollector, silence } from '@vision-agents/core';
import { ManualClock } from '@vision-agents/core/testing';
import type { Sandbox } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { STTOptions } from '../src/index.ts';
import { STT } from '../src/index.ts';
import {
  endsTurn,
  finals,
  FRAME_SAMPLES,
  isFinal,
  readUntil,
  SAMPLE_RATE_HZ,
  utterance,
  write,
} from './caller.ts';

// The SDK is slow to load; a test that times out for it would say nothing.
beforeAll(() => import('openai/realtime/ws'), 60_000);

let sandbox: Sandbox;
let collector: MetricsCollector;

beforeEach(async () => {
  sandbox = await startSandbox({ delays: { commitMs: 20 } });
  collector = new MetricsCollector();
});

afterEach(async () => {
  const { problems } = sandbox.truth();
  await sandbox.close();
  assert.deepEqual(problems, []);
});

function stt(options: STTOptions = {}): STT {
  const access = { apiKey: 'test-key', baseUrl: sandbox.openaiUrl };
  return new STT({ ...access, ...options });
}

/** Every figure that the sandbox knows, and what is left. */
function expectTruth(): void {
  const { counts, latencies } = sandbox.truth();
  const { metrics } = collector;
  expect(metrics.sttTranscripts.total).toBe(counts['stt.transcripts']);
  expect(metrics.sttAudioDurationMs.sum).toBeCloseTo(counts['stt.audio_duration.ms'] ?? 0);
  expect(metrics.sttErrors.total).toBe(counts['stt.errors']);
  expect(metrics.sttLatencyMs.count).toBe(latencies['stt.latency.ms']?.count);
  expect(metrics.providerConnections.total).toBe(0);
}

/** Milliseconds of audio that have arrived. */
function heardMs(): number {
  return sandbox.truth().counts['stt.audio_duration.ms'] ?? 0;
}

/** Writes audio as a microphone does, on the test's clock, each frame when the one before was heard. */
async function writeOnClock(
  stream: STTStream,
  clock: ManualClock,
  samples: Int16Array,
): Promise<void> {
  for (let at = 0; at < samples.length; at += FRAME_SAMPLES) {
    const beforeMs = heardMs();
    await clock.advance(20);
    write(stream, samples.subarray(at, at + FRAME_SAMPLES));
    while (heardMs() === beforeMs) await turnOfTheLoop();
    // What was told of it is on its way back.
    for (let turn = 0; turn < 10; turn += 1) await turnOfTheLoop();
  }
}

/** Silence, and then words with the silence after them. */
function afterSilence(silenceMs: number, text: string): Int16Array {
  const words = utterance(text, 800);
  const before = (silenceMs * SAMPLE_RATE_HZ) / 1000;
  const samples = new Int16Array(before + words.length);
  samples.set(words, before);
  return samples;
}

function withWords(event: STTEvent): boolean {
  return event.type === 'transcript' && event.text !== '';
}

describe("with OpenAI's turn detection", () => {
  test('speech becomes a turn with its transcript, and the figures agree with the truth', async () => {
    const stream = await stt().open({ metrics: collector });
    const events = stream[Symbol.asyncIterator]();
    write(stream, utterance('hello big world', 700));
    const turn = await readUntil(events, endsTurn);
    await stream.close();

    expect(turn.map(({ type }) => type)).toEqual([
      'speech-start',
      'transcript',
      'transcript',
      'transcript',
      'turn-end',
    ]);
    expect(turn.slice(1, 4)).toMatchObject([
      { text: 'hello', final: false },
      { text: 'hello big', final: false },
      { text: 'hello big world', final: true },
    ]);
    expect(await events.next()).toMatchObject({ done: true });
    expect(collector.metrics.sttLatencyMs.count).toBe(1);
    expectTruth();
  });

  test('latency and trailing silence are the silence asked for and the delay of the transcript', async () => {
    sandbox.configure({ commitMs: 100 });
    const clock = new ManualClock();
    const turnDetection = { type: 'server_vad', silenceDurationMs: 300 } as const;
    const stream = await stt({ turnDetection }).open({ metrics: collector, clock });
    const turn = readUntil(stream[Symbol.asyncIterator](), endsTurn);
    const samples = afterSilence(1000, 'yes');
    await writeOnClock(stream, clock, samples);
    await turn;
    await stream.close();

    const { sttLatencyMs, turnTrailingSilenceMs, turnDurationMs } = collector.metrics;
    const { latencies } = sandbox.truth();
    expect(sttLatencyMs.count).toBe(1);
    expect(Math.abs(sttLatencyMs.sum - 400)).toBeLessThan(50);
    expect(Math.abs(turnTrailingSilenceMs.sum - 400)).toBeLessThan(50);
    expect(turnDurationMs.sum).toBeCloseTo(latencies['turn.duration.ms']?.meanMs ?? 0, -1);
  });

  test('words that do not sound complete are waited for, and no time is told', async () => {
    const turnDetection = { type: 'semantic_vad', eagerness: 'high' } as const;
    const stream = await stt({ turnDetection }).open({ metrics: collector });
    const events = stream[Symbol.asyncIterator]();
    write(stream, utterance('hello and', 500));
    write(stream, utterance('bye', 400));
    const turn = await readUntil(events, endsTurn);
    await stream.close();
    expect(finals(turn)).toEqual(['hello and bye']);
    expect(turn.find(isFinal)).toMatchObject({ speechEndedAtMs: undefined });
    expect(collector.metrics.sttLatencyMs.count).toBe(0);
    expect(collector.metrics.turnTrailingSilenceMs.count).toBe(0);
    expectTruth();
  });

  test('who speaks on before the transcript is there is in the same turn', async () => {
    sandbox.configure({ commitMs: 400 });
    const stream = await stt().open({ metrics: collector });
    const events = stream[Symbol.asyncIterator]();
    write(stream, utterance('one', 600));
    write(stream, utterance('two', 1200));
    const turn = await readUntil(events, endsTurn);
    await stream.close();
    expect(finals(turn)).toEqual(['one', 'two']);
    expect(collector.metrics.turnDurationMs.count).toBeLessThanOrEqual(1);
    expectTruth();
  });

  test('flushing leaves the end of the turn to OpenAI', async () => {
    const stream = await stt().open({ metrics: collector });
    const events = stream[Symbol.asyncIterator]();
    write(stream, utterance('one', 300));
    stream.flush();
    write(stream, utterance('two', 700));
    expect(finals(await readUntil(events, endsTurn))).toEqual(['one two']);
    await stream.close();
    expectTruth();
  });
});

describe("with the agent's turn detector", () => {
  const turnDetection = false;

  test('nothing is told until it is flushed, and turns are left to the detector', async () => {
    const stream = await stt({ turnDetection }).open({ metrics: collector });
    const events = stream[Symbol.asyncIterator]();
    write(stream, utterance('hello world', 700));
    stream.flush();
    const heard = await readUntil(events, isFinal);
    await stream.close();
    expect(heard.map(({ type }) => type)).toEqual(['transcript', 'transcript']);
    expect(finals(heard)).toEqual(['hello world']);
    expect(collector.metrics.turnDurationMs.count).toBe(0);
    expectTruth();
  });

  test.each(['gpt-live-transcribe', 'gpt-realtime-whisper'])(
    '%s tells words while they are spoken',
    async (model) => {
      const stream = await stt({ model }).open({ metrics: collector });
      const events = stream[Symbol.asyncIterator]();
      write(stream, utterance('hello big world', 200));
      const first = await readUntil(events, withWords);
      expect(first.at(-1)).toMatchObject({ text: 'hello', final: false });
      stream.flush();
      expect(finals(await readUntil(events, isFinal))).toEqual(['hello big world']);
      await stream.close();
      expectTruth();
    },
  );

  test('what follows a commit is a transcript of its own', async () => {
    const stream = await stt({ turnDetection }).open({ metrics: collector });
    const events = stream[Symbol.asyncIterator]();
    const spoken: STTEvent[] = [];
    for (const text of ['one', 'two', 'two']) {
      write(stream, utterance(text, 200));
      stream.flush();
    }
    while (spoken.length < 3) spoken.push(...(await readUntil(events, isFinal)).filter(isFinal));
    await stream.close();
    expect(finals(spoken)).toEqual(['one', 'two', 'two']);
    expectTruth();
  });

  test('a transcript settles the audio before its commit, and no more', async () => {
    const clock = new ManualClock();
    const stream = await stt({ turnDetection }).open({ metrics: collector, clock });
    const events = stream[Symbol.asyncIterator]();
    await writeOnClock(stream, clock, utterance('hello', 200));
    const committedAtMs = clock.now();
    stream.flush();
    await writeOnClock(stream, clock, new Int16Array(SAMPLE_RATE_HZ / 5));
    const final = (await readUntil(events, isFinal)).find(isFinal);
    await stream.close();
    assert.ok(final?.type === 'transcript' && final.settledAtMs !== undefined);
    expect(Math.abs(final.settledAtMs - committedAtMs)).toBeLessThan(1);
  });

  test('flushing what was never written asks for nothing', async () => {
    const stream = await stt({ turnDetection }).open({ metrics: collector });
    const events = stream[Symbol.asyncIterator]();
    stream.flush();
    write(stream, utterance('a', 300));
    stream.flush();
    stream.flush();
    expect(finals(await readUntil(events, isFinal))).toEqual(['a']);
    await stream.close();
    expectTruth();
  });

  test('less than OpenAI takes is committed with silence, which is counted as audio', async () => {
    const stream = await stt({ turnDetection }).open({ metrics: collector });
    const events = stream[Symbol.asyncIterator]();
    stream.write(silence(20, SAMPLE_RATE_HZ));
    stream.flush();
    expect(finals(await readUntil(events, isFinal))).toEqual(['']);
    await stream.close();
    expect(collector.metrics.sttAudioDurationMs.sum).toBe(100);
    expectTruth();
  });
});

test.each<[string, STTOptions]>([
  [
    'of the turn detection',
    {
      turnDetection: {
        type: 'server_vad',
        threshold: 0.6,
        prefixPaddingMs: 200,
        silenceDurationMs: 400,
      },
      model: 'gpt-4o-transcribe',
      language: 'en',
      prompt: 'expect names of places',
      noiseReduction: 'near_field',
    },
  ],
  ['of a detection by words', { turnDetection: { type: 'semantic_vad', eagerness: 'low' } }],
  ['of lists of words', { model: 'gpt-transcribe', keywords: ['Acme', 'vision agents'] }],
  ['of a model that streams', { model: 'gpt-live-transcribe', keywords: ['Acme'] }],
  ['of a model with a delay', { model: 'gpt-realtime-whisper', delay: 'minimal' }],
])('all options reach OpenAI in a form that it takes: %s', async (_, options) => {
  const stream = await stt(options).open({ metrics: collector });
  await stream.close();
  expect(sandbox.truth().counts['stt.errors']).toBe(0);
});

test.each([undefined, false] as const)(
  'closing lets the last words come, with the turn detection %s',
  async (turnDetection) => {
    const options = turnDetection === undefined ? {} : { turnDetection };
    const stream = await stt(options).open({ metrics: collector });
    const events = stream[Symbol.asyncIterator]();
    write(stream, utterance('last words', 100));
    await expect.poll(heardMs).toBeGreaterThan(500);
    // Whom OpenAI has not heard yet nobody asks about.
    if (turnDetection !== false) await readUntil(events, ({ type }) => type === 'speech-start');
    const rest = readUntil(events, () => false);
    await stream.close();
    expect(finals(await rest)).toEqual(['last words']);
    expectTruth();
  },
);

test('closing in silence asks for nothing', async () => {
  const stream = await stt().open({ metrics: collector });
  const events = stream[Symbol.asyncIterator]();
  write(stream, utterance('hello', 700));
  await readUntil(events, endsTurn);
  write(stream, new Int16Array(SAMPLE_RATE_HZ));
  const rest = readUntil(events, () => false);
  await stream.close();
  expect(await rest).toEqual([]);
  expectTruth();
});

test('two streams of one STT do not mix', async () => {
  const shared = stt();
  const streams = await Promise.all([
    shared.open({ metrics: collector }),
    shared.open({ metrics: new MetricsCollector() }),
  ]);
  const [one, two] = streams;
  write(one, utterance('one', 700));
  write(two, utterance('two', 700));
  const turns = await Promise.all(
    streams.map((stream) => readUntil(stream[Symbol.asyncIterator](), endsTurn)),
  );
  await Promise.all(streams.map((stream) => stream.close()));
  expect(turns.map(finals)).toEqual([['one'], ['two']]);
  expect(collector.metrics.sttTranscripts.total).toBe(1);
});
