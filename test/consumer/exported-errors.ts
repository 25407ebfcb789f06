import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';

const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
const provider = new MeterProvider({ readers: [reader] });

/** Sets the global meter provider. */
export function setProvider(): void {
  if (!metrics.setGlobalMeterProvider(provider)) throw new Error('the provider was not accepted');
}

/** Shuts the provider down and tells how many network errors it exported, by metric. */
export async function exportedErrors(): Promise<Readonly<Record<string, number>>> {
  await reader.forceFlush();
  const [newest] = exporter.getMetrics().slice(-1);
  const errors: Record<string, number> = {};
  const exported = newest?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
  for (const { descriptor, dataPoints } of exported) {
    if (!descriptor.name.endsWith('.errors')) continue;
    const network = dataPoints.filter(({ attributes }) => attributes['error_type'] === 'network');
    errors[descriptor.name] = network.reduce((sum, { value }) => sum + Number(value), 0);
  }
  await provider.shutdown();
  return errors;
}
