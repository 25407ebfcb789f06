import { MetricReader } from '@opentelemetry/sdk-metrics';

/** Collects when it is asked, and never by itself. */
export class ReaderOnDemand extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}
