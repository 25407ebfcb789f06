/**
 * Time as core sees it. Everything that measures or waits goes through one of these, so that a test
 * can turn the hands itself.
 */
export interface Clock {
  /** Milliseconds on a monotonic scale with an arbitrary zero. */
  now(): number;
  /** Calls back once after `delayMs`; the returned function cancels. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The process's monotonic clock. Its timers keep the process alive, as an open call should. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
