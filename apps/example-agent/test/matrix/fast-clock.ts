import type { Clock } from '@vision-agents/core';

/** A clock that goes so many times faster than others. */
export function fastClock(times: number): Clock {
  return {
    now: () => performance.now() * times,
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs / times);
      return () => clearTimeout(timer);
    },
  };
}
