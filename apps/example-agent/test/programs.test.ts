import { setLogLevel } from '@vision-agents/core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { ErrorSeries } from './error-series.ts';
import { answerTo, callWith, LINES, loadVoiceSdk, modelsOf } from './fault-call.ts';
import type { FaultCase } from './fault-case.ts';
import type { ProgramCase } from './matrix/program-case.ts';
import { PROGRAM_CASES } from './matrix/program-cases.ts';
import { leftOpen, openResources } from './open-resources.ts';

const CALL_MS = 60_000;
const crashes: unknown[] = [];
const crash = (error: unknown): void => void crashes.push(error);
let series: ErrorSeries;
let openBefore: Readonly<Record<string, number>>;

vi.setConfig({ maxConcurrency: 16 });

beforeAll(async () => {
  setLogLevel('silent');
  series = new ErrorSeries();
  await loadVoiceSdk();
  openBefore = openResources();
  process.on('unhandledRejection', crash);
  process.on('uncaughtException', crash);
}, CALL_MS);

afterAll(async () => {
  process.off('unhandledRejection', crash);
  process.off('uncaughtException', crash);
  await series[Symbol.asyncDispose]();
});

function asFault({ mistake, errors, second }: ProgramCase): FaultCase {
  return { name: mistake, strikes: [], errors, turns: ['completed', second, 'completed'] };
}

describe.concurrent('a call outlives the mistakes of the program that it is in', () => {
  test.for(PROGRAM_CASES)('$mistake', { timeout: CALL_MS }, async (program) => {
    const fault = asFault(program);
    const { report, turns, endReason, metrics, truth } = await callWith(fault, program);

    expect(report.greeting).toBe('Hello.');
    expect(turns.map(({ outcome }) => outcome)).toEqual(fault.turns);
    for (const [index, outcome] of fault.turns.entries()) {
      if (outcome !== 'completed') continue;
      expect(report.turns[index]?.heard).toBe(answerTo(LINES[index] ?? ''));
    }
    expect(endReason).toBe('hangup');

    const counted = program.errors.map((error) => `llm.errors ${error} 1`);
    expect(await series.of(modelsOf(fault))).toEqual(counted);
    const { sttErrors, llmErrors, ttsErrors, llmToolCalls } = metrics;
    const { length } = program.errors;
    expect([sttErrors.total, llmErrors.total, ttsErrors.total]).toEqual([0, length, 0]);
    expect(llmToolCalls.total).toBe(program.reply === undefined ? 0 : 1);

    expect(truth.problems).toEqual([]);
    expect(metrics.providerConnections.total).toBe(0);
    expect(metrics.agentSessionsActive.total).toBe(0);
  });
});

test('nothing is left open after them', { timeout: CALL_MS }, async () => {
  expect(await leftOpen(openBefore, 10_000)).toEqual([]);
});

test('nothing of it reached the process', () => {
  expect(crashes).toEqual([]);
});
