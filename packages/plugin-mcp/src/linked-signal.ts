import type { Clock } from '@vision-agents/core';

/** A signal for one piece of work; to be disposed of when that is done. */
export interface LinkedSignal extends Disposable {
  readonly signal: AbortSignal;
}

/** How long a piece of work may take. */
export interface TimeLimit {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** The reason when it takes longer. */
  readonly timeoutError: () => Error;
}

/**
 * A signal that is aborted with the first of its parents, or when the time is over. Not
 * `AbortSignal.any`: Node.js keeps such a signal for as long as it has a listener, and the SDK never
 * takes its own away.
 */
export function linkSignals(parents: readonly AbortSignal[], limit?: TimeLimit): LinkedSignal {
  const controller = new AbortController();
  const links = parents.map((parent) => {
    const abort = (): void => controller.abort(parent.reason);
    parent.addEventListener('abort', abort, { once: true });
    if (parent.aborted) abort();
    return () => parent.removeEventListener('abort', abort);
  });
  if (limit) {
    links.push(limit.clock.after(limit.timeoutMs, () => controller.abort(limit.timeoutError())));
  }
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const unlink of links) unlink();
    },
  };
}
