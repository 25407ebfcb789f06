import type { Client } from './component.ts';
import { spin } from './spin.ts';
import { Stopwatch } from './stopwatch.ts';

/** How often timers strike, in all processes at the same moment. */
const TICK_MS = 1;
/** Longer than anything takes. */
const TIMEOUT_MS = 10_000;

/** One of two clients that are compared, on one connection after another. */
export class Contender {
  readonly #connect: () => Promise<Client>;
  readonly #operationsAConnection: number;
  readonly #latenciesMs: number[] = [];
  #client: Client | undefined;

  constructor(connect: () => Promise<Client>, operationsAConnection: number) {
    this.#connect = connect;
    this.#operationsAConnection = operationsAConnection;
  }

  /** Has one operation done; connects before where it has to. */
  async operate(): Promise<void> {
    if (this.#latenciesMs.length % this.#operationsAConnection === 0) await this.close();
    this.#client ??= await inTime(this.#connect());
    // The operation before ended where a timer struck: the next might always just miss another.
    spin(Math.random() * TICK_MS);
    const stopwatch = new Stopwatch();
    await inTime(this.#client.operate(stopwatch));
    this.#latenciesMs.push(stopwatch.elapsedMs);
  }

  async close(): Promise<void> {
    if (this.#client) await inTime(this.#client.close());
    this.#client = undefined;
  }

  /** How long operations took, those left out that came first: the median and the 95th percentile. */
  latency(leftOut: number): { readonly p50Ms: number; readonly p95Ms: number } {
    const sorted = this.#latenciesMs.slice(leftOut).toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.floor(share * sorted.length)] ?? Number.NaN;
    return { p50Ms: at(0.5), p95Ms: at(0.95) };
  }
}

/** @throws when it takes longer than anything here may */
async function inTime<T>(promise: Promise<T>): Promise<T> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('something hangs')), TIMEOUT_MS);
  return await Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}
