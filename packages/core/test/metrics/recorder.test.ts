import { describe, expect, test } from 'vitest';

import { ProviderError } from '../../src/errors/provider-error.ts';
import { MetricsCollector } from '../../src/metrics/agent-metrics.ts';
import { Recorder } from '../../src/metrics/recorder.ts';
import { startTelemetry } from './telemetry.ts';

const REFUSED = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1];

describe('a recorder', () => {
  test('refuses what is no measurement, for the exporter and for the call alike', async () => {
    const telemetry = startTelemetry();
    const collector = new MetricsCollector();
    const recorder = new Recorder({ provider: 'refusing', model: 'm' }, collector);
    for (const value of [...REFUSED, 3]) {
      recorder.histogram('llmLatencyMs').record(value);
      recorder.counter('llmInputTokens').add(value);
      recorder.counter('realtimeAudioInputBytes').add(value);
    }
    const labels = { provider: 'refusing' };
    expect(await telemetry.histogram('llm.latency.ms', labels)).toMatchObject({ count: 1, sum: 3 });
    expect(await telemetry.value('llm.tokens.input', labels)).toBe(3);
    expect(await telemetry.value('realtime.audio.input.bytes', labels)).toBe(3);
    expect(collector.metrics.llmLatencyMs).toMatchObject({ count: 1, sum: 3, min: 3, max: 3 });
    expect(collector.metrics.llmInputTokens.total).toBe(3);
    expect(collector.metrics.realtimeAudioInputBytes.total).toBe(3);
  });

  test('lets gauges fall, but not by what is no number', async () => {
    const telemetry = startTelemetry();
    const open = new Recorder({ provider: 'falling' }).counter('providerConnections');
    open.add(2);
    open.add(-1);
    for (const value of REFUSED.slice(0, 3)) open.add(value);
    expect(await telemetry.value('provider.connections', { provider: 'falling' })).toBe(1);
  });

  test('keeps one object a series', () => {
    const recorder = new Recorder({ provider: 'p', model: 'm' });
    const labels = { outcome: 'completed' };
    expect(recorder.counter('llmRequests', labels)).toBe(
      recorder.counter('llmRequests', { ...labels }),
    );
    expect(recorder.counter('llmRequests', { outcome: 'error' })).not.toBe(
      recorder.counter('llmRequests', labels),
    );
    expect(recorder.histogram('llmLatencyMs')).toBe(recorder.histogram('llmLatencyMs'));
  });

  test('feeds exporter and call with the same numbers', async () => {
    const telemetry = startTelemetry();
    const collector = new MetricsCollector();
    const recorder = new Recorder({ provider: 'same', model: 'm' }, collector);
    for (const value of [12, 700.5, 2032]) recorder.histogram('llmLatencyMs').record(value);
    const exported = await telemetry.histogram('llm.latency.ms', { provider: 'same' });
    const { count, sum, min, max } = collector.metrics.llmLatencyMs;
    expect(exported).toMatchObject({ count, sum, min, max });
  });
});

function failure(code?: string, provider = 'failing'): ProviderError {
  return new ProviderError({ provider, type: 'rate_limit', code, message: 'too many requests' });
}

describe('errors', () => {
  test('are counted under their type and the code of the provider', async () => {
    const telemetry = startTelemetry();
    const recorder = new Recorder({ provider: 'failing', model: 'm' });
    recorder.countError('llmErrors', failure('429'));
    recorder.countError('llmErrors', failure('429'));
    recorder.countError('llmErrors', failure());
    const labels = { provider: 'failing', model: 'm', error_type: 'rate_limit' };
    const samples = await telemetry.samples('llm.errors', labels);
    expect(samples).toHaveLength(2);
    expect(samples).toContainEqual(
      expect.objectContaining({ attributes: { ...labels, error_code: '429' }, value: 2 }),
    );
    expect(samples).toContainEqual(expect.objectContaining({ attributes: labels, value: 1 }));
  });

  test('have codes of at most 64 characters', async () => {
    const telemetry = startTelemetry();
    new Recorder({ provider: 'wordy', model: 'm' }).countError(
      'ttsErrors',
      failure('x'.repeat(1000), 'wordy'),
    );
    const [sample] = await telemetry.samples('tts.errors', { provider: 'wordy' });
    expect(sample?.attributes['error_code']).toBe('x'.repeat(64));
  });

  test('have at most 50 codes a provider, over all calls; the rest is other', async () => {
    const telemetry = startTelemetry();
    for (let code = 0; code < 1000; code++) {
      const recorder = new Recorder({ provider: 'talkative', model: 'm' }, new MetricsCollector());
      recorder.countError('sttErrors', failure(`id-${code}`, 'talkative'));
    }
    const labels = { provider: 'talkative' };
    expect(await telemetry.samples('stt.errors', labels)).toHaveLength(51);
    expect(await telemetry.value('stt.errors', { ...labels, error_code: 'other' })).toBe(950);
    expect(await telemetry.value('stt.errors', { ...labels, error_code: 'id-49' })).toBe(1);
  });

  test('keep the codes that are known from the start apart, however many others there were', async () => {
    const telemetry = startTelemetry();
    const recorder = new Recorder({ provider: 'flooded', model: 'm' });
    for (let code = 0; code < 100; code++) {
      recorder.countError('sttErrors', failure(`id-${code}`, 'flooded'));
    }
    recorder.countError('sttErrors', failure('429', 'flooded'));
    const labels = { provider: 'flooded', error_code: '429' };
    expect(await telemetry.value('stt.errors', labels)).toBe(1);
  });

  test('of one provider leave the codes of another alone', async () => {
    const telemetry = startTelemetry();
    const recorder = new Recorder({ provider: 'quiet', model: 'm' });
    recorder.countError('sttErrors', failure('E1', 'quiet'));
    const labels = { provider: 'quiet', error_code: 'E1' };
    expect(await telemetry.value('stt.errors', labels)).toBe(1);
  });
});
