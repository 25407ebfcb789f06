import type { Attributes, Counter, Histogram } from '@opentelemetry/api';
import { diag } from '@opentelemetry/api';

import { ERROR_TYPES, EXPECTED_ERROR_CODES } from '../errors/error-type.ts';
import type { ProviderError } from '../errors/provider-error.ts';
import type { MetricsCollector } from './agent-metrics.ts';
import type { CounterAggregate, HistogramAggregate } from './aggregate.ts';
import type { Labels } from './attributes.ts';
import { cleanAttributes, isMeasurement } from './attributes.ts';
import type { CounterKey, HistogramKey, UpDownCounterKey } from './catalogue.ts';
import { CATALOGUE } from './catalogue.ts';
import type { Cell, LiveInstruments } from './live-instruments.ts';
import { cellOf, isObserved, keepAtZero, liveInstruments } from './live-instruments.ts';

/** One series of a histogram, ready to record without looking anything up. */
export class BoundHistogram {
  readonly #key: HistogramKey;
  readonly #attributes: Attributes;
  readonly #aggregate: HistogramAggregate | undefined;
  #live: LiveInstruments | undefined;
  #instrument: Histogram | undefined;

  constructor(key: HistogramKey, attributes: Attributes, aggregate?: HistogramAggregate) {
    this.#key = key;
    this.#attributes = attributes;
    this.#aggregate = aggregate;
  }

  /** Never throws; a value that is no measurement (negative, NaN, infinite) is left out. */
  record(value: number): void {
    this.recordTo(liveInstruments(), value);
  }

  /** The same for one of several measurements, with the instruments looked up once for all. */
  recordTo(live: LiveInstruments | undefined, value: number): void {
    if (!isMeasurement(value)) return;
    this.#aggregate?.record(value);
    if (live !== undefined) this.#export(live, value);
  }

  /** Apart, so that V8 can inline the rest: without a provider, this is the hot path. */
  #export(live: LiveInstruments, value: number): void {
    try {
      if (live !== this.#live) {
        this.#instrument = live.histogram(this.#key);
        this.#live = live;
      }
      this.#instrument?.record(value, this.#attributes);
    } catch (error) {
      diag.warn('a measurement was lost', error);
    }
  }
}

/** One series of a counter or gauge, ready to add without looking anything up. */
export class BoundCounter {
  readonly #key: CounterKey | UpDownCounterKey;
  readonly #attributes: Attributes;
  readonly #aggregate: CounterAggregate | undefined;
  readonly #lowest: number;
  readonly #cell: Cell | undefined;
  #live: LiveInstruments | undefined;
  #instrument: Counter | undefined;

  constructor(
    key: CounterKey | UpDownCounterKey,
    attributes: Attributes,
    aggregate?: CounterAggregate,
  ) {
    this.#key = key;
    this.#attributes = attributes;
    this.#aggregate = aggregate;
    this.#lowest = CATALOGUE[key].kind === 'up-down-counter' ? -Number.MAX_VALUE : 0;
    this.#cell = isObserved(key) ? cellOf(key, attributes) : undefined;
  }

  /** Never throws. Counters only go up; a gauge (`up-down-counter`) also goes down. */
  add(value: number): void {
    this.addTo(liveInstruments(), value);
  }

  /** The same for one of several measurements, with the instruments looked up once for all. */
  addTo(live: LiveInstruments | undefined, value: number): void {
    if (!(value >= this.#lowest && value < Number.POSITIVE_INFINITY)) return;
    this.#aggregate?.add(value);
    if (this.#cell !== undefined) this.#cell.value += value;
    else if (live !== undefined) this.#export(live, value);
  }

  #export(live: LiveInstruments, value: number): void {
    try {
      if (live !== this.#live) {
        this.#instrument = live.counter(this.#key);
        this.#live = live;
      }
      this.#instrument?.add(value, this.#attributes);
    } catch (error) {
      diag.warn('a measurement was lost', error);
    }
  }
}

/** How many different values a label that a provider chooses may have, before it says `other`. */
const MAX_FOREIGN_VALUES = 50;

const foreignValues = new Map<string, Set<string>>();

type ErrorCounterKey = Extract<CounterKey, `${string}Errors`>;

/**
 * The one way to a metric. Holds the labels of one component (`provider`, `model`) in one call,
 * cleans everything that comes from outside, and feeds OpenTelemetry and the call's own figures.
 */
export class Recorder {
  readonly #scope: Labels;
  readonly #collector: MetricsCollector | undefined;
  readonly #histograms = new Map<string, BoundHistogram>();
  readonly #counters = new Map<string, BoundCounter>();

  constructor(scope: Labels = {}, collector?: MetricsCollector) {
    this.#scope = scope;
    this.#collector = collector;
  }

  /** The series of a histogram with these labels. Keep it where the path is hot. */
  histogram(key: HistogramKey, labels: Labels = {}): BoundHistogram {
    const id = seriesId(key, labels);
    let bound = this.#histograms.get(id);
    if (bound === undefined) {
      const attributes = cleanAttributes(CATALOGUE[key].attributes, { ...this.#scope, ...labels });
      bound = new BoundHistogram(key, attributes, this.#collector?.histogram(key));
      this.#histograms.set(id, bound);
    }
    return bound;
  }

  /** The series of a counter or gauge with these labels. Keep it where the path is hot. */
  counter(key: CounterKey | UpDownCounterKey, labels: Labels = {}): BoundCounter {
    const id = seriesId(key, labels);
    let bound = this.#counters.get(id);
    if (bound === undefined) {
      const attributes = cleanAttributes(CATALOGUE[key].attributes, { ...this.#scope, ...labels });
      bound = new BoundCounter(key, attributes, this.#collector?.counter(key));
      this.#counters.set(id, bound);
    }
    return bound;
  }

  /** Counts a failure under its type and the provider's code. */
  countError(key: ErrorCounterKey, error: ProviderError): void {
    const { type, provider, providerCode: code } = error;
    const isExpected = code !== undefined && EXPECTED_ERROR_CODES[type]?.includes(code) === true;
    const label = isExpected ? code : boundedValue(`${provider}|error_code`, code);
    this.counter(key, { error_type: type, error_code: label }).add(1);
  }

  /** Makes the error series exist at 0, so that `rate()` sees the first error of each. */
  openErrors(key: ErrorCounterKey): void {
    const keys = CATALOGUE[key].attributes;
    for (const type of ERROR_TYPES) {
      for (const code of [undefined, ...(EXPECTED_ERROR_CODES[type] ?? [])]) {
        const labels = { ...this.#scope, error_type: type, error_code: code };
        keepAtZero(key, cleanAttributes(keys, labels));
      }
    }
  }
}

/** A label value that comes from outside, or `other` once too many different ones were seen. */
function boundedValue(label: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  let seen = foreignValues.get(label);
  if (seen === undefined) foreignValues.set(label, (seen = new Set()));
  if (!seen.has(value) && seen.size >= MAX_FOREIGN_VALUES) return 'other';
  seen.add(value);
  return value;
}

function seriesId(key: string, labels: Labels): string {
  let id = key;
  for (const [name, value] of Object.entries(labels)) id += `|${name}=${value ?? ''}`;
  return id;
}
