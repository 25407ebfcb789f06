import { Recorder } from '../metrics/recorder.ts';

const INTERVAL_MS = 500;

let users = 0;
let timer: NodeJS.Timeout | undefined;

/**
 * Measures how late this process's timers run, for as long as anybody wants it: every other latency
 * is taken when JavaScript gets to run, and this says how far that can be trusted.
 * Returns the function that takes the wish back.
 */
export function monitorEventLoop(): () => void {
  users += 1;
  if (users === 1) start();
  let isWanted = true;
  return () => {
    if (!isWanted) return;
    isWanted = false;
    users -= 1;
    if (users === 0) clearTimeout(timer);
  };
}

function start(): void {
  const delay = new Recorder().histogram('runtimeEventLoopDelayMs');
  const next = (): void => {
    const dueAtMs = performance.now() + INTERVAL_MS;
    timer = setTimeout(() => {
      delay.record(Math.max(0, performance.now() - dueAtMs));
      next();
    }, INTERVAL_MS);
    timer.unref();
  };
  next();
}
