import { CATALOGUE } from '@vision-agents/core';
import type { CallReport, SandboxTruth } from '@vision-agents/sandbox';

import { prometheusName, type Scrape } from './exposition.ts';

/** What the agent's metrics say beside what happened. */
export interface DemoResult {
  /** Every count is right, and nothing else went wrong. */
  readonly ok: boolean;
  readonly calls: number;
  readonly turns: number;
  readonly counts: Readonly<Record<string, { readonly measured: number; readonly truth: number }>>;
  readonly latencies: Readonly<
    Record<
      string,
      { readonly count: number; readonly meanMs: number; readonly truthMeanMs: number }
    >
  >;
  /** What went wrong, in words. */
  readonly problems: readonly string[];
}

/** Sets the figures of a scrape beside those of the sandbox and its callers. */
export function compare(
  scraped: Scrape,
  sandbox: SandboxTruth,
  reports: readonly CallReport[],
  problems: readonly string[],
): DemoResult {
  const truth = withCallers(sandbox, reports);
  const counts = Object.fromEntries(
    Object.entries(truth.counts).map(([metric, count]) => [
      metric,
      { measured: rounded(measuredCount(scraped, metric)), truth: rounded(count) },
    ]),
  );
  const latencies = Object.fromEntries(
    Object.entries(truth.latencies).map(([metric, { meanMs }]) => {
      const name = prometheusName(metric);
      const count = scraped.get(`${name}_count`) ?? 0;
      const sum = scraped.get(`${name}_sum`) ?? 0;
      const mean = count === 0 ? 0 : sum / count;
      return [metric, { count, meanMs: rounded(mean), truthMeanMs: rounded(meanMs) }];
    }),
  );
  const wrong = Object.entries(counts)
    .filter(([, { measured, truth: real }]) => measured !== real)
    .map(([metric, { measured, truth: real }]) => `${metric}: measured ${measured}, truth ${real}`);
  const all = [
    ...wrong,
    ...problems,
    ...sandbox.problems,
    ...reports.flatMap((report) => report.problems),
  ];
  const turns = reports.reduce((sum, report) => sum + report.turns.length, 0);
  return { ok: all.length === 0, calls: reports.length, turns, counts, latencies, problems: all };
}

/** The sandbox knows what its servers did; what the callers lived through only they know. */
function withCallers(sandbox: SandboxTruth, reports: readonly CallReport[]): SandboxTruth {
  const turns = reports.flatMap((report) => report.turns);
  const answered = turns.flatMap(({ responseLatencyMs }) => responseLatencyMs ?? []);
  const greeted = reports.flatMap(({ greetingLatencyMs }) => greetingLatencyMs ?? []);
  const heardMs = [...answered, ...greeted];
  return {
    ...sandbox,
    counts: {
      ...sandbox.counts,
      'agent.turns': turns.length,
      'agent.sessions': reports.length,
      'agent.sessions.active': 0,
      'agent.interruptions': 0,
    },
    latencies: {
      ...sandbox.latencies,
      'agent.response.latency.ms': {
        count: heardMs.length,
        meanMs: heardMs.reduce((sum, ms) => sum + ms, 0) / Math.max(1, heardMs.length),
      },
    },
  };
}

function measuredCount(scraped: Scrape, metric: string): number {
  const definition = Object.values(CATALOGUE).find(({ name }) => name === metric);
  const suffix = { counter: '_total', 'up-down-counter': '', histogram: '_sum' };
  return scraped.get(prometheusName(metric) + suffix[definition?.kind ?? 'counter']) ?? 0;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
