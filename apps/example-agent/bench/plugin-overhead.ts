/**
 * Has a component of a plugin and a bare client of the same provider do the same, in turn, against one
 * sandbox, and prints the figures as JSON: `plugin-overhead.ts component [rival] [operations]`.
 * A program of its own, started by `plugin-overhead.bench.ts`: each component gets a process to itself.
 */
import { setTimeout as pause } from 'node:timers/promises';

import type { ComponentContext } from '@vision-agents/core';
import { MetricsCollector } from '@vision-agents/core';
import type { Delays, SandboxAddresses } from '@vision-agents/sandbox';
import { launchSandbox } from '@vision-agents/sandbox';

import { runFirst, waitedMs } from '../../../bench/cores.ts';
import { exportMetrics } from '../src/metrics-export.ts';
import type { Client, MeasuredComponent } from './overhead/component.ts';
import { COMPONENTS } from './overhead/components.ts';
import { Contender } from './overhead/contender.ts';
import { FIRST_MS, LAST_MS } from './overhead/delays.ts';
import { spin } from './overhead/spin.ts';

const WARM_UP = 30;
const OPERATIONS = '150';
/** Of what must be noticed. */
const TOO_SLOW_MS = 2;

const DELAYS: Partial<Delays> = {
  eagerEndOfTurnMs: 60,
  endOfTurnMs: 60,
  commitMs: 0,
  firstTokenMs: FIRST_MS,
  completeMs: LAST_MS,
  firstAudioMs: FIRST_MS,
  lastAudioMs: LAST_MS,
};

type Connect = (
  component: MeasuredComponent,
  sandbox: SandboxAddresses,
  context: ComponentContext,
) => Promise<Client>;

/** Whom the bare client is compared with. */
const RIVALS: ReadonlyMap<string, Connect> = new Map<string, Connect>([
  ['plugin', (component, sandbox, context) => component.plugin(sandbox, context)],
  // What is measured where there is no difference.
  ['itself', (component, sandbox) => component.bare(sandbox)],
  [
    'slow',
    async (component, sandbox) => {
      const client = await component.bare(sandbox);
      return {
        operate: (stopwatch) => {
          spin(TOO_SLOW_MS);
          return client.operate(stopwatch);
        },
        close: () => client.close(),
      };
    },
  ],
]);

/** What Prometheus would read of a counter, over all of its labels. */
async function counted(url: string, counter: string): Promise<number> {
  const page = await (await fetch(url)).text();
  const lines = page.split('\n').filter((line) => line.startsWith(`${counter}{`));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

const [name = '', rivalName = 'plugin', operations = OPERATIONS] = process.argv.slice(2);
const component = COMPONENTS.get(name);
const connectRival = RIVALS.get(rivalName);
if (component === undefined || connectRival === undefined) {
  throw new TypeError(`say which component: ${[...COMPONENTS.keys()].join(', ')}`);
}
// The sandbox, too, which inherits it.
runFirst();
await using sandbox = await launchSandbox({ delays: DELAYS });
await using exported = await exportMetrics({ port: 0 });
const context: ComponentContext = {
  metrics: new MetricsCollector(),
  signal: new AbortController().signal,
};
const { operationsAConnection } = component;
const bare = new Contender(() => component.bare(sandbox), operationsAConnection);
const rival = new Contender(() => connectRival(component, sandbox, context), operationsAConnection);
const count = WARM_UP + Number(operations);
const waitedBeforeMs = waitedMs();
const startedAtMs = performance.now();
for (let round = 0; round < count; round++) {
  // Whoever is second may have it easier, or harder.
  const [first, second] = round % 2 === 0 ? [bare, rival] : [rival, bare];
  await first.operate();
  await second.operate();
}
const waitedShare = (waitedMs() - waitedBeforeMs) / (performance.now() - startedAtMs);
await bare.close();
await rival.close();
await pause(LAST_MS); // by then the sandbox has heard of the closes
const { problems } = await sandbox.truth();
if (problems.length > 0) throw new Error(`wrong requests: ${problems.join('; ')}`);
const recorded = await counted(exported.url, component.counter);
if (recorded !== (rivalName === 'plugin' ? count : 0)) {
  throw new Error(`core recorded ${recorded} of ${count} operations`);
}
const { p50Ms: bareP50Ms, p95Ms: bareP95Ms } = bare.latency(WARM_UP);
const { p50Ms, p95Ms } = rival.latency(WARM_UP);
const differenceMs = p50Ms - bareP50Ms;
const distanceMs = Math.abs(differenceMs);
const latencies = { bareP50Ms, bareP95Ms, p50Ms, p95Ms, differenceMs, distanceMs };
process.stdout.write(JSON.stringify({ ...latencies, waitedShare }));
