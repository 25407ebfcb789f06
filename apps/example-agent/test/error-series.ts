import type { Attributes } from '@opentelemetry/api';
import { metrics } from '@opentelemetry/api';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';

/** Collects when it is asked to, and at no other time. */
class ManualReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

/** What the error counters of the process say, by way of OpenTelemetry's SDK. */
export class ErrorSeries implements AsyncDisposable {
  readonly #reader = new ManualReader();
  readonly #provider = new MeterProvider({ readers: [this.#reader] });

  /** Becomes what all packages of the process report to. */
  constructor() {
    metrics.setGlobalMeterProvider(this.#provider);
  }

  /**
   * What was counted for these models, sorted:
   * `<counter> <provider> <error_type> <error_code> <count>`, `-` where there is no code.
   */
  async of(models: readonly string[]): Promise<readonly string[]> {
    const { resourceMetrics } = await this.#reader.collect();
    return resourceMetrics.scopeMetrics
      .flatMap((scope) => scope.metrics)
      .filter(({ descriptor }) => descriptor.name.endsWith('.errors'))
      .flatMap(({ descriptor, dataPoints }) =>
        dataPoints
          .filter(({ value, attributes }) => value !== 0 && isOf(models, attributes))
          .map(({ value, attributes }) =>
            [descriptor.name, textOf(attributes), JSON.stringify(value)].join(' '),
          ),
      )
      .toSorted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    metrics.disable();
    await this.#provider.shutdown();
  }
}

function isOf(models: readonly string[], { model }: Attributes): boolean {
  return models.some((name) => name === model);
}

function textOf({ provider, error_type, error_code = '-' }: Attributes): string {
  return [provider, error_type, error_code].join(' ');
}
