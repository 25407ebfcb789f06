import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { afterEach, expect, test } from 'vitest';

import { Edge } from '../src/index.ts';
import { ManualClock } from './manual-clock.ts';
import { joinTestCall } from './test-call.ts';
import { tone } from './tone.ts';

const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter });
const provider = new MeterProvider({ readers: [reader] });

afterEach(() => provider.shutdown());

test('an agent that runs out of audio is counted for this edge and this call', async () => {
  metrics.setGlobalMeterProvider(provider);
  const clock = new ManualClock();
  const { connection, collector } = await joinTestCall(new Edge(), { clock });
  const utterance = connection.playout.begin();
  utterance.play({ samples: tone(440, 40, 24_000), sampleRateHz: 24_000 });
  clock.advance(100);
  utterance.play({ samples: tone(440, 40, 24_000), sampleRateHz: 24_000 });
  utterance.end();
  clock.advance(100);
  expect(collector.metrics.edgeAudioUnderruns.total).toBe(1);

  await provider.forceFlush();
  const exported = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
  const underruns = exported
    .flatMap((scope) => scope.metrics)
    .find(({ descriptor }) => descriptor.name === 'edge.audio.underruns');
  expect(underruns?.dataPoints).toMatchObject([{ attributes: { provider: 'local' }, value: 1 }]);
});
