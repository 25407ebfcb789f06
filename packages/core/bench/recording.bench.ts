import { expect, test } from 'vitest';

import type { Figures } from '../../../bench/run-program.ts';
import { figure, runProgram } from '../../../bench/run-program.ts';

const PROGRAM = new URL('./recording-costs.ts', import.meta.url);

/** Each part is measured in several processes, in turn, and the best counts: others use the machine. */
const PROCESSES = 4;

/** Makes an empty function cost a true call: V8 would leave it out of the loop altogether. */
const NO_INLINING = ['--no-turbo-inlining', '--no-maglev-inlining'];

function least(runs: readonly Figures[], name: string): number {
  return Math.min(...runs.map((figures) => figures.get(name) ?? Number.POSITIVE_INFINITY));
}

function ns(value: number): string {
  return `${value.toFixed(1)} ns`;
}

test('an answer without a meter provider is recorded for 20 empty calls at most and leaves nothing behind', async () => {
  const runs: Figures[] = [];
  for (let process = 0; process < PROCESSES; process++) {
    runs.push(await runProgram(PROGRAM, ['empty'], NO_INLINING));
    runs.push(await runProgram(PROGRAM, ['no-provider'], ['--expose-gc']));
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
    const figures = await runProgram(PROGRAM, ['sdk']);
    const sdkNs = figure(figures, 'sdkNs');
    const bareNs = figure(figures, 'bareNs');
    ratios.push(sdkNs / bareNs);
    console.log(
      `with the SDK: ${ns(sdkNs)} an answer, ${ns(bareNs)} its seven bare calls: ${(sdkNs / bareNs).toFixed(2)} times (limit 1.3)`,
    );
  }
  expect(Math.min(...ratios)).toBeLessThanOrEqual(1.3);
}, 120_000);
