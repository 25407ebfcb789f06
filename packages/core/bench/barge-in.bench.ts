import { expect, test } from 'vitest';

import { bestRun, figure, printTable, runProgram } from '../../../bench/run-program.ts';

const PROGRAM = new URL('./barge-ins.ts', import.meta.url);

/** How long core may take from the news that somebody speaks to silence, in milliseconds. */
const LIMIT_MS = 1;

test('a caller who interrupts has silence within a millisecond', { timeout: 120_000 }, async () => {
  const run = await bestRun(4, () => runProgram(PROGRAM), 'p99Ms', LIMIT_MS);
  const ms = (name: string): string => `${figure(run, name).toFixed(3)} ms`;
  printTable('barge-in: speech to text has the news → the queue at the edge is empty', [
    ['p50', ms('p50Ms')],
    ['p99', `${ms('p99Ms')} (limit ${LIMIT_MS} ms)`],
    ['longest', ms('maxMs')],
    ['p99 of agent.interruption.latency.ms', ms('reportedP99Ms')],
  ]);
  expect(figure(run, 'missed')).toBe(0);
  expect(figure(run, 'p99Ms')).toBeLessThan(LIMIT_MS);
});
