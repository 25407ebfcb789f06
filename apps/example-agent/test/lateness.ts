/** How late this process's timers are on average, measured until it is disposed of. */
export interface Lateness extends Disposable {
  readonly meanMs: number;
}

const EVERY_MS = 20;

/** Starts to measure, so that a bound can follow what the machine can do while a test runs. */
export function measureLateness(): Lateness {
  let count = 0;
  let sumMs = 0;
  let dueAtMs = performance.now() + EVERY_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    sumMs += Math.max(0, now - dueAtMs);
    count += 1;
    dueAtMs = now + EVERY_MS;
  }, EVERY_MS);
  return {
    get meanMs() {
      return count === 0 ? 0 : sumMs / count;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
