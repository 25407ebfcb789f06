/**
 * Measures how long core takes to silence the agent, and prints the figures as JSON. A program of its own,
 * started by `barge-in.bench.ts`.
 */
import type { AgentMetrics } from '../src/index.ts';
import { BenchCall, hurriedClock, MUTE } from './bench-call.ts';
import { InstantTTS } from './instant-components.ts';

const BARGE_INS = 2000;
const WARM_UP = 500;
/** Frames that the caller hears before speaking. */
const FRAMES_HEARD = 3;

/** Calls back when the caller has heard enough of the answer to interrupt it. */
function whenHeard(call: BenchCall): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let frames = 0;
  call.edge.onFrame = () => {
    frames += 1;
    if (frames === FRAMES_HEARD) resolve();
  };
  return promise;
}

/** The caller interrupts an answer. Returns how long it took from the news to silence, in milliseconds. */
async function bargeIn(call: BenchCall): Promise<number> {
  call.hear();
  const heard = whenHeard(call);
  call.ask();
  await heard;
  const { promise: silenced, resolve } = Promise.withResolvers<number>();
  call.edge.onFlushed = () => resolve(performance.now());
  call.hear();
  const startedAtMs = performance.now();
  call.interrupt();
  const silencedAtMs = await silenced;
  const { outcome } = await call.nextTurn();
  if (outcome !== 'interrupted') throw new Error(`the answer was ${outcome}`);
  return silencedAtMs - startedAtMs;
}

/** Many of them in one call: how long each took, and what the agent's own figures say. */
async function bargeIns(count: number): Promise<{ timesMs: number[]; metrics: AgentMetrics }> {
  const tts = new InstantTTS(1000);
  // Words decide at once: how long somebody has to speak before that is configured, and no work.
  const interruption = { minSpeechMs: 0 };
  const options = { clock: hurriedClock(), logger: MUTE, tts, interruption };
  await using call = await new BenchCall(options).join();
  const timesMs: number[] = [];
  for (let round = 0; round < count; round++) timesMs.push(await bargeIn(call));
  return { timesMs, metrics: call.agent.metrics };
}

await bargeIns(WARM_UP);
const { timesMs, metrics } = await bargeIns(BARGE_INS);
const sorted = timesMs.toSorted((a, b) => a - b);
const figures = {
  p50Ms: sorted[Math.floor(0.5 * BARGE_INS)],
  p99Ms: sorted[Math.floor(0.99 * BARGE_INS)],
  maxMs: sorted.at(-1),
  reportedP99Ms: metrics.agentInterruptionLatencyMs.quantile(0.99),
  missed: BARGE_INS - metrics.agentInterruptions.total,
};
process.stdout.write(JSON.stringify(figures));
