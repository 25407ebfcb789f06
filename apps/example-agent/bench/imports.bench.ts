import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('imports.ts', import.meta.url));
const RUNS = 15;
const ATTEMPTS = 3;
/** What importing core and every plugin may take beyond bare Node.js. */
const TIME_LIMIT_MS = 300;
const MEMORY_LIMIT_MB = 60;

interface Cost {
  readonly importMs: number;
  readonly memoryMB: number;
}

test('no SDK is loaded before it is needed', { timeout: 180_000 }, async () => {
  let best = await measured();
  // Noise only ever adds.
  for (let attempt = 1; attempt < ATTEMPTS && !isWithin(best); attempt++) best = await measured();
  expect(best.importMs).toBeLessThan(TIME_LIMIT_MS);
  expect(best.memoryMB).toBeLessThan(MEMORY_LIMIT_MB);
});

/** What core and all plugins take, as medians; the memory beyond that of bare Node.js. */
async function measured(): Promise<Cost> {
  const names = ['@vision-agents/core', ...plugins()];
  const bare: Cost[] = [];
  const all: Cost[] = [];
  // In turn, so that both have the same share of what else the machine does.
  for (let run = 0; run < RUNS; run++) {
    bare.push(await costOf([]));
    all.push(await costOf(names));
  }
  const importMs = median(all, 'importMs');
  const bareMB = median(bare, 'memoryMB');
  const memoryMB = median(all, 'memoryMB') - bareMB;
  process.stdout.write(
    `core and ${names.length - 1} plugins, medians of ${RUNS}: ${importMs.toFixed(0)} ms ` +
      `(limit ${TIME_LIMIT_MS}), ${memoryMB.toFixed(1)} MB (limit ${MEMORY_LIMIT_MB}) ` +
      `more than bare Node.js with ${bareMB.toFixed(1)} MB\n`,
  );
  return { importMs, memoryMB };
}

function isWithin({ importMs, memoryMB }: Cost): boolean {
  return importMs < TIME_LIMIT_MS && memoryMB < MEMORY_LIMIT_MB;
}

/** The packages as users get them: built. */
async function costOf(names: readonly string[]): Promise<Cost> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, ...names]);
  const cost: unknown = JSON.parse(stdout);
  if (!isCost(cost)) throw new TypeError('the program printed no cost');
  return cost;
}

/** All plugins that the example knows. */
function plugins(): string[] {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return [...new Set(manifest.match(/@vision-agents\/plugin-[a-z-]+/g))];
}

function median(costs: readonly Cost[], figure: keyof Cost): number {
  const sorted = costs.map((cost) => cost[figure]).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function isCost(value: unknown): value is Cost {
  return value instanceof Object && 'importMs' in value && 'memoryMB' in value;
}
