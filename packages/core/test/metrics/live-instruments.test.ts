import { createNoopMeter, metrics } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';

import { LLMRecorder } from '../../src/llm/llm-recorder.ts';
import { MetricsCollector } from '../../src/metrics/agent-metrics.ts';
import { METER_NAME } from '../../src/metrics/live-instruments.ts';
import { Recorder } from '../../src/metrics/recorder.ts';
import { startTelemetry, useProvider } from './telemetry.ts';

describe('instruments', () => {
  test('record when the provider was set before', async () => {
    const telemetry = startTelemetry();
    new Recorder({ provider: 'before', model: 'm' }).histogram('llmLatencyMs').record(120);
    expect(await telemetry.histogram('llm.latency.ms', { provider: 'before' })).toMatchObject({
      count: 1,
      sum: 120,
    });
  });

  test('record when the provider is set after the recorder was made and has recorded', async () => {
    const recorder = new Recorder({ provider: 'after', model: 'm' });
    const latency = recorder.histogram('llmLatencyMs');
    const tokens = recorder.counter('llmInputTokens');
    latency.record(1);
    tokens.add(1);
    const telemetry = startTelemetry();
    latency.record(250);
    tokens.add(7);
    expect(await telemetry.histogram('llm.latency.ms', { provider: 'after' })).toMatchObject({
      count: 1,
      sum: 250,
    });
    expect(await telemetry.value('llm.tokens.input', { provider: 'after' })).toBe(7);
  });

  test('record into the new provider once it is replaced, and only there', async () => {
    const recorder = new Recorder({ provider: 'replaced', model: 'm' });
    const requests = recorder.counter('llmRequests');
    const latency = recorder.histogram('llmLatencyMs');
    const record = (value: number): void => {
      requests.add(value);
      latency.record(value);
    };
    const first = startTelemetry();
    record(1);
    const second = startTelemetry();
    record(2);
    const labels = { provider: 'replaced' };
    expect(await first.value('llm.requests', labels)).toBe(1);
    expect(await second.value('llm.requests', labels)).toBe(2);
    expect((await first.histogram('llm.latency.ms', labels))?.sum).toBe(1);
    expect((await second.histogram('llm.latency.ms', labels))?.sum).toBe(2);
  });

  test('record again after the provider was taken away and set again', async () => {
    const requests = new Recorder({ provider: 'back', model: 'm' }).counter('llmRequests');
    const telemetry = startTelemetry();
    requests.add(1);
    metrics.disable();
    requests.add(1);
    useProvider(telemetry.provider);
    requests.add(1);
    expect(await telemetry.value('llm.requests', { provider: 'back' })).toBe(2);
  });

  test('belong to one meter, which has the name and the version of the package', () => {
    const asked: unknown[] = [];
    useProvider({
      getMeter: (...request: unknown[]) => {
        asked.push(request);
        return createNoopMeter();
      },
    });
    const recorder = new Recorder({ provider: 'meter', model: 'm' });
    recorder.counter('llmRequests').add(1);
    recorder.histogram('llmLatencyMs').record(1);
    expect(METER_NAME).toBe('vision_agents');
    expect(asked).toEqual([['vision_agents', expect.stringMatching(/^\d+\.\d+\.\d+/)]]);
  });

  test('have the advised boundaries, so that a limit of 2,000 ms can be asked for', async () => {
    const telemetry = startTelemetry();
    const recorder = new Recorder({ provider: 'bounds', model: 'm' });
    recorder.histogram('llmLatencyMs').record(1999);
    recorder.histogram('llmLatencyMs').record(2032);
    recorder.histogram('sttLatencyMs').record(80);
    const llm = await telemetry.histogram('llm.latency.ms', { provider: 'bounds' });
    expect(llm?.buckets.boundaries).toEqual([
      50, 100, 150, 200, 300, 400, 500, 750, 1000, 1250, 1500, 1750, 2000, 2500, 3000, 4000, 5000,
      7500, 10000, 30000,
    ]);
    expect(llm?.buckets.counts.slice(12, 14)).toEqual([1, 1]);
    const stt = await telemetry.histogram('stt.latency.ms', { provider: 'bounds' });
    expect(stt?.buckets.boundaries.slice(0, 5)).toEqual([10, 25, 50, 75, 100]);
  });

  test('carry the units and descriptions of the catalogue', async () => {
    const telemetry = startTelemetry();
    const recorder = new Recorder({ provider: 'units', model: 'm' });
    recorder.histogram('llmLatencyMs').record(1);
    recorder.counter('llmInputTokens').add(1);
    recorder.counter('realtimeAudioInputBytes').add(1);
    const collected = await telemetry.collect();
    expect(collected.get('llm.latency.ms')?.descriptor.unit).toBe('ms');
    expect(collected.get('llm.tokens.input')?.descriptor.unit).toBe('1');
    expect(collected.get('realtime.audio.input.bytes')?.descriptor.unit).toBe('By');
    expect(collected.get('llm.latency.ms')?.descriptor.description).toMatch(/LLM request/);
  });
});

describe('gauges and batched counters', () => {
  test('are right though the provider came late', async () => {
    const open = new Recorder({ provider: 'late-gauge' }).counter('providerConnections');
    const bytes = new Recorder({ provider: 'late-gauge', model: 'm' }).counter(
      'realtimeAudioInputBytes',
    );
    open.add(1);
    open.add(1);
    bytes.add(640);
    const telemetry = startTelemetry();
    open.add(-1);
    bytes.add(640);
    const labels = { provider: 'late-gauge' };
    expect(await telemetry.value('provider.connections', labels)).toBe(1);
    expect(await telemetry.value('realtime.audio.input.bytes', labels)).toBe(1280);
  });

  test('go on from where they were when the provider is replaced, once anything is recorded', async () => {
    const open = new Recorder({ provider: 'moved-gauge' }).counter('providerConnections');
    startTelemetry();
    open.add(3);
    const second = startTelemetry();
    new Recorder({ provider: 'another' }).histogram('llmLatencyMs').record(1);
    expect(await second.value('provider.connections', { provider: 'moved-gauge' })).toBe(3);
    open.add(-3);
    expect(await second.value('provider.connections', { provider: 'moved-gauge' })).toBe(0);
  });

  test('are read at each collection, without loss between two', async () => {
    const telemetry = startTelemetry();
    const dropped = new Recorder({ provider: 'chunks' }).counter('edgeAudioDroppedMs');
    for (let chunk = 0; chunk < 1000; chunk++) dropped.add(0.5);
    expect(await telemetry.value('edge.audio.dropped.ms', { provider: 'chunks' })).toBe(500);
    for (let chunk = 0; chunk < 1000; chunk++) dropped.add(0.25);
    expect(await telemetry.value('edge.audio.dropped.ms', { provider: 'chunks' })).toBe(750);
  });

  test('add up over all calls of a series', async () => {
    const telemetry = startTelemetry();
    const recorders = Array.from(
      { length: 3 },
      () => new Recorder({ provider: 'shared-gauge' }, new MetricsCollector()),
    );
    for (const recorder of recorders) recorder.counter('providerConnections').add(1);
    recorders[0]?.counter('providerConnections').add(-1);
    expect(await telemetry.value('provider.connections', { provider: 'shared-gauge' })).toBe(2);
  });

  test('are a sum that may fall and a sum that may not', async () => {
    const telemetry = startTelemetry();
    const recorder = new Recorder({ provider: 'kinds', model: 'm' });
    recorder.counter('providerConnections').add(1);
    recorder.counter('realtimeAudioInputBytes').add(1);
    const collected = await telemetry.collect();
    expect(collected.get('provider.connections')).toMatchObject({ isMonotonic: false });
    expect(collected.get('realtime.audio.input.bytes')).toMatchObject({ isMonotonic: true });
  });
});

/** One call with one answer. */
function call(): void {
  const recorder = new LLMRecorder('many', 'm', new MetricsCollector());
  recorder.request({
    outcome: 'completed',
    latencyMs: 10,
    timeToFirstTokenMs: 5,
    usage: { inputTokens: 1, outputTokens: 1 },
    durationMs: 10,
    error: undefined,
  });
  recorder.toolCall('weather', true, 3);
  recorder.recorder.counter('providerConnections').add(1);
}

test('a thousand calls make no more series than one', async () => {
  const telemetry = startTelemetry();
  const series = async (): Promise<number> => {
    const collected = [...(await telemetry.collect()).values()];
    return collected.reduce((sum, metric) => sum + metric.dataPoints.length, 0);
  };
  call();
  const afterOne = await series();
  for (let index = 1; index < 1000; index++) call();
  expect(afterOne).toBeGreaterThan(10);
  expect(await series()).toBe(afterOne);
  expect(await telemetry.value('llm.requests', { provider: 'many' })).toBe(1000);
});
