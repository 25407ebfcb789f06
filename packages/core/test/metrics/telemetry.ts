import type { Attributes } from '@opentelemetry/api';
import { metrics } from '@opentelemetry/api';
import type { Histogram, MetricData } from '@opentelemetry/sdk-metrics';
import { DataPointType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { onTestFinished } from 'vitest';

class ManualReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

/** One exported sample: what it is about and what it says. */
export interface Sample {
  readonly attributes: Attributes;
  readonly value: number | Histogram;
}

/** The real OpenTelemetry SDK, read when the test says so. */
export class Telemetry {
  readonly #reader = new ManualReader();
  readonly provider: MeterProvider = new MeterProvider({ readers: [this.#reader] });

  /** Everything that is exported now, by name. */
  async collect(): Promise<ReadonlyMap<string, MetricData>> {
    const { resourceMetrics, errors } = await this.#reader.collect();
    if (errors.length > 0) throw new AggregateError(errors, 'the collection failed');
    const data = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return new Map(data.map((metric) => [metric.descriptor.name, metric]));
  }

  /** The meters of the metrics whose names begin so. */
  async scopesOf(prefix: string): Promise<readonly string[]> {
    const { resourceMetrics } = await this.#reader.collect();
    return resourceMetrics.scopeMetrics
      .filter(({ metrics: all }) =>
        all.some(({ descriptor }) => descriptor.name.startsWith(prefix)),
      )
      .map(({ scope }) => scope.name);
  }

  /** The samples of one metric whose attributes contain the wanted ones. */
  async samples(name: string, wanted: Attributes = {}): Promise<readonly Sample[]> {
    const metric = (await this.collect()).get(name);
    if (metric === undefined) return [];
    if (metric.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) throw new TypeError(name);
    return metric.dataPoints.filter(({ attributes }) =>
      Object.entries(wanted).every(([key, value]) => attributes[key] === value),
    );
  }

  /** The number that one series of a counter or gauge stands at; undefined where there is none. */
  async value(name: string, attributes: Attributes = {}): Promise<number | undefined> {
    const value = (await this.#only(name, attributes))?.value;
    if (value === undefined || typeof value === 'number') return value;
    throw new TypeError(`${name} is a histogram`);
  }

  /** One series of a histogram; undefined where there is none. */
  async histogram(name: string, attributes: Attributes = {}): Promise<Histogram | undefined> {
    const value = (await this.#only(name, attributes))?.value;
    if (typeof value !== 'number') return value;
    throw new TypeError(`${name} is no histogram`);
  }

  async #only(name: string, attributes: Attributes): Promise<Sample | undefined> {
    const samples = await this.samples(name, attributes);
    if (samples.length > 1) throw new Error(`${samples.length} series of ${name} match`);
    return samples[0];
  }
}

/** Sets a fresh SDK as the global provider until the test is over. */
export function startTelemetry(): Telemetry {
  const telemetry = new Telemetry();
  useProvider(telemetry.provider);
  return telemetry;
}

/** Sets the global meter provider, in the place of any other, until the test is over. */
export function useProvider(provider: Parameters<typeof metrics.setGlobalMeterProvider>[0]): void {
  metrics.disable();
  if (!metrics.setGlobalMeterProvider(provider)) throw new Error('the provider was not accepted');
  onTestFinished(() => metrics.disable());
}
