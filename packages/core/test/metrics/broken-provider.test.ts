import type { Meter, MeterProvider, MetricOptions } from '@opentelemetry/api';
import { createNoopMeter } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';

import { LLMRecorder } from '../../src/llm/llm-recorder.ts';
import { MetricsCollector } from '../../src/metrics/agent-metrics.ts';
import { Recorder } from '../../src/metrics/recorder.ts';
import { Telemetry, useProvider } from './telemetry.ts';

const noop = createNoopMeter();

function fail(): never {
  throw new Error('broken');
}

/** A meter that is not the API's own no-op one, and works as long as nothing is replaced in it. */
function meter(parts: Partial<Meter>): MeterProvider {
  const make = (name: string, options?: MetricOptions): ReturnType<Meter['createHistogram']> =>
    noop.createHistogram(name, options);
  const whole = {
    createGauge: make,
    createHistogram: make,
    createCounter: noop.createCounter.bind(noop),
    createUpDownCounter: noop.createUpDownCounter.bind(noop),
    createObservableGauge: noop.createObservableGauge.bind(noop),
    createObservableCounter: noop.createObservableCounter.bind(noop),
    createObservableUpDownCounter: noop.createObservableUpDownCounter.bind(noop),
    addBatchObservableCallback: () => undefined,
    removeBatchObservableCallback: () => undefined,
    ...parts,
  };
  return { getMeter: () => whole };
}

let calls = 0;

/** Everything that a call does with a recorder, with labels that were never seen before. */
function record(collector = new MetricsCollector()): void {
  const recorder = new LLMRecorder(`vendor-${(calls += 1)}`, 'm', collector);
  recorder.request({
    outcome: 'completed',
    latencyMs: 1,
    timeToFirstTokenMs: 1,
    usage: { inputTokens: 1, outputTokens: 1 },
    durationMs: 10,
    error: undefined,
  });
  recorder.toolCall('weather', true, 1);
  recorder.recorder.counter('providerConnections').add(1);
  recorder.recorder.counter('realtimeAudioInputBytes').add(1);
}

describe('a provider', () => {
  test.for<readonly [string, MeterProvider]>([
    ['refuses to give a meter', { getMeter: fail }],
    ['cannot make counters', meter({ createCounter: fail })],
    ['cannot make histograms', meter({ createHistogram: fail })],
    ['cannot make observable counters', meter({ createObservableCounter: fail })],
    ['has counters that throw', meter({ createCounter: () => ({ add: fail }) })],
    ['has histograms that throw', meter({ createHistogram: () => ({ record: fail }) })],
  ])('that %s does not reach the caller, nor cost the call its figures', ([, provider]) => {
    useProvider(provider);
    const collector = new MetricsCollector();
    record(collector);
    record(collector);
    expect(collector.metrics.llmLatencyMs.count).toBe(2);
    expect(collector.metrics.llmInputTokens.total).toBe(2);
    expect(collector.metrics.llmToolCalls.total).toBe(2);
  });

  test('that breaks while it is in use does not reach the caller', () => {
    let isBroken = false;
    const breakable = (): void => {
      if (isBroken) fail();
    };
    const makeCounter = (): { add: () => void } => {
      breakable();
      return { add: breakable };
    };
    const makeHistogram = (): { record: () => void } => {
      breakable();
      return { record: breakable };
    };
    useProvider(meter({ createCounter: makeCounter, createHistogram: makeHistogram }));
    record();
    isBroken = true;
    expect(() => record()).not.toThrow();
    expect(() =>
      new Recorder({ provider: 'p', model: 'm' }).histogram('edgeRttMs').record(1),
    ).not.toThrow();
  });

  test('that is broken is forgotten when a working one takes its place', async () => {
    useProvider({ getMeter: fail });
    const underruns = new Recorder({ provider: 'mended' }).counter('edgeAudioUnderruns');
    underruns.add(1);
    const telemetry = new Telemetry();
    useProvider(telemetry.provider);
    underruns.add(1);
    expect(await telemetry.value('edge.audio.underruns', { provider: 'mended' })).toBe(1);
  });
});
