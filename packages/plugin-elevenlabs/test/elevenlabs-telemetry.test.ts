import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { startSandbox } from '@vision-agents/sandbox';
import { afterAll, expect, test } from 'vitest';

import { STT, TTS } from '../src/index.ts';
import { endsTurn, readUntil, utterance, write } from './caller.ts';
import { failureOf, speakAll } from './hearing.ts';

const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter });
const provider = new MeterProvider({ readers: [reader] });

afterAll(() => provider.shutdown());

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

test('OpenTelemetry gets the figures of the voice with their labels', async () => {
  metrics.setGlobalMeterProvider(provider);
  await using sandbox = await startSandbox({ delays: { firstAudioMs: 20, lastAudioMs: 40 } });
  const tts = new TTS({ apiKey: 'test-key', baseUrl: sandbox.elevenlabsUrl });
  const stream = await tts.open();
  await speakAll(stream, 'Hello.');
  await stream.close();
  sandbox.inject({ provider: 'elevenlabs', fault: 'handshake-401', times: 1 });
  await failureOf(tts.open());

  const exported = await points();
  const labels = { provider: 'elevenlabs', model: 'eleven_flash_v2_5' };
  expect(exported.get('tts.characters')).toMatchObject([{ attributes: labels, value: 6 }]);
  expect(exported.get('tts.requests')).toMatchObject([
    { attributes: { ...labels, outcome: 'completed' }, value: 1 },
  ]);
  expect(exported.get('tts.time_to_first_audio.ms')).toMatchObject([
    { attributes: labels, value: { count: 1 } },
  ]);
  const failures = exported.get('tts.errors')?.filter(({ value }) => value !== 0);
  expect(failures).toMatchObject([
    { attributes: { ...labels, error_type: 'authentication', error_code: '401' }, value: 1 },
  ]);
});

test('OpenTelemetry gets the figures of what was heard with their labels', async () => {
  metrics.setGlobalMeterProvider(provider);
  await using sandbox = await startSandbox();
  const stt = new STT({ apiKey: 'test-key', baseUrl: sandbox.elevenlabsUrl });
  const stream = await stt.open();
  write(stream, utterance('hello', 700));
  await readUntil(stream[Symbol.asyncIterator](), endsTurn);
  await stream.close();
  sandbox.inject({ provider: 'elevenlabs', fault: 'scribe-handshake-401', times: 1 });
  await failureOf(stt.open());

  const exported = await points();
  const labels = { provider: 'elevenlabs', model: 'scribe_v2_realtime' };
  expect(exported.get('stt.transcripts')).toMatchObject([{ attributes: labels, value: 1 }]);
  expect(exported.get('stt.latency.ms')).toMatchObject([
    { attributes: labels, value: { count: 1 } },
  ]);
  const failures = exported.get('stt.errors')?.filter(({ value }) => value !== 0);
  expect(failures).toMatchObject([
    { attributes: { ...labels, error_type: 'authentication', error_code: '401' }, value: 1 },
  ]);
});
