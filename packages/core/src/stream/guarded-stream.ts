import type { Clock } from '../clock/clock.ts';
import { InterruptedError } from '../errors/interrupted-error.ts';
import { within } from '../tracing/operation-span.ts';
import type { TraceScope } from '../tracing/trace-scope.ts';

/** Made once: a reason of its own would cost a stack trace for every stream that ends well. */
const READ = new InterruptedError();

/** What bounds the reading of a provider's stream. */
export interface StreamGuard {
  /** The caller's own signal: its abort ends the reading at once, by throwing the reason. */
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
  /** What the provider's stream does by itself, such as a request, belongs in it. */
  readonly trace?: TraceScope | undefined;
  /** The longest wait for the first value. */
  readonly firstTimeoutMs: number;
  /** The longest wait for any other value. */
  readonly stallTimeoutMs: number;
  /** The error of a wait that was too long. */
  timeoutError(awaited: 'first' | 'next', timeoutMs: number): Error;
}

/**
 * Reads a stream that may stall or ignore its signal. `start` gets a signal of its own, which is
 * aborted as soon as the reading ends in any way, for the reason why: breaking out of a loop closes no HTTP response of
 * some SDKs, and listeners on a call-long signal would pile up.
 */
export async function* guardedStream<T>(
  start: (signal: AbortSignal) => AsyncIterable<T>,
  guard: StreamGuard,
): AsyncGenerator<T, void, undefined> {
  const { signal, clock, trace } = guard;
  signal?.throwIfAborted();
  const controller = new AbortController();
  const iterator = within(trace, () => start(controller.signal)[Symbol.asyncIterator]());
  let awaited: 'first' | 'next' = 'first';
  let exhausted = false;
  let endWait: ((error: unknown) => void) | undefined;
  let timeout: Error | undefined;
  // One listener a stream, not one a value: values may come by the hundred.
  const onAbort = (): void => endWait?.(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<T>>();
      endWait = reject;
      within(trace, () => iterator.next()).then(resolve, reject);
      const timeoutMs = awaited === 'first' ? guard.firstTimeoutMs : guard.stallTimeoutMs;
      const timeOut = (): void => reject((timeout = guard.timeoutError(awaited, timeoutMs)));
      const cancelTimer = clock.after(timeoutMs, timeOut);
      const result = await promise.finally(cancelTimer);
      if (result.done === true) {
        exhausted = true;
        return;
      }
      awaited = 'next';
      yield result.value;
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    controller.abort(signal?.reason ?? timeout ?? READ);
    // Not awaited: a source that hangs must not hang its reader too.
    if (!exhausted) iterator.return?.().then(undefined, () => undefined);
  }
}
