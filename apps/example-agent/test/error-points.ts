import { metrics } from '@opentelemetry/api';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';

/** An error counter's series that is not zero, as OpenTelemetry exports it. */
export interface ErrorPoint {
  readonly metric: string;
  readonly provider: unknown;
  readonly model: unknown;
  /** `<provider> <error_type> <error_code>`; `-`: no code. */
  readonly error: string;
  readonly count: unknown;
}

/** Collects when it is asked to, and at no other time. */
class Reader extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}
