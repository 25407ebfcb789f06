import { setTimeout as sleep } from 'node:timers/promises';

import type { STTEvent, STTStream } from '@vision-agents/core';
import { MetricsCollector } from '@vision-agents/core';
import { ManualClock } from '@vision-agents/core/testing';
import type { Sandbox } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import type { MockInstance } from 'vitest';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';

import { STT } from '../src/index.ts';
import { endsTurn, finals, readUntil, SAMPLE_RATE_HZ, utterance, write } from './caller.ts';
import { failureOf } from './hearing.ts';

const STALL_MS = 5000;

let sandbox: Sandbox;
let collector: MetricsCollector;
let clock: ManualClock;
let sent: MockInstance<WebSocket['send']>;

beforeEach(async () => {
  sandbox = await startSandbox({ delays: { commitMs: 5 } });
  collector = new MetricsCollector();
  clock = new ManualClock();
  sent = vi.spyOn(WebSocket.prototype, 'send');
});

afterEach(async () => {
  vi.restoreAllMocks();
  await sandbox.close();
});

/** How often Scribe was asked to commit. */
function commits(): number {
  const messages = sent.mock.calls.map(([data]) => data);
  return messages.filter((data) => typeof data === 'string' && data.includes('"commit":true'))
    .length;
}

function open(): Promise<STTStream> {
  const options = { apiKey: 'test-key', baseUrl: sandbox.elevenlabsUrl, stallTimeoutMs: STALL_MS };
  return new STT(options).open({ metrics: collector, clock });
}

/** Seconds that begin with these samples: enough of each for the clock, and for the sandbox's. */
async function pass(stream: STTStream, seconds: number, samples: Int16Array): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    write(stream, samples);
    await clock.advance(1000);
    // Answers come in real time.
    await sleep(20);
  }
}

/** A room in which nobody speaks. */
function noise(durationMs: number): Int16Array {
  let state = 1;
  return Int16Array.from({ length: (durationMs * SAMPLE_RATE_HZ) / 1000 }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return (state / 2 ** 31 - 0.5) * 4000;
  });
}

test.each([
  ['before the first word', 0],
  ['in the middle of a sentence', 0.5],
  ['when all is said', 1],
])('who answers pings and hears nothing is given up: %s', async (_, share) => {
  const words = utterance('how are you', 0);
  const after = (share * words.length * 1000) / SAMPLE_RATE_HZ - 20;
  sandbox.inject({ provider: 'elevenlabs', fault: 'scribe-stall', times: 1, after });
  const stream = await open();
  const failure = failureOf(readUntil(stream[Symbol.asyncIterator](), endsTurn));
  write(stream, words);
  await sleep(50);
  await pass(stream, 10, new Int16Array(320));
  expect(await failure).toMatchObject({ type: 'timeout', providerCode: 'stall' });
  expect(commits()).toBe(1);
  expect(collector.metrics.sttErrors.total).toBe(1);
  await stream.close();
  expect(clock.pendingTimers).toBe(0);
  expect(sandbox.truth().problems).toEqual([]);
});

test('a minute of noise ends nothing and tells nothing, and who speaks then is heard', async () => {
  const stream = await open();
  const events: STTEvent[] = [];
  const reading = (async () => {
    for await (const event of stream) events.push(event);
  })();
  await pass(stream, 60, noise(220));
  expect(events).toEqual([]);
  expect(commits()).toBeGreaterThan(5);
  expect(commits()).toBeLessThanOrEqual(60_000 / STALL_MS);
  write(stream, utterance('still here', 700));
  await expect.poll(() => finals(events)).toEqual(['still here']);
  await stream.close();
  await reading;
  expect(events.filter(endsTurn)).toHaveLength(1);
  expect(collector.metrics.sttTranscripts.total).toBe(1);
  expect(collector.metrics.sttErrors.total).toBe(0);
  expect(sandbox.truth().problems).toEqual([]);
});

test('who is silent for minutes is not asked about', { timeout: 20_000 }, async () => {
  const stream = await open();
  const events = stream[Symbol.asyncIterator]();
  await pass(stream, 150, new Int16Array(320));
  expect(commits()).toBe(0);
  write(stream, utterance('still here', 700));
  expect(finals(await readUntil(events, endsTurn))).toEqual(['still here']);
  await pass(stream, 60, new Int16Array(320));
  expect(commits()).toBe(0);
  await stream.close();
  expect(sandbox.truth().problems).toEqual([]);
});
