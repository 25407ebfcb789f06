/**
 * Measures what calls keep of the memory, and prints the figures as JSON. A program of its own, started
 * with `--expose-gc` by `memory.bench.ts`, which says what to measure.
 */
import { setImmediate as immediate } from 'node:timers/promises';

import { metrics } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

import type { Agent, PipelineAgentOptions } from '../src/index.ts';
import { BenchCall, hurriedClock, MUTE } from './bench-call.ts';
import { InstantLLM, InstantTTS } from './instant-components.ts';
import { ReaderOnDemand } from './reader-on-demand.ts';

const SESSIONS = 100;
const GONE_SESSIONS = 1000;
const BATCHES = 5;

/** What is left after everything that can go has gone: JavaScript's heap and the buffers beside it. */
async function memoryBytes(): Promise<number> {
  const collectGarbage = globalThis.gc;
  if (collectGarbage === undefined) throw new Error('run with --expose-gc');
  // Finalizers run between collections, and let go of more.
  for (let round = 0; round < 4; round++) {
    await immediate();
    collectGarbage();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function openCalls(
  count: number,
  turns: number,
  shared: Partial<PipelineAgentOptions> = {},
): Promise<BenchCall[]> {
  const calls: BenchCall[] = [];
  for (let made = 0; made < count; made++) {
    const call = await new BenchCall({ clock: hurriedClock(), logger: MUTE, ...shared }).join();
    call.hear(); // 20 ms of a microphone, as in any call
    for (let turn = 0; turn < turns; turn++) await call.takeTurn();
    calls.push(call);
  }
  return calls;
}

/** What one open session takes. A function of its own: its variables are gone when it returns. */
async function perOpenSession(turns: number): Promise<number> {
  const before = await memoryBytes();
  const calls = await openCalls(SESSIONS, turns);
  const after = await memoryBytes();
  await Promise.all(calls.map(({ agent }) => agent.close()));
  return (after - before) / SESSIONS;
}

/** What lives longer than a call, and might hold on to it. */
const SHARED = { llm: new InstantLLM(), tts: new InstantTTS() };

/** Agents of calls that are over, as far as the collector has left them. */
const gone: WeakRef<Agent>[] = [];

/** Calls with two turns each, one after the other, where all have the same model and the same voice. */
async function comeAndGo(sessions: number): Promise<WeakRef<Agent>[]> {
  const agents: WeakRef<Agent>[] = [];
  for (let session = 0; session < sessions; session++) {
    for (const { agent } of await openCalls(1, 2, SHARED)) {
      await agent.close();
      agents.push(new WeakRef(agent));
    }
  }
  return agents;
}

/** What each of a thousand sessions leaves behind. */
async function perGoneSession(): Promise<number> {
  const before = await memoryBytes();
  const agents = await comeAndGo(GONE_SESSIONS);
  const after = await memoryBytes();
  gone.push(...agents);
  return (after - before) / GONE_SESSIONS;
}

/** The median of several measurements, after one that pays for what is loaded and compiled once. */
async function median(measure: () => Promise<number>): Promise<number> {
  await measure();
  const figures: number[] = [];
  for (let batch = 0; batch < BATCHES; batch++) figures.push(await measure());
  return figures.toSorted((a, b) => a - b)[Math.floor(BATCHES / 2)] ?? Number.NaN;
}

metrics.setGlobalMeterProvider(new MeterProvider({ readers: [new ReaderOnDemand()] }));
const resources = process.getActiveResourcesInfo().length;
const idleBytes = await median(() => perOpenSession(0));
const afterFiveTurnsBytes = await median(() => perOpenSession(5));
const goneBytes = await median(perGoneSession);
// The runtime may hold on to what it ran last: let that be a call that is not counted.
await comeAndGo(1);
await memoryBytes();
const agentsLeft = gone.filter((agent) => agent.deref() !== undefined).length;
const resourcesLeft = process.getActiveResourcesInfo().length - resources;
const figures = { idleBytes, afterFiveTurnsBytes, goneBytes, agentsLeft, resourcesLeft };
process.stdout.write(JSON.stringify(figures));
