import type { CounterData, HistogramData } from './aggregate.ts';
import { CounterAggregate, HistogramAggregate } from './aggregate.ts';
import type { CounterKey, HistogramKey, MetricKey, UpDownCounterKey } from './catalogue.ts';
import { isHistogramKey, METRIC_KEYS } from './catalogue.ts';

/** A histogram as a reader of `agent.metrics` sees it, in milliseconds. */
export type HistogramSummary = Pick<
  HistogramAggregate,
  'count' | 'sum' | 'average' | 'min' | 'max' | 'p50' | 'p95' | 'quantile' | 'toJSON'
>;

/** The figures of one or more calls as they travel between processes, without loss. */
export type AgentMetricsData = Partial<Record<MetricKey, CounterData | HistogramData>>;

type Fields = Record<HistogramKey, HistogramSummary> &
  Record<CounterKey | UpDownCounterKey, Readonly<CounterData>>;

/**
 * The figures of one call: `agent.metrics`. One field a metric of the catalogue, kept up to date by
 * the same recordings that feed OpenTelemetry, and still there after the call has ended.
 */
export interface AgentMetrics extends Readonly<Fields> {
  /** Adds another call's figures to these. */
  merge(other: AgentMetrics | AgentMetricsData): void;
  /** Only what was recorded; {@link agentMetricsFrom} reads it back. */
  toJSON(): AgentMetricsData;
}

/** The writable side of {@link AgentMetrics}, passed to everything that one call opens. */
export class MetricsCollector {
  readonly metrics: AgentMetrics;
  readonly #histograms = new Map<HistogramKey, HistogramAggregate>();
  readonly #counters = new Map<CounterKey | UpDownCounterKey, CounterAggregate>();

  constructor() {
    const fields: Partial<Fields> = {};
    for (const key of METRIC_KEYS) {
      if (isHistogramKey(key)) fields[key] = this.histogram(key);
      else fields[key] = this.counter(key);
    }
    if (!isComplete(fields)) throw new TypeError('a metric of the catalogue has no field');
    this.metrics = {
      ...fields,
      merge: (other) => this.#merge('merge' in other ? other.toJSON() : other),
      toJSON: () => this.#toJSON(),
    };
  }

  /** The aggregate behind a histogram's field. */
  histogram(key: HistogramKey): HistogramAggregate {
    let aggregate = this.#histograms.get(key);
    if (!aggregate) this.#histograms.set(key, (aggregate = new HistogramAggregate()));
    return aggregate;
  }

  /** The aggregate behind a counter's or gauge's field. */
  counter(key: CounterKey | UpDownCounterKey): CounterAggregate {
    let aggregate = this.#counters.get(key);
    if (!aggregate) this.#counters.set(key, (aggregate = new CounterAggregate()));
    return aggregate;
  }

  #merge(data: AgentMetricsData): void {
    for (const key of METRIC_KEYS) {
      const figures = data[key];
      if (figures === undefined) continue;
      if (isHistogramKey(key) && 'count' in figures) this.histogram(key).merge(figures);
      if (!isHistogramKey(key) && 'total' in figures) this.counter(key).merge(figures);
    }
  }

  #toJSON(): AgentMetricsData {
    const data: AgentMetricsData = {};
    for (const [key, histogram] of this.#histograms) {
      if (histogram.count > 0) data[key] = histogram.toJSON();
    }
    for (const [key, counter] of this.#counters) {
      if (counter.total !== 0) data[key] = counter.toJSON();
    }
    return data;
  }
}

function isComplete(fields: Partial<Fields>): fields is Fields {
  return METRIC_KEYS.every((key) => key in fields);
}

/** The figures that {@link AgentMetrics.toJSON} wrote, to read or to merge others into. */
export function agentMetricsFrom(data: AgentMetricsData): AgentMetrics {
  const { metrics } = new MetricsCollector();
  metrics.merge(data);
  return metrics;
}
