import { expect, test } from 'vitest';

import { figure, printTable, runProgram } from '../../../bench/run-program.ts';

const PROGRAM = new URL('./session-memory.ts', import.meta.url);

const LIMIT_KB = { idle: 60, afterFiveTurns: 120 };
/** A thousand calls may change the memory by this much each: code is compiled, and dropped again. */
const NOISE_KB = 1;

test('a call takes little memory and gives it back', { timeout: 120_000 }, async () => {
  const run = await runProgram(PROGRAM, [], ['--expose-gc']);
  const kb = (name: string): number => figure(run, name) / 1000;
  const [idle, talked, gone] = [kb('idleBytes'), kb('afterFiveTurnsBytes'), kb('goneBytes')];
  printTable('memory of a call: heap and buffers beside it, median', [
    ['idle', `${idle.toFixed(1)} kB (limit ${LIMIT_KB.idle} kB)`],
    ['after five turns', `${talked.toFixed(1)} kB (limit ${LIMIT_KB.afterFiveTurns} kB)`],
    ['left behind, over 1,000 calls', `${gone.toFixed(2)} kB (noise up to ${NOISE_KB} kB)`],
    ['agents that were not collected', String(figure(run, 'agentsLeft'))],
    ['timers and sockets left open', String(figure(run, 'resourcesLeft'))],
  ]);
  expect(idle).toBeLessThan(LIMIT_KB.idle);
  expect(talked).toBeLessThan(LIMIT_KB.afterFiveTurns);
  expect(gone).toBeLessThan(NOISE_KB);
  expect(figure(run, 'agentsLeft')).toBe(0);
  expect(figure(run, 'resourcesLeft')).toBe(0);
});
