import { expect, test } from 'vitest';

import type { Figures } from '../../../bench/run-program.ts';

const PROGRAM = new URL('./concurrent-calls.ts', import.meta.url);
import { figure, printTable, runProgram } from '../../../bench/run-program.ts';

const CALLS = 500;
/** How many of the frames may be late by more than 20 ms. */
const LATE_LIMIT = 0.01;
/** How much of a core may be used: one thread does all of the work. */
const CPU_LIMIT = 0.7;
/** Where others took more of the time than this, late frames tell about them. */
const WAITED_LIMIT = 0.1;
const ATTEMPTS = 3;

test('one process holds 500 conversations in real time', { timeout: 300_000 }, async ({ skip }) => {
  let waited = 1;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const floor = await runProgram(PROGRAM, ['floor']);
    const calls = await runProgram(PROGRAM, ['agents']);
    print(floor, calls);
    expect(figure(calls, 'cpuShare')).toBeLessThan(CPU_LIMIT);
    if (lateShare(calls) < LATE_LIMIT) return expectNothingLeftOut(floor, calls);
    waited = Math.min(waited, figure(calls, 'waitedShare'));
  }
  skip(waited > WAITED_LIMIT, `others took ${percent(waited)} of the time: run it again alone`);
  expect.fail(
    `in each of ${ATTEMPTS} runs, ${percent(LATE_LIMIT)} of the frames or more were late`,
  );
});

/** As many frames as there are without agents, and each caller answered in each of two cycles. */
function expectNothingLeftOut(floor: Figures, calls: Figures): void {
  expect(figure(calls, 'voiceFrames')).toBeGreaterThan(0.95 * figure(floor, 'voiceFrames'));
  expect(figure(calls, 'turns')).toBeGreaterThan(1.9 * CALLS);
}

function lateShare(figures: Figures): number {
  return Math.max(figure(figures, 'voiceLateShare'), figure(figures, 'microphoneLateShare'));
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

function ms(durationMs: number): string {
  return `${durationMs.toFixed(durationMs < 10 ? 2 : 0)} ms`;
}

function print(floor: Figures, calls: Figures): void {
  const row = (title: string, name: string, show: (value: number) => string): string[] => [
    title,
    show(figure(floor, name)),
    show(figure(calls, name)),
  ];
  printTable(`${CALLS} conversations in one process`, [
    ['', 'the same frames, no agent', 'with agents'],
    row('CPU, of one core', 'cpuShare', percent),
    row('CPU a call, each second', 'cpuShare', (share) => ms((share * 1000) / CALLS)),
    row('time lost to other processes', 'waitedShare', percent),
    row('frames to callers, late by more than 20 ms', 'voiceLateShare', percent),
    row('frames from callers, late by more than 20 ms', 'microphoneLateShare', percent),
    row('the latest frame to a caller', 'voiceMaxLateMs', ms),
    ['response latency, p50', '', ms(figure(calls, 'latencyP50Ms'))],
    ['response latency, p99', '', ms(figure(calls, 'latencyP99Ms'))],
  ]);
}
