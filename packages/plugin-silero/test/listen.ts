import { setImmediate } from 'node:timers/promises';

import type { Clock, MetricsCollector, TurnDetector, TurnEvent } from '@vision-agents/core';

import { RATE_HZ } from './speech.ts';

/** A participant who is listened to, on a clock that goes as the audio does: times are offsets. */
export interface Listening extends AsyncDisposable {
  readonly events: readonly TurnEvent[];
  /** Hears audio in frames of 20 ms, each after everything is said of the one before. */
  hear(samples: Int16Array, sampleRateHz?: number): Promise<void>;
  /** Hears audio in one frame, and waits for nothing. */
  write(samples: Int16Array, sampleRateHz?: number): void;
  close(): Promise<void>;
}

/** What a listening may be given. */
export interface ListeningOptions {
  readonly metrics?: MetricsCollector;
  readonly patienceMs?: () => number;
}

/** Opens a detector for one participant. */
export async function listen(
  detector: TurnDetector,
  options: ListeningOptions = {},
): Promise<Listening> {
  let nowMs = 0;
  const timers = new Map<() => void, number>();
  const clock: Clock = {
    now: () => nowMs,
    after: (delayMs, callback) => {
      timers.set(callback, nowMs + delayMs);
      return () => timers.delete(callback);
    },
  };
  const fireTimers = (): void => {
    for (const [callback, dueMs] of timers) {
      if (dueMs <= nowMs && timers.delete(callback)) callback();
    }
  };
  const events: TurnEvent[] = [];
  const stream = await detector.open((event) => events.push(event), { clock, ...options });
  const write = (samples: Int16Array, sampleRateHz: number = RATE_HZ): void => {
    nowMs += (samples.length / sampleRateHz) * 1000;
    fireTimers();
    stream.write({ samples, sampleRateHz });
  };
  return {
    events,
    write,
    async hear(samples, sampleRateHz = RATE_HZ) {
      const length = sampleRateHz / 50;
      for (let from = 0; from < samples.length; from += length) {
        write(samples.subarray(from, from + length), sampleRateHz);
        // A window is judged in the turn of the event loop that follows it, before this goes on.
        await setImmediate();
      }
    },
    close: () => stream.close(),
    [Symbol.asyncDispose]: () => stream.close(),
  };
}

/** Everything that is said of some audio. */
export async function eventsOf(
  detector: TurnDetector,
  samples: Int16Array,
  sampleRateHz?: number,
): Promise<readonly TurnEvent[]> {
  await using listening = await listen(detector);
  await listening.hear(samples, sampleRateHz);
  return listening.events;
}
