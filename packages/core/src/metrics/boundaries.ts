/**
 * Histogram boundaries in milliseconds, advised by core because the SDK's defaults have no 2,000
 * and read a p95 near it 18 % too high.
 */
const RESPONSE: readonly number[] = [
  50, 100, 150, 200, 300, 400, 500, 750, 1000, 1250, 1500, 1750, 2000, 2500, 3000, 4000, 5000, 7500,
  10_000, 30_000,
];

/** The name of a set of boundaries: what a histogram measures, and with it how fine its buckets are. */
export type BoundaryName = 'response' | 'speech' | 'overhead' | 'duration' | 'session';

/** The sets of boundaries, all in milliseconds. */
export const BOUNDARIES: Readonly<Record<BoundaryName, readonly number[]>> = {
  /** Answers, language models and tools. */
  response: RESPONSE,
  /** Speech services, which are faster: finer steps below 300. */
  speech: [10, 25, 50, 75, 100, 125, 150, 200, 250, ...RESPONSE.filter((bound) => bound >= 300)],
  /** Our own work, and the event loop's delay. */
  overhead: [0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
  /** How long somebody spoke or some audio lasts. */
  duration: [
    250, 500, 1000, 2000, 3000, 5000, 7500, 10_000, 15_000, 20_000, 30_000, 45_000, 60_000, 120_000,
    300_000,
  ],
  /** Whole calls, up to some hours. */
  session: [
    1000, 5000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000,
    7_200_000,
  ],
};
