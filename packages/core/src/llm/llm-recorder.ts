import type { ProviderError } from '../errors/provider-error.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import type { Outcome } from '../metrics/attributes.ts';
import { GenAIMetrics } from '../metrics/gen-ai-metrics.ts';
import { liveInstruments } from '../metrics/live-instruments.ts';
import type { BoundCounter, BoundHistogram } from '../metrics/recorder.ts';
import { Recorder } from '../metrics/recorder.ts';
import type { LLMUsage } from './llm-events.ts';

/** What is known of a request that is over. What is unknown stays undefined and is not recorded. */
export interface LLMRequestFacts {
  readonly outcome: Outcome;
  /** Sent to the terminal event; undefined when there was none. */
  readonly latencyMs: number | undefined;
  readonly timeToFirstTokenMs: number | undefined;
  readonly usage: LLMUsage | undefined;
  /** Sent to over, in whatever way. */
  readonly durationMs: number;
  /** Why it failed; undefined where it did not. */
  readonly error: ProviderError | undefined;
}

/** Turns the facts of a model's requests into measurements: one for each, however it ended. */
export class LLMRecorder {
  readonly recorder: Recorder;
  readonly #latency: BoundHistogram;
  readonly #timeToFirstToken: BoundHistogram;
  readonly #inputTokens: BoundCounter;
  readonly #outputTokens: BoundCounter;
  readonly #cachedTokens: BoundCounter;
  readonly #reasoningTokens: BoundCounter;
  readonly #genAI: GenAIMetrics | undefined;
  readonly #requests: Readonly<Record<Outcome, BoundCounter>>;

  constructor(provider: string, model: string, collector?: MetricsCollector) {
    const recorder = new Recorder({ provider, model }, collector);
    this.recorder = recorder;
    this.#genAI = GenAIMetrics.of(provider, model);
    this.#latency = recorder.histogram('llmLatencyMs');
    this.#timeToFirstToken = recorder.histogram('llmTimeToFirstTokenMs');
    this.#inputTokens = recorder.counter('llmInputTokens');
    this.#outputTokens = recorder.counter('llmOutputTokens');
    this.#cachedTokens = recorder.counter('llmCachedInputTokens');
    this.#reasoningTokens = recorder.counter('llmReasoningTokens');
    this.#requests = {
      completed: recorder.counter('llmRequests', { outcome: 'completed' }),
      interrupted: recorder.counter('llmRequests', { outcome: 'interrupted' }),
      discarded: recorder.counter('llmRequests', { outcome: 'discarded' }),
      error: recorder.counter('llmRequests', { outcome: 'error' }),
    };
    recorder.openErrors('llmErrors');
  }

  request(facts: LLMRequestFacts): void {
    const live = liveInstruments();
    this.#genAI?.request(facts);
    this.#requests[facts.outcome].addTo(live, 1);
    if (facts.latencyMs !== undefined) this.#latency.recordTo(live, facts.latencyMs);
    if (facts.timeToFirstTokenMs !== undefined) {
      this.#timeToFirstToken.recordTo(live, facts.timeToFirstTokenMs);
    }
    if (facts.usage !== undefined) {
      this.#inputTokens.addTo(live, facts.usage.inputTokens);
      this.#outputTokens.addTo(live, facts.usage.outputTokens);
      this.#cachedTokens.addTo(live, facts.usage.cachedInputTokens ?? 0);
      this.#reasoningTokens.addTo(live, facts.usage.reasoningTokens ?? 0);
    }
  }

  error(error: ProviderError): void {
    this.recorder.countError('llmErrors', error);
  }

  /** One executed call. `name` is a registered tool's, or `other`; `error` is why it failed. */
  toolCall(name: string, success: boolean, latencyMs: number, error?: unknown): void {
    const labels = { tool_name: name, success: String(success) };
    this.recorder.counter('llmToolCalls', labels).add(1);
    this.recorder.histogram('llmToolLatencyMs', labels).record(latencyMs);
    this.#genAI?.toolCall(name, latencyMs, error);
  }
}
