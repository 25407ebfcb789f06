import { describe, expect, test } from 'vitest';

import type { AgentMetrics } from '../../src/metrics/agent-metrics.ts';
import { agentMetricsFrom, MetricsCollector } from '../../src/metrics/agent-metrics.ts';
import type { MetricKey } from '../../src/metrics/catalogue.ts';
import { isHistogramKey, METRIC_KEYS } from '../../src/metrics/catalogue.ts';
import { Recorder } from '../../src/metrics/recorder.ts';
import { throughJson } from './json.ts';

/** A call in which everything of the catalogue happened, each with a number of its own. */
function fullCall(): AgentMetrics {
  const collector = new MetricsCollector();
  const recorder = new Recorder({ provider: 'p', model: 'm' }, collector);
  for (const [index, key] of METRIC_KEYS.entries()) {
    if (isHistogramKey(key)) recorder.histogram(key).record(index + 0.25);
    else recorder.counter(key).add(index + 1);
  }
  return collector.metrics;
}

/** The count of a histogram, the total of anything else. */
function measured(metrics: AgentMetrics, key: MetricKey): number {
  return isHistogramKey(key) ? metrics[key].count : metrics[key].total;
}

describe('the figures of a call', () => {
  test('have a field for every metric, at nothing from the start', () => {
    const { metrics } = new MetricsCollector();
    expect(METRIC_KEYS.map((key) => measured(metrics, key))).toEqual(METRIC_KEYS.map(() => 0));
    expect(metrics.toJSON()).toEqual({});
  });

  test('are there without any meter provider, and move with each recording', () => {
    const collector = new MetricsCollector();
    const { metrics } = collector;
    const recorder = new Recorder({ provider: 'p', model: 'm' }, collector);
    recorder.histogram('llmLatencyMs').record(100);
    recorder.histogram('llmLatencyMs').record(300);
    recorder.counter('llmInputTokens').add(12);
    expect(metrics.llmLatencyMs.average).toBe(200);
    expect(metrics.llmInputTokens.total).toBe(12);
  });

  test('gather all series of a metric', () => {
    const collector = new MetricsCollector();
    new Recorder({ provider: 'a' }, collector).counter('llmRequests', { outcome: 'error' }).add(1);
    new Recorder({ provider: 'b' }, collector)
      .counter('llmRequests', { outcome: 'completed' })
      .add(1);
    expect(collector.metrics.llmRequests.total).toBe(2);
  });

  test('never mix with those of another call', () => {
    const first = new MetricsCollector();
    const second = new MetricsCollector();
    const labels = { provider: 'p', model: 'm' };
    new Recorder(labels, first).histogram('ttsLatencyMs').record(5);
    new Recorder(labels, second).counter('ttsCharacters').add(9);
    new Recorder(labels).counter('ttsCharacters').add(1000);
    expect(first.metrics.toJSON()).toEqual({ ttsLatencyMs: first.metrics.ttsLatencyMs.toJSON() });
    expect(second.metrics.toJSON()).toEqual({ ttsCharacters: { total: 9 } });
  });

  test('survive JSON without loss, every metric of the catalogue', () => {
    const call = fullCall();
    const read = agentMetricsFrom(throughJson(call.toJSON()));
    expect(Object.keys(call.toJSON()).toSorted()).toEqual(METRIC_KEYS.toSorted());
    expect(read.toJSON()).toEqual(call.toJSON());
    expect(read.llmLatencyMs.p95).toBe(call.llmLatencyMs.p95);
  });

  test('merge with those of another call, live or read from JSON', () => {
    const sum = new MetricsCollector().metrics;
    sum.merge(fullCall());
    sum.merge(fullCall().toJSON());
    const one = fullCall();
    const twice = METRIC_KEYS.map((key) => [key, measured(one, key) * 2]);
    expect(METRIC_KEYS.map((key) => [key, measured(sum, key)])).toEqual(twice);
  });

  test('leave those that they were merged into others from as they were', () => {
    const call = fullCall();
    const before = call.toJSON();
    agentMetricsFrom(call.toJSON()).merge(call);
    expect(call.toJSON()).toEqual(before);
  });

  test('keep gauges where they stand', () => {
    const collector = new MetricsCollector();
    const open = new Recorder({ provider: 'p' }, collector).counter('providerConnections');
    open.add(1);
    open.add(1);
    open.add(-1);
    expect(collector.metrics.providerConnections.total).toBe(1);
  });
});
