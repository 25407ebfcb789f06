import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';

import { stdioServer } from './test-session.ts';
import { answerWithTools } from './tool-calling-agent.ts';

const CALLS = [
  { id: '1', name: 'echo', arguments: { words: 'hello' } },
  { id: '2', name: 'echo', arguments: { words: 5 } },
  { id: '3', name: 'fail', arguments: {} },
  { id: '4', name: 'throw', arguments: {} },
  { id: '5', name: 'slow', arguments: {} },
  { id: '6', name: 'no such tool', arguments: {} },
];

test('a tool that fails, in whatever way, is counted as success="false" and told to the model', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  try {
    const source = stdioServer({ callTimeoutMs: 3000 });
    const { messages } = await answerWithTools(source, CALLS);
    const results = messages.flatMap((message) =>
      message.role === 'tool' ? message.results.map(({ output }) => output) : [],
    );
    expect(results).toEqual([
      'hello',
      expect.stringContaining('expected string, received number'),
      '{"error":"there is no such city"}',
      '{"error":"the database is on fire"}',
      '{"error":"it took longer than 3000 ms"}',
      expect.stringContaining('there is no tool of this name'),
    ]);

    await reader.forceFlush();
    const points = exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
      .filter(({ descriptor }) => descriptor.name === 'llm.tool_calls')
      .flatMap(({ dataPoints }) =>
        dataPoints.map(({ attributes, value }) => [
          attributes['tool_name'],
          attributes['success'],
          value,
        ]),
      )
      .filter(([, , value]) => value !== 0);
    expect(points).toHaveLength(6);
    expect(points).toEqual(
      expect.arrayContaining([
        ['echo', 'true', 1],
        ['echo', 'false', 1],
        ['fail', 'false', 1],
        ['throw', 'false', 1],
        ['slow', 'false', 1],
        ['other', 'false', 1],
      ]),
    );
  } finally {
    await provider.shutdown();
    metrics.disable();
  }
});
