import { setTimeout as sleep } from 'node:timers/promises';

import { unwatched } from './handle-watch.ts';

/** How long real sockets may take, in real time, for what they do at once. */
const PATIENCE_MS = 2000;
/** How long work may take that may have to load an SDK first. */
const WORK_MS = 5000;
const STEP_MS = 2;

/**
 * Waits in real time until something holds: the manual clock moves no socket.
 * @throws Error which says what did not come about
 */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  const untilMs = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > untilMs) throw new Error(`it did not come about that ${what}`);
    await passing(STEP_MS);
  }
}

/**
 * The outcome of work that has to settle by itself, soon and in real time.
 * @throws Error which says what hangs
 */
export async function soon<T>(what: string, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what} hangs`)), WORK_MS).unref();
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** What work fails with; undefined when it does not. */
export function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** Lets so much real time pass: enough for what was sent over a loopback socket to arrive. */
export function passing(ms: number): Promise<void> {
  return unwatched(() => sleep(ms));
}
