/**
 * Measures what recording one answer of a language model costs and prints the figures as JSON.
 * A program of its own, started by `recording.bench.ts` with the part to measure: vitest rewrites imports
 * into property look-ups, which would be measured too, and the flags of V8 differ from part to part.
 */
import type { Attributes } from '@opentelemetry/api';
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';

import type { LLMRequestFacts } from '../src/llm/llm-recorder.ts';
import { LLMRecorder } from '../src/llm/llm-recorder.ts';
import { MetricsCollector } from '../src/metrics/agent-metrics.ts';

const CALLS = 1_000_000;
/** With the SDK a call takes some microseconds: fewer are as exact. */
const SDK_CALLS = 50_000;
const REPETITIONS = 15;

const FACTS: readonly LLMRequestFacts[] = Array.from({ length: 8 }, (_, index) => ({
  outcome: 'completed',
  latencyMs: 700.25 + 113.5 * index,
  timeToFirstTokenMs: 210.75 + 17.125 * index,
  usage: {
    inputTokens: 800 + index,
    outputTokens: 60 + index,
    cachedInputTokens: 512,
    reasoningTokens: index,
  },
  durationMs: 700.25 + 113.5 * index,
  error: undefined,
}));

const recorder = new LLMRecorder('bench', 'bench-1', new MetricsCollector());

function empty(_facts: LLMRequestFacts | undefined): void {}

function emptyCalls(calls: number): void {
  for (let call = 0; call < calls; call++) empty(FACTS[call & 7]);
}

function recordings(calls: number): void {
  for (let call = 0; call < calls; call++) recorder.request(FACTS[call & 7]!);
}

/** The same seven calls of OpenTelemetry, made by hand as tightly as they can be. */
function bareCalls(): (calls: number) => void {
  const meter = metrics.getMeter('bare');
  const latency = meter.createHistogram('latency');
  const firstToken = meter.createHistogram('first_token');
  const [requests, input, output, cached, reasoning] = [
    meter.createCounter('requests'),
    meter.createCounter('input'),
    meter.createCounter('output'),
    meter.createCounter('cached'),
    meter.createCounter('reasoning'),
  ];
  const labels: Attributes = Object.freeze({ provider: 'bench', model: 'bench-1' });
  const completed: Attributes = Object.freeze({ ...labels, outcome: 'completed' });
  return (calls) => {
    for (let call = 0; call < calls; call++) {
      const { latencyMs, timeToFirstTokenMs, usage } = FACTS[call & 7]!;
      requests.add(1, completed);
      latency.record(latencyMs ?? 0, labels);
      firstToken.record(timeToFirstTokenMs ?? 0, labels);
      input.add(usage?.inputTokens ?? 0, labels);
      output.add(usage?.outputTokens ?? 0, labels);
      cached.add(usage?.cachedInputTokens ?? 0, labels);
      reasoning.add(usage?.reasoningTokens ?? 0, labels);
    }
  };
}

/** Nanoseconds a call, the best of several rounds that alternate: the machine is not ours alone. */
function bestOf(calls: number, loops: readonly ((calls: number) => void)[]): number[] {
  const best = loops.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < REPETITIONS; round++) {
    for (const [index, loop] of loops.entries()) {
      const startedAtMs = performance.now();
      loop(calls);
      const elapsedNs = ((performance.now() - startedAtMs) * 1e6) / calls;
      best[index] = Math.min(best[index] ?? elapsedNs, elapsedNs);
    }
  }
  return best;
}

/** Bytes a call that are still there after a collection. */
function keptBytes(): number {
  const collectGarbage = globalThis.gc;
  if (collectGarbage === undefined) throw new Error('run with --expose-gc');
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  recordings(CALLS);
  collectGarbage();
  return (process.memoryUsage().heapUsed - before) / CALLS;
}

function withoutProvider(): object {
  const [noProviderNs] = bestOf(CALLS, [recordings]);
  return { noProviderNs, keptBytes: keptBytes() };
}

async function withSdk(): Promise<object> {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  const [bareNs, sdkNs] = bestOf(SDK_CALLS, [bareCalls(), recordings]);
  await provider.shutdown();
  return { bareNs, sdkNs };
}

const PARTS: Readonly<Record<string, () => object | Promise<object>>> = {
  empty: () => ({ emptyNs: bestOf(CALLS, [emptyCalls])[0] }),
  'no-provider': withoutProvider,
  sdk: withSdk,
};

const measure = PARTS[process.argv[2] ?? ''];
if (measure === undefined) throw new TypeError(`say which part: ${Object.keys(PARTS).join(', ')}`);
process.stdout.write(JSON.stringify(await measure()));
