import { expect, test } from 'vitest';

import type { Logger } from '../../src/index.ts';
import { safeLogger } from '../../src/logging/safe-logger.ts';
import { RecordingLogger } from '../../src/testing/index.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

function mistake(): never {
  throw new Error('a mistake of the program');
}

function rejecting(): unknown {
  return Promise.reject(new Error('a mistake of the program'));
}

const broken: Logger = { debug: mistake, info: mistake, warn: mistake, error: mistake };

test('what is logged arrives, from children too', () => {
  const logger = new RecordingLogger();
  const safe = safeLogger(logger);
  for (const level of LEVELS) safe[level]({ one: 1 }, level);
  safe.child?.({ two: 2 }).info({ one: 1 }, 'child');
  expect(logger.entries.map(({ level, message }) => [level, message])).toEqual([
    ...LEVELS.map((level) => [level, level]),
    ['info', 'child'],
  ]);
  expect(logger.entries.at(-1)?.fields).toEqual({ one: 1, two: 2 });
});

test('a logger that throws, or rejects, or whose children do, throws no more', async () => {
  const loggers: Logger[] = [
    broken,
    { ...broken, child: mistake },
    { ...broken, child: () => broken },
    { debug: rejecting, info: rejecting, warn: rejecting, error: rejecting },
  ];
  for (const logger of loggers) {
    const safe = safeLogger(logger);
    for (const one of [safe, safe.child?.({}), safe.child?.({}).child?.({})]) {
      for (const level of LEVELS) expect(one?.[level]({}, 'a line')).toBeUndefined();
    }
  }
  // A rejection that nobody heard would fail the run.
  await new Promise((resolve) => setTimeout(resolve, 0));
});

test('what is safe is not wrapped again', () => {
  const safe = safeLogger(broken);
  expect(safeLogger(safe)).toBe(safe);
});
