import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InterruptedError } from '@vision-agents/core';
import { startSandbox } from '@vision-agents/sandbox';
import { expect, test } from 'vitest';

import { LLM } from '../src/index.ts';
import { ask, collect, failure } from './collect.ts';

test('reaches OpenTelemetry with provider, model, outcome, error type and code', async () => {
  await using sandbox = await startSandbox({ delays: { firstTokenMs: 5, completeMs: 30 } });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  try {
    const llm = new LLM({ apiKey: 'k', baseUrl: sandbox.geminiUrl, model: 'gemini-2.5-flash' });
    await collect(llm.respond(ask('Hello')));
    sandbox.inject({ provider: 'gemini', fault: 'status-503', times: 1 });
    await failure(llm.respond(ask('Are you there?')));
    const call = new AbortController();
    const unwanted = collect(llm.respond(ask('Never mind'), { signal: call.signal }));
    call.abort(new InterruptedError('discarded'));
    await expect(unwanted).rejects.toBeInstanceOf(InterruptedError);
    await reader.forceFlush();

    const points = exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
      .flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => ({ name: descriptor.name, attributes, value })),
      );
    const labels = { provider: 'gemini', model: 'gemini-2.5-flash' };
    const { counts } = sandbox.truth();
    const counter = (name: string): object[] =>
      points.filter((point) => point.name === name && point.value !== 0);
    expect(counter('llm.errors')).toEqual([
      {
        name: 'llm.errors',
        attributes: { ...labels, error_type: 'unavailable', error_code: '503' },
        value: 1,
      },
    ]);
    expect(counter('llm.requests')).toEqual(
      ['completed', 'error', 'discarded'].map((outcome) => ({
        name: 'llm.requests',
        attributes: { ...labels, outcome },
        value: 1,
      })),
    );
    for (const name of ['llm.tokens.input', 'llm.tokens.output', 'llm.tokens.output.reasoning']) {
      expect(counter(name)).toEqual([{ name, attributes: labels, value: counts[name] }]);
    }
    for (const name of ['llm.latency.ms', 'llm.time_to_first_token.ms']) {
      expect(counter(name)).toMatchObject([{ attributes: labels, value: { count: 1 } }]);
    }
  } finally {
    await provider.shutdown();
    metrics.disable();
  }
});
