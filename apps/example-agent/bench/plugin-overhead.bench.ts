import { afterAll, expect, test } from 'vitest';

import type { Figures } from '../../../bench/run-program.ts';
import { bestRun, figure, printTable, runProgram } from '../../../bench/run-program.ts';
import { COMPONENTS } from './overhead/components.ts';
import { FIRST_MS, LAST_MS } from './overhead/delays.ts';

const PROGRAM = new URL('plugin-overhead.ts', import.meta.url);
/** How much later than a bare client a plugin may be, at the median. */
const LIMIT_MS = 1;
/** Where others took more of the time than this, what is late tells about them. */
const WAITED_LIMIT = 0.3;
const ATTEMPTS = 3;
/** What shows how exact the figures are. */
const YARDSTICK = 'gemini.LLM';

const rows: string[][] = [];

function measured(component: string, rival: 'plugin' | 'itself' | 'slow'): Promise<Figures> {
  return bestRun(
    ATTEMPTS,
    () => runProgram(PROGRAM, [component, rival]),
    'differenceMs',
    rival === 'slow' ? Infinity : LIMIT_MS,
  );
}

test.for([...COMPONENTS])(
  `%s is at most ${LIMIT_MS} ms later than its bare SDK`,
  { timeout: 180_000 },
  async ([name, { sdk, until }], { skip }) => {
    const figures = await measured(name, 'plugin');
    rows.push(row(name, sdk, until, figures));
    const waited = figure(figures, 'waitedShare');
    const isLate = figure(figures, 'differenceMs') >= LIMIT_MS;
    skip(isLate && waited > WAITED_LIMIT, `others took ${percent(waited)} of the time`);
    expect(figure(figures, 'differenceMs')).toBeLessThan(LIMIT_MS);
    // Nor may both hold back what is there until more of it has come.
    expect(figure(figures, 'p50Ms')).toBeLessThan((FIRST_MS + LAST_MS) / 2);
  },
);

test('what is no later is not called later', { timeout: 180_000 }, async () => {
  const figures = await measured(YARDSTICK, 'itself');
  rows.push(row('the bare client against itself', '@google/genai', 'first token', figures));
  expect(Math.abs(figure(figures, 'differenceMs'))).toBeLessThan(LIMIT_MS / 2);
});

test('what is 2 ms later is noticed', { timeout: 180_000 }, async () => {
  const figures = await measured(YARDSTICK, 'slow');
  rows.push(row('the same, 2 ms late', '@google/genai', 'first token', figures));
  expect(figure(figures, 'differenceMs')).toBeGreaterThan(LIMIT_MS);
});

afterAll(() =>
  printTable(
    `plugins beside their bare SDKs; of the answers, the first is due after ${FIRST_MS} ms`,
    [
      ['', 'until', 'beside', 'bare: p50', 'p95', 'plugin: p50', 'p95', 'difference at p50'],
      ...rows,
    ],
  ),
);

function row(name: string, sdk: string, until: string, figures: Figures): string[] {
  const ms = (key: string): string => `${figure(figures, key).toFixed(2)} ms`;
  const difference = figure(figures, 'differenceMs');
  return [
    name,
    until,
    sdk,
    ms('bareP50Ms'),
    ms('bareP95Ms'),
    ms('p50Ms'),
    ms('p95Ms'),
    `${difference < 0 ? '' : '+'}${difference.toFixed(2)} ms`,
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
