import type { Attributes } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';

import { ProviderError } from '../../src/errors/provider-error.ts';
import { LLMRecorder } from '../../src/llm/llm-recorder.ts';
import { Recorder } from '../../src/metrics/recorder.ts';
import { STTRecorder } from '../../src/stt/stt-recorder.ts';
import { TTSRecorder } from '../../src/tts/tts-recorder.ts';
import type { Sample } from './telemetry.ts';
import { startTelemetry } from './telemetry.ts';

/** What must be there before anything fails: every type, and the codes that are common. */
const EXPECTED: readonly Attributes[] = [
  { error_type: 'authentication' },
  { error_type: 'authentication', error_code: '401' },
  { error_type: 'authentication', error_code: '403' },
  { error_type: 'rate_limit' },
  { error_type: 'rate_limit', error_code: '429' },
  { error_type: 'quota' },
  { error_type: 'timeout' },
  { error_type: 'network' },
  { error_type: 'bad_request' },
  { error_type: 'bad_request', error_code: '400' },
  { error_type: 'bad_request', error_code: '404' },
  { error_type: 'bad_request', error_code: '422' },
  { error_type: 'unavailable' },
  { error_type: 'unavailable', error_code: '500' },
  { error_type: 'unavailable', error_code: '503' },
  { error_type: 'protocol' },
  { error_type: 'aborted_by_provider' },
  { error_type: 'unknown' },
];

function nameOf(attributes: Attributes): string {
  return JSON.stringify(Object.entries(attributes).toSorted(([a], [b]) => a.localeCompare(b)));
}

function byLabels(samples: readonly Sample[]): Map<string, unknown> {
  return new Map(samples.map(({ attributes, value }) => [nameOf(attributes), value]));
}

function zeroSeries(provider: string): Map<string, unknown> {
  return byLabels(
    EXPECTED.map((labels) => ({ attributes: { provider, model: 'm', ...labels }, value: 0 })),
  );
}

describe('error series', () => {
  test.for([
    ['llm.errors', (provider: string) => new LLMRecorder(provider, 'm')],
    ['stt.errors', (provider: string) => new STTRecorder(provider, 'm')],
    ['tts.errors', (provider: string) => new TTSRecorder(provider, 'm')],
  ] as const)('of %s stand at 0 as soon as a component is opened', async ([name, open]) => {
    const telemetry = startTelemetry();
    open('opened');
    const samples = await telemetry.samples(name, { provider: 'opened' });
    expect(byLabels(samples)).toEqual(zeroSeries('opened'));
  });

  test('stand at 0 also when the provider is set after the component was opened', async () => {
    const recorder = new TTSRecorder('opened-before', 'm');
    const telemetry = startTelemetry();
    recorder.recorder.counter('ttsCharacters').add(1);
    const samples = await telemetry.samples('tts.errors', { provider: 'opened-before' });
    expect(byLabels(samples)).toEqual(zeroSeries('opened-before'));
  });

  test('stand at 0 in a provider that takes the place of another', async () => {
    startTelemetry();
    const recorder = new STTRecorder('moved', 'm');
    recorder.error(ProviderError.fromStatus('moved', 429));
    const second = startTelemetry();
    recorder.audioSent(20);
    recorder.closed();
    const samples = await second.samples('stt.errors', { provider: 'moved' });
    expect(byLabels(samples)).toEqual(zeroSeries('moved'));
  });

  test('go from 0 to 1 with the first error, in the series that was there', async () => {
    const telemetry = startTelemetry();
    const recorder = new LLMRecorder('first-error', 'm');
    const before = (await telemetry.samples('llm.errors', { provider: 'first-error' })).length;
    recorder.error(ProviderError.fromStatus('first-error', 503));
    recorder.error(
      new ProviderError({ provider: 'first-error', type: 'timeout', message: 'no first event' }),
    );
    const samples = await telemetry.samples('llm.errors', { provider: 'first-error' });
    expect(samples).toHaveLength(before);
    expect(samples.filter(({ value }) => value === 1)).toHaveLength(2);
  });

  test('are opened once, however many calls open the component', async () => {
    const telemetry = startTelemetry();
    const calls = Array.from({ length: 100 }, () => new LLMRecorder('reopened', 'm'));
    expect(calls).toHaveLength(100);
    expect(await telemetry.samples('llm.errors', { provider: 'reopened' })).toHaveLength(
      EXPECTED.length,
    );
  });

  test('of another model are series of their own', async () => {
    const telemetry = startTelemetry();
    for (const model of ['small', 'large']) {
      new Recorder({ provider: 'models', model }).openErrors('realtimeErrors');
    }
    const large = await telemetry.samples('realtime.errors', {
      provider: 'models',
      model: 'large',
    });
    expect(large).toHaveLength(EXPECTED.length);
  });
});
