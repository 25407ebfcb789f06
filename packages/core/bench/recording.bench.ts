import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { beforeAll, expect, test } from 'vitest';

interface Costs {
  /** A call of an empty function that V8 cannot inline. */
  readonly emptyNs: number;
  readonly noProviderNs: number;
  readonly keptBytesNoProvider: number;
  readonly bareNs: number;
  readonly sdkNs: number;
}

const PROGRAM = fileURLToPath(new URL('./recording-costs.ts', import.meta.url));

let costs: Costs;

beforeAll(async () => {
  const flags = ['--expose-gc', '--conditions=@vision-agents/source'];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, PROGRAM]);
  const printed: unknown = JSON.parse(stdout);
  if (!isCosts(printed)) throw new TypeError('the figures are not those expected');
  costs = printed;
}, 120_000);

function isCosts(printed: unknown): printed is Costs {
  const names = ['emptyNs', 'noProviderNs', 'keptBytesNoProvider', 'bareNs', 'sdkNs'];
  return printed instanceof Object && names.every((name) => name in printed);
}

function ns(value: number): string {
  return `${value.toFixed(1)} ns`;
}

test('an answer is recorded for at most 20 empty calls when no provider is set', () => {
  const ratio = costs.noProviderNs / costs.emptyNs;
  console.log(
    `no provider: ${ns(costs.noProviderNs)} an answer, ${ns(costs.emptyNs)} an empty call: ${ratio.toFixed(1)} times (limit 20)`,
  );
  expect(ratio).toBeLessThanOrEqual(20);
});

test('an answer that was recorded leaves nothing behind', () => {
  console.log(`memory: ${costs.keptBytesNoProvider.toFixed(3)} bytes kept an answer (limit 1)`);
  expect(costs.keptBytesNoProvider).toBeLessThan(1);
});

test('an answer costs at most 1.3 times the calls of OpenTelemetry that it takes', () => {
  const ratio = costs.sdkNs / costs.bareNs;
  console.log(
    `with the SDK: ${ns(costs.sdkNs)} an answer, ${ns(costs.bareNs)} its seven bare calls: ${ratio.toFixed(2)} times (limit 1.3)`,
  );
  expect(ratio).toBeLessThanOrEqual(1.3);
});
