/**
 * Measures what a turn costs early and late in a long call, and prints the figures as JSON. A program of
 * its own, started by `long-conversation.bench.ts`: vitest's rewriting of imports would be measured too.
 */
import { BenchCall, hurriedClock, MUTE } from './bench-call.ts';

const TURNS = 1010;
const CALLS = 12;
/** Turns around the 10th and around the 1,000th. */
const WINDOWS = { early: [5, 25], late: [990, 1010] } as const;

/** How long each turn of one call took, in milliseconds: from the caller's last word to the turn's record. */
async function turnTimes(): Promise<number[]> {
  const call = await new BenchCall({ clock: hurriedClock(), logger: MUTE }).join();
  const times: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const startedAtMs = performance.now();
    await call.takeTurn();
    times.push(performance.now() - startedAtMs);
  }
  await call.agent.close();
  return times;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

await turnTimes();
await turnTimes(); // by now everything is compiled as it will be
const windows: { early: number[]; late: number[] } = { early: [], late: [] };
for (let call = 0; call < CALLS; call++) {
  const times = await turnTimes();
  windows.early.push(...times.slice(...WINDOWS.early));
  windows.late.push(...times.slice(...WINDOWS.late));
}
const [earlyMs, lateMs] = [median(windows.early), median(windows.late)];
process.stdout.write(JSON.stringify({ earlyMs, lateMs, ratio: lateMs / earlyMs }));
