/**
 * Measures how long core takes to silence the agent, and prints the figures as JSON. A program of its own,
 * started by `barge-in.bench.ts`.
 */
import { once } from 'node:events';

import { BenchCall, hurriedClock, MUTE } from './bench-call.ts';
import { InstantTTS } from './instant-components.ts';

const BARGE_INS = 2000;
const WARM_UP = 200;
/** Frames that the caller hears before speaking. */
const FRAMES_HEARD = 3;

const tts = new InstantTTS(1000);
const call = await new BenchCall({ clock: hurriedClock(), logger: MUTE, tts }).join();
const ears = new EventTarget();
let frames = 0;
call.edge.onFrame = () => {
  frames += 1;
  if (frames === FRAMES_HEARD) ears.dispatchEvent(new Event('heard'));
};

/** The caller interrupts an answer. Returns how long it took from the news to silence, in milliseconds. */
async function bargeIn(): Promise<number> {
  frames = 0;
  call.hear();
  const heard = once(ears, 'heard');
  call.ask();
  await heard;
  const { promise: silenced, resolve } = Promise.withResolvers<number>();
  call.edge.onFlushed = () => resolve(performance.now());
  call.hear();
  const startedAtMs = performance.now();
  call.interrupt();
  const silencedAtMs = await silenced;
  const record = await call.nextTurn();
  if (record.outcome !== 'interrupted') throw new Error(`the answer was ${record.outcome}`);
  return silencedAtMs - startedAtMs;
}

for (let round = 0; round < WARM_UP; round++) await bargeIn();
const timesMs: number[] = [];
for (let round = 0; round < BARGE_INS; round++) timesMs.push(await bargeIn());
await call.agent.close();

const sorted = timesMs.toSorted((a, b) => a - b);
const at = (share: number): number => sorted[Math.floor(share * BARGE_INS)] ?? Number.NaN;
const { agentInterruptions, agentInterruptionLatencyMs } = call.agent.metrics;
process.stdout.write(
  JSON.stringify({
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: sorted.at(-1),
    reportedP99Ms: agentInterruptionLatencyMs.quantile(0.99),
    missed: BARGE_INS + WARM_UP - agentInterruptions.total,
  }),
);
