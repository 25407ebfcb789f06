import type { Attributes, Histogram, MeterProvider } from '@opentelemetry/api';
import { createNoopMeter, diag, metrics } from '@opentelemetry/api';

import { failureType } from '../errors/failure-type.ts';
import type { LLMRequestFacts } from '../llm/llm-recorder.ts';
import { genAIAttributes } from './gen-ai-names.ts';
import { packageVersion } from './package-version.ts';

/** The meter of the second naming: a view can drop it, and its changes leave the others alone. */
export const GEN_AI_METER_NAME = 'vision_agents.gen_ai';

/** Boundaries that the conventions ask for. */
const SECONDS = Array.from({ length: 14 }, (_, index) => 0.01 * 2 ** index);
const TOKENS = Array.from({ length: 14 }, (_, index) => 4 ** index);

type GenAIMetric = 'operationDuration' | 'timeToFirstChunk' | 'tokenUsage' | 'toolDuration';

/** One histogram of the conventions. */
interface GenAIMetricDefinition {
  readonly name: string;
  readonly unit: 's' | '{token}';
  readonly description: string;
  readonly boundaries: readonly number[];
}

/**
 * The metrics of the GenAI semantic conventions that we have facts for, as commit 004902b of
 * open-telemetry/semantic-conventions-genai names them (status: development; there is no release after
 * they left the general conventions with version 1.42).
 */
export const GEN_AI_METRICS: Readonly<Record<GenAIMetric, GenAIMetricDefinition>> = {
  operationDuration: {
    name: 'gen_ai.client.operation.duration',
    unit: 's',
    description: 'GenAI operation duration',
    boundaries: SECONDS,
  },
  timeToFirstChunk: {
    name: 'gen_ai.client.operation.time_to_first_chunk',
    unit: 's',
    description: 'Request sent to its first chunk',
    boundaries: SECONDS,
  },
  tokenUsage: {
    name: 'gen_ai.client.token.usage',
    unit: '{token}',
    description: 'Number of input and output tokens used',
    boundaries: TOKENS,
  },
  toolDuration: {
    name: 'gen_ai.execute_tool.duration',
    unit: 's',
    description: 'Duration of one tool execution',
    boundaries: SECONDS,
  },
};

/**
 * The figures of one model once more, by the names of the GenAI conventions of OpenTelemetry and in
 * seconds, from the same facts: what is counted under `llm.*` is counted here.
 */
export class GenAIMetrics {
  readonly #attributes: Attributes;

  private constructor(provider: string, model: string) {
    this.#attributes = Object.freeze(genAIAttributes('chat', provider, model));
  }

  /** Undefined unless `OTEL_SEMCONV_STABILITY_OPT_IN` contains `gen_ai_latest_experimental`. */
  static of(provider: string, model: string): GenAIMetrics | undefined {
    const wanted = (process.env['OTEL_SEMCONV_STABILITY_OPT_IN'] ?? '').split(',');
    const isWanted = wanted.some((value) => value.trim() === 'gen_ai_latest_experimental');
    return isWanted ? new GenAIMetrics(provider, model) : undefined;
  }

  /**
   * A request that was cut off or discarded has no duration: how soon somebody lost interest says
   * nothing of the model. Its tokens and its first chunk count.
   */
  request({ latencyMs, timeToFirstTokenMs, durationMs, usage, error }: LLMRequestFacts): void {
    const attributes = this.#attributes;
    if (error !== undefined) {
      const failed = { ...attributes, 'error.type': failureType(error) };
      record('operationDuration', durationMs / 1000, failed);
    } else if (latencyMs !== undefined) {
      record('operationDuration', latencyMs / 1000, attributes);
    }
    if (timeToFirstTokenMs !== undefined) {
      record('timeToFirstChunk', timeToFirstTokenMs / 1000, attributes);
    }
    if (usage !== undefined) {
      record('tokenUsage', usage.inputTokens, { ...attributes, 'gen_ai.token.type': 'input' });
      record('tokenUsage', usage.outputTokens, { ...attributes, 'gen_ai.token.type': 'output' });
    }
  }

  /** @param error what went wrong; undefined where nothing did */
  toolCall(name: string, latencyMs: number, error: unknown): void {
    record('toolDuration', latencyMs / 1000, {
      'gen_ai.tool.name': name,
      'gen_ai.tool.type': 'function',
      ...(error !== undefined && { 'error.type': failureType(error) }),
    });
  }
}

let boundProvider: MeterProvider | undefined;
const instruments = new Map<GenAIMetric, Histogram>();

function record(metric: GenAIMetric, value: number, attributes: Attributes): void {
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) return;
  try {
    instrument(metric)?.record(value, attributes);
  } catch (error) {
    diag.warn('a measurement was lost', error);
  }
}

/** Bound when needed, and again when the provider changes: the metrics API has no proxy. */
function instrument(metric: GenAIMetric): Histogram | undefined {
  const provider = metrics.getMeterProvider();
  if (provider !== boundProvider) {
    boundProvider = provider;
    instruments.clear();
  }
  const known = instruments.get(metric);
  if (known !== undefined) return known;
  const meter = provider.getMeter(GEN_AI_METER_NAME, packageVersion());
  if (meter === createNoopMeter()) return undefined;
  const { name, unit, description, boundaries } = GEN_AI_METRICS[metric];
  const advice = { explicitBucketBoundaries: [...boundaries] };
  const histogram = meter.createHistogram(name, { unit, description, advice });
  instruments.set(metric, histogram);
  return histogram;
}
