import { afterAll, expect, test } from 'vitest';

import type { Figures } from '../../../bench/run-program.ts';
import { bestRun, figure, printTable, runProgram } from '../../../bench/run-program.ts';
import type { MeasuredComponent } from './overhead/component.ts';
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

const BUSY = `others took more than ${WAITED_LIMIT * 100} % of the time: run it again alone`;

const rows: (readonly string[])[] = [];

test.for([...COMPONENTS])(
  `%s is at most ${LIMIT_MS} ms later than its bare SDK`,
  { timeout: 180_000 },
  async ([name, component], { skip }) => {
    const measure = (): Promise<Figures> => runProgram(PROGRAM, [name, 'plugin']);
    const figures = await bestRun(ATTEMPTS, measure, 'differenceMs', LIMIT_MS);
    rows.push(row(name, component, figures));
    const difference = figure(figures, 'differenceMs');
    skip(difference >= LIMIT_MS && isBusy(figures), BUSY);
    expect(difference).toBeLessThan(LIMIT_MS);
    // Nor may both hold back what is there until more of it has come.
    expect(figure(figures, 'p50Ms')).toBeLessThan((FIRST_MS + LAST_MS) / 2);
  },
);

test('what is no later is not called later', { timeout: 180_000 }, async ({ skip }) => {
  const measure = (): Promise<Figures> => runProgram(PROGRAM, [YARDSTICK, 'itself']);
  const figures = await bestRun(ATTEMPTS, measure, 'distanceMs', LIMIT_MS / 2);
  rows.push(row('the bare client beside itself', COMPONENTS.get(YARDSTICK), figures));
  const distance = figure(figures, 'distanceMs');
  skip(distance >= LIMIT_MS / 2 && isBusy(figures), BUSY);
  expect(distance).toBeLessThan(LIMIT_MS / 2);
});

test('what is 2 ms later is noticed', { timeout: 180_000 }, async () => {
  const figures = await runProgram(PROGRAM, [YARDSTICK, 'slow']);
  rows.push(row('the same, 2 ms late', COMPONENTS.get(YARDSTICK), figures));
  expect(figure(figures, 'differenceMs')).toBeGreaterThan(LIMIT_MS);
});

afterAll(() =>
  printTable(`of an answer, the first is due after ${FIRST_MS} ms, the last after ${LAST_MS} ms`, [
    ['', 'until', 'beside', 'bare p50', 'p95', 'plugin p50', 'p95', 'later, p50', 'lost to others'],
    ...rows,
  ]),
);

function isBusy(figures: Figures): boolean {
  return figure(figures, 'waitedShare') > WAITED_LIMIT;
}

function row(
  name: string,
  component: MeasuredComponent | undefined,
  figures: Figures,
): readonly string[] {
  const ms = (key: string): string => `${figure(figures, key).toFixed(2)} ms`;
  const sign = figure(figures, 'differenceMs') < 0 ? '' : '+';
  return [
    name,
    component?.until ?? '',
    component?.sdk ?? '',
    ms('bareP50Ms'),
    ms('bareP95Ms'),
    ms('p50Ms'),
    ms('p95Ms'),
    `${sign}${ms('differenceMs')}`,
    `${(figure(figures, 'waitedShare') * 100).toFixed(0)} %`,
  ];
}
