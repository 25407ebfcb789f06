import { setLogLevel } from '@vision-agents/core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { ErrorSeries } from './error-series.ts';
import { answerTo, callWith, LINES, loadVoiceSdk, modelsOf } from './fault-call.ts';
import { FAULT_CASES } from './fault-cases.ts';
import { leftOpen, openResources } from './open-resources.ts';

const CALL_MS = 60_000;
const COUNTERS: Readonly<Record<string, string>> = {
  deepgram: 'stt.errors',
  gemini: 'llm.errors',
  elevenlabs: 'tts.errors',
};
let series: ErrorSeries;
let openBefore: Readonly<Record<string, number>>;

// Calls last for seconds in which this process has little to do.
vi.setConfig({ maxConcurrency: 16 });

beforeAll(async () => {
  setLogLevel('silent');
  series = new ErrorSeries();
  await loadVoiceSdk();
  openBefore = openResources();
}, CALL_MS);

afterAll(() => series[Symbol.asyncDispose]());

describe.concurrent('a call in which a provider fails goes on, and the failure is counted', () => {
  test.for(FAULT_CASES)('$name', { timeout: CALL_MS }, async (fault) => {
    const call = await callWith(fault);
    const { metrics, report, truth } = call;
    const outcomes = call.turns.map(({ outcome }) => outcome);

    expect(report.greeting).toBe('Hello.');
    expect(report.turns.at(-1)?.heard).toBe(answerTo(LINES[2]));
    expect(call.endReason).toBe('hangup');

    expect(outcomes).toEqual(fault.turns);
    for (const [index, outcome] of fault.turns.entries()) {
      if (outcome !== 'completed') continue;
      expect(report.turns[index]?.heard).toBe(answerTo(LINES[index] ?? ''));
    }

    expect(call.errors).toEqual(fault.errors);
    const counted = fault.errors.map(
      (error) => `${COUNTERS[error.split(' ')[0] ?? '']} ${error} 1`,
    );
    expect(await series.of(modelsOf(fault))).toEqual(counted.toSorted());
    const { sttErrors, llmErrors, ttsErrors } = metrics;
    expect(sttErrors.total + llmErrors.total + ttsErrors.total).toBe(fault.errors.length);

    expect(truth.problems).toEqual([]);
    expect(metrics.providerConnections.total).toBe(0);
    expect(metrics.agentSessionsActive.total).toBe(0);
  });
});

test('nothing is left open after them', { timeout: CALL_MS }, async () => {
  expect(await leftOpen(openBefore, 10_000)).toEqual([]);
});
