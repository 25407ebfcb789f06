import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';

import { TurnDetector } from '../src/index.ts';
import { eventsOf } from './listen.ts';
import { joined, quiet, speak } from './speech.ts';

test('reaches OpenTelemetry with its provider', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  try {
    await eventsOf(
      new TurnDetector({ eagerTurnDetection: true }),
      joined(quiet(500), speak('Where is the sun?'), quiet(1000)),
    );
    await reader.forceFlush();
    const points = exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
      .flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => ({ name: descriptor.name, attributes, value })),
      );
    for (const name of ['turn.duration.ms', 'turn.trailing_silence.ms']) {
      expect(points.filter((point) => point.name === name)).toMatchObject([
        { attributes: { provider: 'silero' }, value: { count: 1 } },
      ]);
    }
  } finally {
    await provider.shutdown();
    metrics.disable();
  }
});
