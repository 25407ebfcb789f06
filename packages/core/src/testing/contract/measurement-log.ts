import type { Attributes, Meter, MeterProvider } from '@opentelemetry/api';
import { createNoopMeter, metrics } from '@opentelemetry/api';

import type { MetricKey } from '../../metrics/catalogue.ts';
import { CATALOGUE, isHistogramKey, METRIC_KEYS } from '../../metrics/catalogue.ts';

/** One call of an instrument. */
export interface Measurement {
  readonly key: MetricKey;
  readonly value: number;
  readonly attributes: Attributes;
}

/**
 * Keeps every measurement with its attributes, as an exporter would get it, without an SDK. Gauges and
 * batched counters are read, not recorded: for those a call's collector has the figures.
 */
export class MeasurementLog implements MeterProvider, Disposable {
  readonly #measurements: Measurement[] = [];
  readonly #previous: MeterProvider;

  /** Takes the place of the global meter provider until it is disposed of. */
  constructor() {
    this.#previous = metrics.getMeterProvider();
    metrics.disable();
    metrics.setGlobalMeterProvider(this);
  }

  [Symbol.dispose](): void {
    metrics.disable();
    metrics.setGlobalMeterProvider(this.#previous);
  }

  getMeter(): Meter {
    const noop = createNoopMeter();
    return {
      createHistogram: (name) => ({
        record: (value, attributes) => this.#note(name, value, attributes),
      }),
      createCounter: (name) => ({
        add: (value, attributes) => this.#note(name, value, attributes),
      }),
      createUpDownCounter: (name) => ({
        add: (value, attributes) => this.#note(name, value, attributes),
      }),
      createGauge: (name) => ({
        record: (value, attributes) => this.#note(name, value, attributes),
      }),
      createObservableCounter: (name) => noop.createObservableCounter(name),
      createObservableUpDownCounter: (name) => noop.createObservableUpDownCounter(name),
      createObservableGauge: (name) => noop.createObservableGauge(name),
      addBatchObservableCallback: () => undefined,
      removeBatchObservableCallback: () => undefined,
    };
  }

  /** What was measured, one line a series: its name, its attributes, how often, and a counter's total. */
  lines(): string[] {
    const series = new Map<string, { times: number; total: number; isCounter: boolean }>();
    for (const { key, value, attributes } of this.#measurements) {
      const isCounter = !isHistogramKey(key);
      // A counter that is opened at zero says that nothing has happened.
      if (isCounter && value === 0) continue;
      const name = `${CATALOGUE[key].name} ${labelsOf(attributes)}`;
      const { times, total } = series.get(name) ?? { times: 0, total: 0 };
      series.set(name, { times: times + 1, total: total + value, isCounter });
    }
    return [...series]
      .map(([name, { times, total, isCounter }]) =>
        isCounter ? `${name}: ${times} × = ${total}` : `${name}: ${times} ×`,
      )
      .toSorted();
  }

  /** Every measurement of a metric, in order. */
  of(key: MetricKey): readonly Measurement[] {
    return this.#measurements.filter((one) => one.key === key);
  }

  #note(name: string, value: number, attributes: Attributes = {}): void {
    const key = METRIC_KEYS.find((one) => CATALOGUE[one].name === name);
    if (key === undefined) throw new TypeError(`${name} is not in the catalogue`);
    this.#measurements.push({ key, value, attributes });
  }
}

/** Attributes as text, in the order of their names. */
export function labelsOf(attributes: Attributes): string {
  const pairs = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, value]) => `${key}=${String(value)}`).join(', ')}}`;
}
