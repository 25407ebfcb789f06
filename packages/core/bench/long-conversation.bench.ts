import { expect, test } from 'vitest';

import { bestRun, figure, printTable, runProgram } from '../../../bench/run-program.ts';

const PROGRAM = new URL('./long-conversation.ts', import.meta.url);

/** How much more than the 10th turn of a call the 1,000th may cost. */
const LIMIT = 1.2;

test(
  'a turn costs at most 1.2 times as much after a thousand others',
  { timeout: 120_000 },
  async () => {
    const run = await bestRun(4, () => runProgram(PROGRAM), 'ratio', LIMIT);
    const [earlyMs, lateMs, ratio] = ['earlyMs', 'lateMs', 'ratio'].map((name) =>
      figure(run, name),
    );
    printTable("core's own work in a turn, median", [
      ['turns 5 to 25', `${earlyMs?.toFixed(4)} ms`],
      ['turns 990 to 1,010', `${lateMs?.toFixed(4)} ms`],
      ['ratio', `${ratio?.toFixed(2)} (limit ${LIMIT})`],
    ]);
    expect(ratio).toBeLessThanOrEqual(LIMIT);
  },
);
