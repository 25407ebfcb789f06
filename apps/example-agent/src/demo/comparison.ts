import { CATALOGUE } from '@vision-agents/core';
import type { CallReport, SandboxTruth } from '@vision-agents/sandbox';

import type { ProviderChoice } from '../provider-choice.ts';
import { DEFAULT_CHOICE } from '../provider-choice.ts';
import { callerTruth } from './caller-truth.ts';
import { prometheusName, type Scrape } from './exposition.ts';

/** A count of the agent's beside what really happened. */
export interface Count {
  readonly measured: number;
  readonly truth: number;
  /**
   * How much of the truth was on its way to a client that left in that very moment: nobody can know
   * whether it arrived. Absent where there is none, which is nearly always.
   */
  readonly inFlight?: number;
}

/** What both sides of a difference may have been rounded by, together. */
const ROUNDING = 0.02;

/** Whether a count is what happened. */
export function isRight({ measured, truth, inFlight }: Count): boolean {
  if (inFlight === undefined) return measured === truth;
  return measured <= truth && measured >= truth - inFlight - ROUNDING;
}

/** What the agent's metrics say beside what happened. */
export interface DemoResult {
  /** Every count is right, and nothing else went wrong. */
  readonly ok: boolean;
  readonly calls: number;
  readonly turns: number;
  /** By `metric` or `metric{label="value"}`. */
  readonly counts: Readonly<Record<string, Count>>;
  readonly latencies: Readonly<
    Record<
      string,
      { readonly count: number; readonly meanMs: number; readonly truthMeanMs: number }
    >
  >;
  /**
   * The same interruptions from both ends: how long the agent went on after it knew, and how long
   * callers had to talk before it was silent. The difference is what it takes to be sure that they talk.
   */
  readonly silence: {
    readonly interruptions: number;
    readonly interruptionLatencyMeanMs: number;
    readonly timeToSilenceMeanMs: number;
  };
  /** What went wrong, in words. */
  readonly problems: readonly string[];
}

/** Sets the figures of a scrape beside those of the sandbox and its callers. */
export function compare(
  scraped: Scrape,
  sandbox: SandboxTruth,
  reports: readonly CallReport[],
  problems: readonly string[],
  providers: ProviderChoice = DEFAULT_CHOICE,
): DemoResult {
  const truth = withCallers(sandbox, reports, providers);
  const counts = Object.fromEntries(
    Object.entries(truth.counts).map(([metric, count]): [string, Count] => {
      const inFlight = sandbox.inFlight[metric];
      const measured = rounded(measuredCount(scraped, metric));
      const real = { measured, truth: rounded(count) };
      return [metric, inFlight === undefined ? real : { ...real, inFlight }];
    }),
  );
  const latencies = Object.fromEntries(
    Object.entries(truth.latencies).map(([metric, { meanMs }]) => [
      metric,
      { ...measuredLatency(scraped, metric), truthMeanMs: rounded(meanMs) },
    ]),
  );
  const wrong = Object.entries(counts)
    .filter(([, count]) => !isRight(count))
    .map(([metric, { measured, truth: real }]) => `${metric}: measured ${measured}, truth ${real}`);
  const all = [
    ...wrong,
    ...problems,
    ...sandbox.problems,
    ...reports.flatMap((report) => report.problems),
  ];
  const turns = reports.reduce((sum, report) => sum + report.turns.length, 0);
  return {
    ok: all.length === 0,
    calls: reports.length,
    turns,
    counts,
    latencies,
    silence: silenceOf(scraped, reports),
    problems: all,
  };
}

/** The sandbox knows what its servers did; what the callers lived through only they know. */
function withCallers(
  sandbox: SandboxTruth,
  reports: readonly CallReport[],
  providers: ProviderChoice,
): SandboxTruth {
  const turns = reports.flatMap((report) => report.turns);
  const answered = turns.flatMap(({ responseLatencyMs }) => responseLatencyMs ?? []);
  const greeted = reports.flatMap(({ greetingLatencyMs }) => greetingLatencyMs ?? []);
  const heardMs = [...answered, ...greeted];
  return {
    ...sandbox,
    counts: { ...sandbox.counts, ...callerTruth(sandbox, reports, providers) },
    latencies: {
      ...sandbox.latencies,
      'agent.response.latency.ms': { count: heardMs.length, meanMs: mean(heardMs) },
    },
  };
}

function silenceOf(scraped: Scrape, reports: readonly CallReport[]): DemoResult['silence'] {
  const { count, meanMs } = measuredLatency(scraped, 'agent.interruption.latency.ms');
  const toSilenceMs = reports
    .flatMap((report) => report.turns)
    .flatMap(({ interruption }) => interruption?.timeToSilenceMs ?? []);
  return {
    interruptions: count,
    interruptionLatencyMeanMs: meanMs,
    timeToSilenceMeanMs: rounded(mean(toSilenceMs)),
  };
}

/** `name` is a metric's, with or without a label: `metric{label="value"}`. */
function measuredCount(scraped: Scrape, name: string): number {
  const [, metric = name, selector = ''] = /^([^{]+)(\{.*)?$/.exec(name) ?? [];
  const definition = Object.values(CATALOGUE).find((known) => known.name === metric);
  const suffix = { counter: '_total', 'up-down-counter': '', histogram: '_sum' };
  const sample = prometheusName(metric) + suffix[definition?.kind ?? 'counter'];
  return scraped.get(sample + selector) ?? 0;
}

function measuredLatency(scraped: Scrape, metric: string): { count: number; meanMs: number } {
  const name = prometheusName(metric);
  const count = scraped.get(`${name}_count`) ?? 0;
  const sum = scraped.get(`${name}_sum`) ?? 0;
  return { count, meanMs: rounded(count === 0 ? 0 : sum / count) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
