import { setImmediate as immediate, setTimeout as rest } from 'node:timers/promises';

import { metrics } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';

import { setLogLevel, systemClock } from '../src/index.ts';
import { BenchCall, hurriedClock } from './bench-call.ts';
import { ReaderOnDemand } from './reader-on-demand.ts';

const FRAME_MS = 20;
/** How long the first frame may take when model and voice answer at once, in milliseconds. */
const BUDGET = { p50Ms: 0.5, p95Ms: 1 };

/**
 * `real`: each answer takes the 20 ms that it sounds, in which the machine turns to other things and
 * its caches go cold, as in a call. `none`: the next turn comes at once, so that only our own work is left.
 */
interface Pace {
  readonly name: 'real' | 'none';
  readonly repetitions: number;
  readonly turns: number;
  readonly cpuBudgetMs: number;
}

const PACES: readonly Pace[] = [
  { name: 'none', repetitions: 5, turns: 1000, cpuBudgetMs: 0.5 },
  // Printed only: most of it is the process falling asleep and waking up with cold caches.
  { name: 'real', repetitions: 8, turns: 40, cpuBudgetMs: Number.POSITIVE_INFINITY },
];

interface Figures {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly cpuMs: number;
}

/** The final transcript handed to core → the first frame of the answer at the edge. */
async function measureTurns({ name, turns }: Pace): Promise<Figures> {
  const clock = name === 'real' ? systemClock : hurriedClock();
  await using call = await new BenchCall({ clock }).join();
  // Awaited here: the agent leaves the call when this function returns.
  return await measure(turns, async (_, latencies) => {
    let startedAtMs = performance.now();
    call.edge.onFrame = () => latencies.push(performance.now() - startedAtMs);
    call.hear();
    startedAtMs = performance.now();
    call.ask();
    await call.ended();
  });
}

/**
 * The same number of values through the same number of bare async generators, one after another: what
 * JavaScript takes for the hops alone, and the process for the 20 ms of rest.
 */
function measureFloor({ name, turns }: Pace): Promise<Figures> {
  return measure(turns, async (_, latencies) => {
    const startedAtMs = performance.now();
    await through(2, 2); // speech to text: the plugin's facts, the stream
    await through(3, 3); // model: the plugin's events, the guard, the recorder
    await through(3, 1); // voice: the plugin's chunks, the guard, the recorder
    latencies.push(performance.now() - startedAtMs);
    await (name === 'real' ? rest(FRAME_MS) : immediate());
  });
}

async function measure(
  turns: number,
  takeTurn: (turn: number, latencies: number[]) => Promise<void>,
): Promise<Figures> {
  const latencies: number[] = [];
  const cpuBefore = process.cpuUsage();
  for (let turn = 0; turn < turns; turn++) await takeTurn(turn, latencies);
  const cpu = process.cpuUsage(cpuBefore);
  if (latencies.length !== turns) throw new Error(`${latencies.length} frames in ${turns} turns`);
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * turns)] ?? Number.NaN;
  const cpuMs = (cpu.user + cpu.system) / 1000 / turns;
  return { p50Ms: at(0.5), p95Ms: at(0.95), cpuMs };
}

async function through(hops: number, count: number): Promise<void> {
  let source = values(count);
  for (let hop = 1; hop < hops; hop++) source = passed(source);
  for await (const _ of source);
}

async function* values(count: number): AsyncGenerator<number> {
  for (let value = 0; value < count; value++) yield value;
}

async function* passed(source: AsyncIterable<number>): AsyncGenerator<number> {
  for await (const value of source) yield value;
}

/** The best of several repetitions, figure by figure: noise only ever adds. */
async function best(pace: Pace, measureOnce: (pace: Pace) => Promise<Figures>): Promise<Figures> {
  const all: Figures[] = [];
  for (let round = 0; round < pace.repetitions; round++) all.push(await measureOnce(pace));
  const least = (key: keyof Figures): number => Math.min(...all.map((figures) => figures[key]));
  return { p50Ms: least('p50Ms'), p95Ms: least('p95Ms'), cpuMs: least('cpuMs') };
}

function print(name: string, { p50Ms, p95Ms, cpuMs }: Figures): void {
  const [p50, p95, cpu] = [p50Ms, p95Ms, cpuMs].map((ms) => `${ms.toFixed(3)} ms`);
  process.stdout.write(`  ${name}: p50 ${p50}, p95 ${p95}, CPU ${cpu} a turn\n`);
}

// The line that the log gets of each turn takes some 20 µs, most of it the system's.
setLogLevel('warn');

const CASES = ['no', 'a'].flatMap((provider) => PACES.map((pace) => ({ provider, pace })));

test.for(CASES)(
  'a turn with $provider meter provider and $pace.name pause keeps within its budget',
  { timeout: 60_000 },
  async ({ provider, pace }) => {
    metrics.disable();
    if (provider === 'a') {
      metrics.setGlobalMeterProvider(new MeterProvider({ readers: [new ReaderOnDemand()] }));
    }
    const floor = await best(pace, measureFloor);
    const turn = await best(pace, measureTurns);
    process.stdout.write(`${provider} meter provider, ${pace.name} pause between turns\n`);
    print('bare async-generator hops', floor);
    print('final transcript to first frame', turn);
    expect(turn.p50Ms).toBeLessThan(BUDGET.p50Ms);
    expect(turn.p95Ms).toBeLessThan(BUDGET.p95Ms);
    expect(turn.cpuMs).toBeLessThan(pace.cpuBudgetMs);
  },
);
