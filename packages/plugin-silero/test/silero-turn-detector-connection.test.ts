import { setImmediate } from 'node:timers/promises';

import type { Logger, TurnFact } from '@vision-agents/core';
import { beforeEach, expect, test } from 'vitest';

import { resolveTurnDetectorOptions } from '../src/silero-options.ts';
import { SileroTurnDetection } from '../src/silero-turn-detector-connection.ts';
import { WINDOW_MS, WINDOW_SAMPLES } from '../src/silero-wire.ts';
import { TurnBoundaries } from '../src/turn-boundaries.ts';

let judged: number[];
let facts: TurnFact[];
let logged: string[];
/** Lets one waiting window be judged with this probability. */
let answers: ((probability: number) => void)[];

beforeEach(() => {
  judged = [];
  facts = [];
  logged = [];
  answers = [];
});

test('sending does not wait for the model, and asks it about one window at a time', async () => {
  const detection = slowly();
  detection.send(windows(1, 2, 3));
  expect(judged).toEqual([]);
  await until(() => answers.length > 0);
  await setImmediate();
  expect(judged).toEqual([1]);
  answers.shift()?.(0);
  await until(() => answers.length > 0);
  expect(judged).toEqual([1, 2]);
  answers.shift()?.(0);
  await detection.close();
});

test('pieces of any length make the same windows', async () => {
  const detection = fast(() => 0);
  const audio = windows(1, 2, 3, 4);
  for (let from = 0; from < audio.length; from += 333) {
    detection.send(audio.subarray(from, from + 333));
  }
  await until(() => judged.length === 4);
  expect(judged).toEqual([1, 2, 3, 4]);
  await detection.close();
});

test('a model that is too slow loses the oldest audio, and is complained about once', async () => {
  const detection = slowly();
  detection.send(windows(...Array.from({ length: 100 }, (_, index) => index)));
  for (let count = 0; count < 62; count++) {
    await until(() => answers.length > 0);
    answers.shift()?.(count < 5 ? 1 : 0);
  }
  // 2 s are 62 windows: those from the 38th on.
  expect(judged).toEqual(Array.from({ length: 62 }, (_, index) => index + 38));
  await until(() => facts.length === 2);
  expect(facts).toEqual([
    { type: 'speech-start', offsetMs: 38 * WINDOW_MS },
    { type: 'turn-end', eager: false, speechEndMs: 43 * WINDOW_MS },
  ]);
  detection.send(windows(...Array.from({ length: 100 }, () => 1)));
  expect(logged).toEqual(['warn: the machine is too slow to look for turns: audio was dropped']);
  const closing = detection.close();
  answers.shift()?.(0);
  await closing;
});

test('what the model finds while it is being closed is not reported', async () => {
  const detection = slowly({ minSpeechMs: 0 });
  detection.send(windows(1, 2, 3));
  await until(() => answers.length > 0);
  const closing = detection.close();
  answers.shift()?.(1);
  await closing;
  detection.send(windows(4));
  await setImmediate();
  expect({ facts, judged }).toEqual({ facts: [], judged: [1] });
});

test('windows that fail are silence, and are complained about once', async () => {
  const detection = fast((value) => {
    if (value > 5) throw new Error('out of memory');
    return 1;
  });
  detection.send(windows(...Array.from({ length: 40 }, (_, index) => index + 1)));
  await until(() => judged.length === 40 && facts.length === 2);
  expect(facts[1]).toEqual({ type: 'turn-end', eager: false, speechEndMs: 5 * WINDOW_MS });
  expect(logged).toEqual(['error: audio could not be searched for turns']);
  await detection.close();
});

function slowly(options = {}): SileroTurnDetection {
  return detectionBy((samples) => {
    judged.push(samples[0] ?? -1);
    const { promise, resolve } = Promise.withResolvers<number>();
    answers.push(resolve);
    return promise;
  }, options);
}

function fast(probabilityOf: (value: number) => number): SileroTurnDetection {
  return detectionBy(async (samples) => {
    const value = samples[0] ?? -1;
    judged.push(value);
    return probabilityOf(value);
  });
}

function detectionBy(
  probabilityOf: (samples: Int16Array) => Promise<number>,
  options = {},
): SileroTurnDetection {
  const boundaries = new TurnBoundaries(resolveTurnDetectorOptions(options));
  return new SileroTurnDetection({
    probabilityOf,
    boundaries,
    report: (fact) => facts.push(fact),
    logger: LOGGER,
  });
}

/** The test's own time-out bounds it. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

const LOGGER: Logger = {
  debug: (_, message) => logged.push(`debug: ${message}`),
  info: (_, message) => logged.push(`info: ${message}`),
  warn: (_, message) => logged.push(`warn: ${message}`),
  error: (_, message) => logged.push(`error: ${message}`),
};

/** Windows of which each holds one value. */
function windows(...values: readonly number[]): Int16Array {
  const samples = new Int16Array(values.length * WINDOW_SAMPLES);
  for (const [index, value] of values.entries()) {
    samples.fill(value, index * WINDOW_SAMPLES, (index + 1) * WINDOW_SAMPLES);
  }
  return samples;
}
