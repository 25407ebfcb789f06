import { setTimeout as sleep } from 'node:timers/promises';

/** When the parts of an answer are due, in ms from `startedAt` (of `performance.now()`). */
export interface Schedule {
  startedAt: number;
  firstMs: number;
  lastMs: number;
  /** How many parts; they are spread evenly. */
  count: number;
  signal: AbortSignal;
}

/** Waits for a moment of `performance.now()`, never less: timers may be early by a part of a ms. Rejects when aborted. */
async function waitUntil(moment: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const ms = Math.ceil(moment - performance.now());
    if (ms <= 0) break;
    await sleep(ms, undefined, { signal });
  }
  signal.throwIfAborted();
}

/** Yields the index of each part when it is due. Ends early, without an error, when aborted. */
export async function* onSchedule(schedule: Schedule): AsyncGenerator<number> {
  const { startedAt, firstMs, lastMs, count, signal } = schedule;
  for (let index = 0; index < count; index += 1) {
    const share = count === 1 ? 0 : index / (count - 1);
    try {
      await waitUntil(startedAt + firstMs + share * (lastMs - firstMs), signal);
    } catch {
      return;
    }
    yield index;
  }
}
