import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { ErrorSeries } from './error-series.ts';
import { FAULT_CASES } from './fault-cases.ts';
import type { Cell, Outcome } from './matrix/cell.ts';
import { titleOf } from './matrix/cell.ts';
import { CELLS } from './matrix/cells.ts';
import { COMPONENTS } from './matrix/components.ts';
import { wrongCounts } from './matrix/exact-counts.ts';
import { loadSdks } from './matrix/load-sdks.ts';
import { PROGRAM_CASES } from './matrix/program-cases.ts';
import { reliabilityPage } from './matrix/reliability-page.ts';
import { REQUIRED_FAULTS } from './matrix/required-faults.ts';
import { modelOf, runCell, SECRETS } from './matrix/run-cell.ts';
import { leftOpen, openResources } from './open-resources.ts';

const TIMEOUT_MS = 60_000;
const outcomes = new Map<Cell, Outcome>();
const PAGE = '../../../docs/reliability.md';
let series: ErrorSeries;
let openBefore: Readonly<Record<string, number>>;

// Most of a cell is waiting.
vi.setConfig({ maxConcurrency: 12 });

beforeAll(async () => {
  await loadSdks();
  series = new ErrorSeries();
  openBefore = openResources();
}, TIMEOUT_MS);

afterAll(() => series[Symbol.asyncDispose]());

/** What a client is not to blame for. */
function isExcused(problem: string, { strike }: Cell): boolean {
  // Scribe may commit by itself while the client asks it to, at the end: that tells nothing new.
  if (strike.by === 'close') return problem.endsWith('less than 0.3 s of audio were committed');
  const isLate = strike.by === 'silence' && strike.signs === 'late';
  return isLate && problem.endsWith('no audio for 10 s');
}

describe.concurrent('a fault is told, counted and survived', () => {
  test.for(CELLS.map((cell) => [titleOf(cell), cell] as const))(
    '%s',
    { timeout: TIMEOUT_MS },
    async ([, cell]) => {
      const { outcome, nextIsWhole, metrics, truth, asked, left, said } = await runCell(cell);
      outcomes.set(cell, outcome);
      expect(outcome.errors).toEqual(cell.errors);
      expect(nextIsWhole).toBe(true);
      const { component } = cell;
      const counted = cell.errors.map(
        (error) => `${component.role}.errors ${component.provider} ${error} 1`,
      );
      expect(await series.of([modelOf(cell)])).toEqual(counted);
      const { sttErrors, llmErrors, ttsErrors, realtimeErrors } = metrics.metrics;
      const all = [sttErrors, llmErrors, ttsErrors, realtimeErrors];
      expect(all.reduce((sum, { total }) => sum + total, 0)).toBe(cell.errors.length);
      const wasMade = cell.strike.by === 'provider';
      const made = wasMade ? truth.counts[`${component.role}.errors`] : cell.errors.length;
      expect(made).toBe(cell.errors.length);
      expect(truth.problems.filter((problem) => !isExcused(problem, cell))).toEqual([]);
      expect(wrongCounts(cell, { metrics: metrics.metrics, truth, asked })).toEqual([]);
      expect(left).toBe(0);
      // A session that was about to move when it was closed has another connection to close.
      await vi.waitFor(() => expect(metrics.metrics.providerConnections.total).toBe(0));
      for (const secret of SECRETS) expect(said).not.toContain(secret);
    },
  );
});

test.for(REQUIRED_FAULTS)('every component meets: $name, or cannot', ({ isIn, reasonNot }) => {
  for (const component of Object.values(COMPONENTS)) {
    const isMet = CELLS.some((cell) => cell.component === component && isIn(cell));
    expect([component.name, isMet]).toEqual([component.name, reasonNot?.(component) === undefined]);
  }
});

test('nothing is left open after them', { timeout: TIMEOUT_MS }, async () => {
  expect(await leftOpen(openBefore, 10_000)).toEqual([]);
});

test('docs/reliability.md says what was seen', async () => {
  const seen = new Map(
    CELLS.flatMap((cell) => {
      const outcome = outcomes.get(cell);
      return outcome ? [[cell, outcome] as const] : [];
    }),
  );
  expect(seen.size).toBe(CELLS.length);
  expect(new Set(CELLS.map(titleOf)).size).toBe(CELLS.length);
  await expect(reliabilityPage(seen, FAULT_CASES, PROGRAM_CASES)).toMatchFileSnapshot(PAGE);
});
