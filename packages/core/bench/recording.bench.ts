import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('./recording-costs.ts', import.meta.url));

/** Each part is measured in several processes, in turn, and the best counts: others use the machine. */
const PROCESSES = 4;

/** Makes an empty function cost a true call: V8 would leave it out of the loop altogether. */
const NO_INLINING = ['--no-turbo-inlining', '--no-maglev-inlining'];

/** The figures that one process measures. */
async function run(part: string, flags: readonly string[] = []): Promise<Map<string, number>> {
  const options = ['--conditions=@vision-agents/source', ...flags, PROGRAM, part];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  const figures: unknown = JSON.parse(stdout);
  if (!(figures instanceof Object)) throw new TypeError('no figures were printed');
  return new Map(Object.entries(figures).map(([name, figure]) => [name, Number(figure)]));
}

function least(runs: readonly ReadonlyMap<string, number>[], name: string): number {
  return Math.min(...runs.map((figures) => figures.get(name) ?? Number.POSITIVE_INFINITY));
}

function ns(value: number): string {
  return `${value.toFixed(1)} ns`;
}

test('an answer without a meter provider is recorded for 20 empty calls at most and leaves nothing behind', async () => {
  const runs: Map<string, number>[] = [];
  for (let process = 0; process < PROCESSES; process++) {
    runs.push(await run('empty', NO_INLINING));
    runs.push(await run('no-provider', ['--expose-gc']));
  }
  const emptyNs = least(runs, 'emptyNs');
  const noProviderNs = least(runs, 'noProviderNs');
  const keptBytes = least(runs, 'keptBytes');
  const ratio = noProviderNs / emptyNs;
  console.log(
    `no provider: ${ns(noProviderNs)} an answer, ${ns(emptyNs)} an empty call: ${ratio.toFixed(1)} times (limit 20); ${keptBytes.toFixed(3)} bytes kept (limit 1)`,
  );
  expect(ratio).toBeLessThanOrEqual(20);
  expect(keptBytes).toBeLessThan(1);
}, 120_000);

test('an answer with the SDK costs at most 1.3 times the bare calls of OpenTelemetry that it takes', async () => {
  // Each process alternates between the two itself, so that its own ratio can be trusted.
  const ratios: number[] = [];
  for (let process = 0; process < PROCESSES / 2; process++) {
    const figures = await run('sdk');
    const sdkNs = figures.get('sdkNs') ?? Number.NaN;
    const bareNs = figures.get('bareNs') ?? Number.NaN;
    ratios.push(sdkNs / bareNs);
    console.log(
      `with the SDK: ${ns(sdkNs)} an answer, ${ns(bareNs)} its seven bare calls: ${(sdkNs / bareNs).toFixed(2)} times (limit 1.3)`,
    );
  }
  expect(Math.min(...ratios)).toBeLessThanOrEqual(1.3);
}, 120_000);
