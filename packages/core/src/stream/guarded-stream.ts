import type { Clock } from '../clock/clock.ts';

/** What bounds the reading of a provider's stream. */
export interface StreamGuard {
  /** The caller's own signal: its abort ends the reading at once, by throwing the reason. */
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
  /** The longest wait for the first value. */
  readonly firstTimeoutMs: number;
  /** The longest wait for any other value. */
  readonly stallTimeoutMs: number;
  /** The error of a wait that was too long. */
  timeoutError(awaited: 'first' | 'next', timeoutMs: number): Error;
}

/**
 * Reads a stream that may stall or ignore its signal. `start` gets a signal of its own, which is
 * aborted as soon as the reading ends in any way: breaking out of a loop closes no HTTP response of
 * some SDKs, and listeners on a call-long signal would pile up.
 */
export async function* guardedStream<T>(
  start: (signal: AbortSignal) => AsyncIterable<T>,
  guard: StreamGuard,
): AsyncGenerator<T, void, undefined> {
  const controller = new AbortController();
  const iterator = start(controller.signal)[Symbol.asyncIterator]();
  let awaited: 'first' | 'next' = 'first';
  let exhausted = false;
  try {
    for (;;) {
      guard.signal?.throwIfAborted();
      const result = await bounded(iterator.next(), awaited, guard);
      if (result.done === true) {
        exhausted = true;
        return;
      }
      awaited = 'next';
      yield result.value;
    }
  } finally {
    controller.abort(guard.signal?.reason);
    // Not awaited: a source that hangs must not hang its reader too.
    if (!exhausted) iterator.return?.().then(undefined, () => undefined);
  }
}

function bounded<T>(
  pending: Promise<T>,
  awaited: 'first' | 'next',
  guard: StreamGuard,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const timeoutMs = awaited === 'first' ? guard.firstTimeoutMs : guard.stallTimeoutMs;
  const cancel = guard.clock.after(timeoutMs, () => reject(guard.timeoutError(awaited, timeoutMs)));
  const abort = (): void => reject(guard.signal?.reason);
  guard.signal?.addEventListener('abort', abort, { once: true });
  pending.then(resolve, reject);
  return promise.finally(() => {
    cancel();
    guard.signal?.removeEventListener('abort', abort);
  });
}
