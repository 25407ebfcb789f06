import assert from 'node:assert/strict';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';

import type { STTEvent, STTStream } from '@vision-agents/core';
import { MetricsCollector, silence } from '@vision-agents/core';
import { ManualClock } from '@vision-agents/core/testing';
import type { Sandbox } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { STTOptions } from '../src/index.ts';
import { STT } from '../src/index.ts';
import { endsTurn, finals, isFinal, readUntil, utterance, write } from './caller.ts';

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
  const access = { apiKey: 'test-key', baseUrl: sandbox.elevenlabsUrl };
  return new STT({ ...access, ...options });
}

/** Every figure that the sandbox knows, and what is left. */
function expectTruth(): void {
  const { counts } = sandbox.truth();
  const { metrics } = collector;
  expect(metrics.sttTranscripts.total).toBe(counts['stt.transcripts']);
  expect(metrics.sttAudioDurationMs.sum).toBeCloseTo(counts['stt.audio_duration.ms'] ?? 0);
  expect(metrics.sttErrors.total).toBe(counts['stt.errors']);
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
  for (let at = 0; at < samples.length; at += 320) {
    const beforeMs = heardMs();
    await clock.advance(20);
    write(stream, samples.subarray(at, at + 320));
    while (heardMs() === beforeMs) await turnOfTheLoop();
    // What was told of it is on its way back.
    for (let turn = 0; turn < 10; turn += 1) await turnOfTheLoop();
  }
}

function withWords(event: STTEvent): boolean {
  return event.type === 'transcript' && event.text !== '';
}

describe('with commits of its own', () => {
  test('speech becomes a turn with its transcript, and the figures agree with the truth', async () => {
    const stream = await stt().open({ metrics: collector });
    const events = stream[Symbol.asyncIterator]();
    write(stream, utterance('hello world', 700));
    const turn = await readUntil(events, endsTurn);
    await stream.close();

    expect(turn[0]?.type).toBe('speech-start');
    expect(turn[1]).toMatchObject({ type: 'transcript', final: false });
    expect(finals(turn)).toEqual(['hello world']);
    expect(turn.at(-2)).toMatchObject({ type: 'transcript', final: true });
    expect(await events.next()).toMatchObject({ done: true });
    expect(collector.metrics.turnDurationMs.count).toBe(1);
    expect(collector.metrics.sttLatencyMs.count).toBe(1);
    expectTruth();
  });

  test('latency and trailing silence are the silence asked for and the delay of the commit', async () => {
    sandbox.configure({ commitMs: 100 });
    const clock = new ManualClock();
    const stream = await stt({ vadSilenceMs: 300 }).open({ metrics: collector, clock });
    const turn = readUntil(stream[Symbol.asyncIterator](), endsTurn);
    await writeOnClock(stream, clock, utterance('yes', 700));
    await turn;
    await stream.close();

    const { sttLatencyMs, turnTrailingSilenceMs } = collector.metrics;
    expect(sttLatencyMs.count).toBe(1);
    expect(Math.abs(sttLatencyMs.sum - 400)).toBeLessThan(50);
    expect(Math.abs(turnTrailingSilenceMs.sum - 400)).toBeLessThan(50);
  });

  test('flushing leaves the end of the turn to Scribe', async () => {
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

describe('with commits by the turn detector', () => {
  const manual = { commitStrategy: 'manual' } as const;

  test('nothing is final until it is flushed, and turns are left to the detector', async () => {
    const stream = await stt(manual).open({ metrics: collector });
    const events = stream[Symbol.asyncIterator]();
    write(stream, utterance('hello world', 700));
    const heard = await readUntil(events, withWords);
    stream.flush();
    heard.push(...(await readUntil(events, isFinal)));
    await stream.close();
    expect(new Set(heard.map(({ type }) => type))).toEqual(new Set(['transcript']));
    expect(finals(heard)).toEqual(['hello world']);
    expect(collector.metrics.turnDurationMs.count).toBe(0);
    expectTruth();
  });

  test('what follows a commit is a transcript of its own, with the times of its own words', async () => {
    const stream = await stt(manual).open({ metrics: collector });
    const events = stream[Symbol.asyncIterator]();
    const spoken: STTEvent[] = [];
    for (const text of ['one', 'two', 'two']) {
      write(stream, utterance(text, 200));
      stream.flush();
      spoken.push(...(await readUntil(events, isFinal)).filter(isFinal));
    }
    await stream.close();
    expect(finals(spoken)).toEqual(['one', 'two', 'two']);
    expect(collector.metrics.sttLatencyMs.count).toBe(3);
    expectTruth();
  });

  test('flushing what was never written asks for nothing', async () => {
    const stream = await stt(manual).open({ metrics: collector });
    const events = stream[Symbol.asyncIterator]();
    stream.flush();
    write(stream, utterance('a', 300));
    stream.flush();
    stream.flush();
    expect(finals(await readUntil(events, isFinal))).toEqual(['a']);
    await stream.close();
    expectTruth();
  });

  test('less than Scribe takes is committed with silence, which is counted as audio', async () => {
    const stream = await stt(manual).open({ metrics: collector });
    const events = stream[Symbol.asyncIterator]();
    stream.write(silence(20, 16_000));
    stream.flush();
    expect(finals(await readUntil(events, isFinal))).toEqual(['']);
    write(stream, utterance('yes', 300));
    stream.flush();
    const heard = (await readUntil(events, isFinal)).find(isFinal);
    await stream.close();
    assert.ok(heard?.type === 'transcript' && heard.speechEndedAtMs !== undefined);
    // On our clock the silence took no time: with it, the words would lie in the future.
    expect(heard.speechEndedAtMs).toBeLessThanOrEqual(heard.atMs);
    expect(collector.metrics.sttAudioDurationMs.sum).toBeGreaterThan(600);
    expectTruth();
  });
});

describe('when the microphone is off', () => {
  test('silence keeps the session alive, is counted, and shifts no time', async () => {
    const clock = new ManualClock();
    const stream = await stt().open({ metrics: collector, clock });
    const events = stream[Symbol.asyncIterator]();
    for (let idle = 0; idle < 2; idle += 1) await clock.advance(5000);
    await vi.waitFor(() =>
      expect(sandbox.truth().counts['stt.audio_duration.ms']).toBeCloseTo(2000),
    );
    const spokenAtMs = clock.now();
    await writeOnClock(stream, clock, utterance('a', 700));
    const turn = await readUntil(events, endsTurn);
    await stream.close();
    const final = turn.find(isFinal);
    assert.ok(final?.type === 'transcript' && final.speechStartedAtMs !== undefined);
    expect(Math.abs(final.speechStartedAtMs - spokenAtMs)).toBeLessThan(50);
    expectTruth();
  });

  test('a turn that was cut off from its silence is ended by that', async () => {
    const clock = new ManualClock();
    const stream = await stt().open({ metrics: collector, clock });
    const events = stream[Symbol.asyncIterator]();
    write(stream, utterance('hello', 100));
    await clock.advance(5000);
    expect(finals(await readUntil(events, endsTurn))).toEqual(['hello']);
    await stream.close();
    expect(clock.pendingTimers).toBe(0);
    expectTruth();
  });
});

test('all options reach Scribe in a form that it takes', async () => {
  const stream = await stt({
    model: 'scribe_v3_realtime',
    vadSilenceMs: 800,
    vadThreshold: 0.5,
    minSpeechDurationMs: 200,
    minSilenceDurationMs: 150,
    languageCode: 'en',
    secondaryLanguages: ['de', 'fr'],
    includeLanguageDetection: true,
    keyterms: ['Acme', 'vision agents'],
    noVerbatim: true,
    enableLogging: false,
  }).open({ metrics: collector });
  await stream.close();
  expect(sandbox.truth().counts['stt.errors']).toBe(0);
});

test('with the background filtered there are no times, and no latency that would be made of them', async () => {
  const options = { filterBackgroundAudio: true, includeLanguageDetection: true };
  const stream = await stt(options).open({ metrics: collector });
  write(stream, utterance('hello', 700));
  const turn = await readUntil(stream[Symbol.asyncIterator](), endsTurn);
  await stream.close();
  expect(turn.find(isFinal)).toMatchObject({ text: 'hello', language: 'en' });
  expect(turn.find(isFinal)).toMatchObject({ speechEndedAtMs: undefined });
  expect(collector.metrics.sttLatencyMs.count).toBe(0);
  expect(collector.metrics.sttTranscripts.total).toBe(1);
});

test.each(['vad', 'manual'] as const)(
  'closing lets the last words come, with commits by %s',
  async (commitStrategy) => {
    const stream = await stt({ commitStrategy }).open({ metrics: collector });
    write(stream, utterance('last words', 100));
    const events = readUntil(stream[Symbol.asyncIterator](), () => false);
    await stream.close();
    expect(finals(await events)).toEqual(['last words']);
    expectTruth();
  },
);

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
