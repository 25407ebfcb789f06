import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { ProviderError } from '@vision-agents/core';
import { startSandbox } from '@vision-agents/sandbox';
import { afterEach, expect, test } from 'vitest';

import { STT, TTS } from '../src/index.ts';
import { endsTurn, readUntil, utterance, write } from './caller.ts';
import { failureOf, speakAll } from './hearing.ts';

const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter });
const provider = new MeterProvider({ readers: [reader] });

afterEach(() => provider.shutdown());

interface Point {
  readonly attributes: object;
  readonly value: unknown;
}

async function points(): Promise<Map<string, readonly Point[]>> {
  await provider.forceFlush();
  const [latest] = exporter.getMetrics().slice(-1);
  const exported = latest?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
  return new Map(exported.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints]));
}

test('OpenTelemetry gets the figures with their labels', async () => {
  metrics.setGlobalMeterProvider(provider);
  await using sandbox = await startSandbox();
  const stt = new STT({ apiKey: 'test-key', baseUrl: sandbox.deepgramUrl });
  const stream = await stt.open();
  write(stream, utterance('hello'));
  await readUntil(stream[Symbol.asyncIterator](), endsTurn);
  await stream.close();
  sandbox.inject({ provider: 'deepgram', fault: 'handshake-401', times: 1 });
  await expect(stt.open()).rejects.toBeInstanceOf(ProviderError);
  const tts = new TTS({ apiKey: 'test-key', baseUrl: sandbox.deepgramUrl });
  const voice = await tts.open();
  await speakAll(voice, 'Hello.');
  await voice.close();
  sandbox.inject({ provider: 'deepgram', fault: 'speak-handshake-429', times: 1 });
  await failureOf(tts.open());

  const exported = await points();
  const labels = { provider: 'deepgram', model: 'flux-general-en' };
  expect(exported.get('stt.transcripts')).toMatchObject([{ attributes: labels, value: 1 }]);
  expect(exported.get('stt.latency.ms')).toMatchObject([
    { attributes: labels, value: { count: 1 } },
  ]);
  const failures = exported.get('stt.errors')?.filter(({ value }) => value !== 0);
  expect(failures).toMatchObject([
    { attributes: { ...labels, error_type: 'authentication', error_code: '401' }, value: 1 },
  ]);

  const voiceLabels = { provider: 'deepgram', model: 'flux-haley-en' };
  expect(exported.get('tts.characters')).toMatchObject([{ attributes: voiceLabels, value: 6 }]);
  expect(exported.get('tts.requests')).toMatchObject([
    { attributes: { ...voiceLabels, outcome: 'completed' }, value: 1 },
  ]);
  expect(exported.get('tts.time_to_first_audio.ms')).toMatchObject([
    { attributes: voiceLabels, value: { count: 1 } },
  ]);
  const refusals = exported.get('tts.errors')?.filter(({ value }) => value !== 0);
  expect(refusals).toMatchObject([
    { attributes: { ...voiceLabels, error_type: 'rate_limit', error_code: '429' }, value: 1 },
  ]);
});
