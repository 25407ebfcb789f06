import type {
  Attributes,
  Counter,
  Histogram,
  Meter,
  MeterProvider,
  Observable,
} from '@opentelemetry/api';
import { createNoopMeter, diag, metrics } from '@opentelemetry/api';

import { BOUNDARIES } from './boundaries.ts';
import type { CounterKey, HistogramKey, MetricKey, UpDownCounterKey } from './catalogue.ts';
import { CATALOGUE, METRIC_KEYS } from './catalogue.ts';
import { packageVersion } from './package-version.ts';

/** The one meter that owns every instrument. */
export const METER_NAME = 'vision_agents';

/** A running total that is read when metrics are collected. One object a series, for ever. */
export interface Cell {
  value: number;
  readonly attributes: Attributes;
}

const cells = new Map<MetricKey, Map<string, Cell>>();
const zeroSeries = new Map<string, { readonly key: CounterKey; readonly attributes: Attributes }>();
let boundProvider: MeterProvider | undefined;
let live: LiveInstruments | undefined;

/**
 * The instruments of the meter provider that is set now; undefined when none is, which costs next to
 * nothing. OpenTelemetry's metrics API has no proxy: an instrument made before the provider is set
 * stays deaf for ever, so they are bound when first needed and again when the provider changes.
 */
export function liveInstruments(): LiveInstruments | undefined {
  const provider = metrics.getMeterProvider();
  if (provider !== boundProvider) {
    boundProvider = provider;
    live = undefined;
    try {
      const meter = provider.getMeter(METER_NAME, packageVersion());
      if (meter !== createNoopMeter()) live = new LiveInstruments(meter);
    } catch (error) {
      diag.error('the meter provider cannot be used; nothing is exported', error);
    }
  }
  return live;
}

/** The cell of one series of a gauge or a batched counter. */
export function cellOf(key: MetricKey, attributes: Attributes): Cell {
  const series = cells.get(key) ?? new Map<string, Cell>();
  cells.set(key, series);
  const name = JSON.stringify(attributes);
  const cell = series.get(name) ?? { value: 0, attributes };
  series.set(name, cell);
  return cell;
}

/** Makes a counter's series exist at 0, now or as soon as a provider is set. */
export function keepAtZero(key: CounterKey, attributes: Attributes): void {
  const id = key + JSON.stringify(attributes);
  if (zeroSeries.has(id)) return;
  zeroSeries.set(id, { key, attributes });
  try {
    liveInstruments()?.counter(key).add(0, attributes);
  } catch (error) {
    diag.warn('a series could not be opened at zero', error);
  }
}

/** All instruments of one meter, each created when it is first used. */
export class LiveInstruments {
  readonly #meter: Meter;
  readonly #histograms = new Map<HistogramKey, Histogram>();
  readonly #counters = new Map<CounterKey | UpDownCounterKey, Counter>();

  constructor(meter: Meter) {
    this.#meter = meter;
    for (const key of METRIC_KEYS) this.#observe(key);
    for (const { key, attributes } of zeroSeries.values()) this.counter(key).add(0, attributes);
  }

  histogram(key: HistogramKey): Histogram {
    let histogram = this.#histograms.get(key);
    if (histogram === undefined) {
      const { name, unit, description, boundaries } = CATALOGUE[key];
      histogram = this.#meter.createHistogram(name, {
        unit,
        description,
        advice: { explicitBucketBoundaries: [...BOUNDARIES[boundaries ?? 'response']] },
      });
      this.#histograms.set(key, histogram);
    }
    return histogram;
  }

  counter(key: CounterKey | UpDownCounterKey): Counter {
    let counter = this.#counters.get(key);
    if (counter === undefined) {
      const { name, unit, description } = CATALOGUE[key];
      counter = this.#meter.createCounter(name, { unit, description });
      this.#counters.set(key, counter);
    }
    return counter;
  }

  /** Gauges and batched counters are read from their cells, whenever the provider was set. */
  #observe(key: MetricKey): void {
    const { name, unit, description, kind, batched } = CATALOGUE[key];
    let instrument: Observable;
    if (kind === 'up-down-counter') {
      instrument = this.#meter.createObservableUpDownCounter(name, { unit, description });
    } else if (batched) {
      instrument = this.#meter.createObservableCounter(name, { unit, description });
    } else {
      return;
    }
    instrument.addCallback((result) => {
      for (const cell of cells.get(key)?.values() ?? [])
        result.observe(cell.value, cell.attributes);
    });
  }
}

/** Whether a key's measurements go through cells. */
export function isObserved(key: CounterKey | UpDownCounterKey): boolean {
  return CATALOGUE[key].kind === 'up-down-counter' || CATALOGUE[key].batched === true;
}
