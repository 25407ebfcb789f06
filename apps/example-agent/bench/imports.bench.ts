import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('imports.ts', import.meta.url));
const RUNS = 15;
/** What importing core and every plugin may take beyond bare Node.js. */
const TIME_LIMIT_MS = 300;
const MEMORY_LIMIT_MB = 60;

interface Cost {
  readonly importMs: number;
  readonly memoryMB: number;
}

test(
  'core and all plugins start fast: no SDK is loaded before it is needed',
  { timeout: 120_000 },
  async () => {
    const names = ['@vision-agents/core', ...plugins()];
    const bare: Cost[] = [];
    const all: Cost[] = [];
    // In turn, so that both have the same share of what else the machine does.
    for (let run = 0; run < RUNS; run++) {
      bare.push(await costOf([]));
      all.push(await costOf(names));
    }
    const importMs = median(all, 'importMs');
    const memoryMB = median(all, 'memoryMB') - median(bare, 'memoryMB');
    process.stdout.write(
      `core and ${names.length - 1} plugins, medians of ${RUNS}: ${importMs.toFixed(0)} ms (limit ${TIME_LIMIT_MS}), ` +
        `${memoryMB.toFixed(1)} MB more than bare Node.js with ${median(bare, 'memoryMB').toFixed(1)} MB (limit ${MEMORY_LIMIT_MB})\n`,
    );
    expect(importMs).toBeLessThan(TIME_LIMIT_MS);
    expect(memoryMB).toBeLessThan(MEMORY_LIMIT_MB);
  },
);

/** The packages as users get them: built. */
async function costOf(names: readonly string[]): Promise<Cost> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, ...names]);
  const cost: unknown = JSON.parse(stdout);
  if (!isCost(cost)) throw new TypeError('the program printed no cost');
  return cost;
}

function plugins(): string[] {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  const text = JSON.stringify(manifest);
  return [...new Set(text.match(/@vision-agents\/plugin-[a-z-]+/g))];
}

function median(costs: readonly Cost[], figure: keyof Cost): number {
  const sorted = costs.map((cost) => cost[figure]).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function isCost(value: unknown): value is Cost {
  return value instanceof Object && 'importMs' in value && 'memoryMB' in value;
}
