import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InterruptedError } from '@vision-agents/core';
import { startSandbox } from '@vision-agents/sandbox';
import { beforeAll, expect, test } from 'vitest';

import { ChatCompletionsLLM, LLM, STT, TTS } from '../src/index.ts';
import { endsTurn, readUntil, utterance, write } from './caller.ts';
import { ask, collect, failure } from './collect.ts';
import { failureOf, speakAll } from './hearing.ts';

// The SDK is slow to load; a test that times out for it would say nothing.
beforeAll(() => import('openai'), 60_000);

interface Point {
  readonly name: string;
  readonly attributes: object;
  readonly value: unknown;
}

test('OpenTelemetry gets provider, model, outcome, error type and code', async () => {
  await using sandbox = await startSandbox({
    delays: { firstTokenMs: 5, completeMs: 30, firstAudioMs: 5, lastAudioMs: 10 },
  });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  try {
    const service = { apiKey: 'k', baseUrl: sandbox.openaiUrl };
    const llm = new LLM({ ...service, model: 'gpt-5.4' });
    await collect(llm.respond(ask('Hello')));
    const counts = { ...sandbox.truth().counts };
    sandbox.inject({ provider: 'openai', fault: 'status-503', times: 1 });
    await failure(llm.respond(ask('Are you there?')));
    const call = new AbortController();
    const unwanted = collect(llm.respond(ask('Never mind'), { signal: call.signal }));
    call.abort(new InterruptedError('discarded'));
    await expect(unwanted).rejects.toBeInstanceOf(InterruptedError);
    await collect(
      new ChatCompletionsLLM({ ...service, provider: 'vllm', model: 'llama' }).respond(ask('Hi')),
    );
    const stream = await new TTS(service).open();
    await speakAll(stream, 'Hello.');
    sandbox.inject({ provider: 'openai', fault: 'speech-429', times: 1 });
    await failureOf(speakAll(stream, 'Hello?'));
    await stream.close();
    const stt = new STT(service);
    const ears = await stt.open();
    write(ears, utterance('hello', 800));
    await readUntil(ears[Symbol.asyncIterator](), endsTurn);
    await ears.close();
    sandbox.inject({ provider: 'openai-transcription', fault: 'handshake-401', times: 1 });
    await failureOf(stt.open());
    await reader.forceFlush();

    const points: Point[] = exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
      .flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => ({ name: descriptor.name, attributes, value })),
      );
    const lit = (name: string, labels: object): Point[] =>
      points.filter(
        (point) =>
          point.name === name &&
          point.value !== 0 &&
          Object.entries(labels).every(
            ([key, value]) => Reflect.get(point.attributes, key) === value,
          ),
      );
    const model = { provider: 'openai', model: 'gpt-5.4' };
    expect(lit('llm.errors', model)).toMatchObject([
      { attributes: { ...model, error_type: 'unavailable', error_code: '503' }, value: 1 },
    ]);
    expect(lit('llm.requests', model)).toMatchObject(
      ['completed', 'error', 'discarded'].map((outcome) => ({
        attributes: { ...model, outcome },
        value: 1,
      })),
    );
    for (const name of ['llm.tokens.input', 'llm.tokens.output', 'llm.tokens.output.reasoning']) {
      expect(lit(name, model)).toMatchObject([{ attributes: model, value: counts[name] }]);
    }
    const local = { provider: 'vllm', model: 'llama' };
    expect(lit('llm.requests', local)).toMatchObject([{ attributes: local, value: 1 }]);
    expect(lit('llm.time_to_first_token.ms', local)).toMatchObject([{ value: { count: 1 } }]);
    const voice = { provider: 'openai', model: 'gpt-4o-mini-tts' };
    expect(lit('tts.characters', voice)).toMatchObject([{ value: 12 }]);
    expect(lit('tts.errors', voice)).toMatchObject([
      { attributes: { ...voice, error_type: 'rate_limit', error_code: '429' }, value: 1 },
    ]);
    const ear = { provider: 'openai', model: 'gpt-4o-mini-transcribe' };
    expect(lit('stt.transcripts', ear)).toMatchObject([{ attributes: ear, value: 1 }]);
    expect(lit('stt.latency.ms', ear)).toMatchObject([{ value: { count: 1 } }]);
    expect(lit('stt.errors', ear)).toMatchObject([
      { attributes: { ...ear, error_type: 'authentication', error_code: '401' }, value: 1 },
    ]);
  } finally {
    await provider.shutdown();
    metrics.disable();
  }
});
