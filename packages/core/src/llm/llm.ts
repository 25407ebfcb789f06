import { type Clock, systemClock } from '../clock/clock.ts';
import { outcomeOfAbort } from '../errors/interrupted-error.ts';
import { ProviderError } from '../errors/provider-error.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import type { Outcome } from '../metrics/attributes.ts';
import type { ComponentContext } from '../stream/component-context.ts';
import { guardedStream } from '../stream/guarded-stream.ts';
import { ChatSpan } from '../tracing/chat-span.ts';
import type { TraceScope } from '../tracing/trace-scope.ts';
import { activeScope } from '../tracing/trace-scope.ts';
import type { LLMEvent, LLMUsage } from './llm-events.ts';
import { LLMRecorder } from './llm-recorder.ts';
import type { LLMRequest } from './llm-request.ts';

/** How long to wait for a model. */
export interface LLMTimeouts {
  /** From sending a request to its first event, in milliseconds. @default 10000 */
  readonly firstEventTimeoutMs?: number;
  /** Between two events of a request, in milliseconds. @default 10000 */
  readonly stallTimeoutMs?: number;
}

/** What answers requests: one model, or several of which one does. */
export type LanguageModel = Pick<LLM, keyof LLM>;

/**
 * A language model of a provider. The object is configuration and can serve any number of calls;
 * the conversation is core's. A plugin implements {@link LLM.stream}; everything public records.
 */
export abstract class LLM {
  /** The vendor: one spelling for all its components. */
  abstract readonly provider: string;
  /** The model asked for. */
  abstract readonly model: string;
  readonly #timeouts: Required<LLMTimeouts>;
  readonly #recorders = new WeakMap<MetricsCollector, LLMRecorder>();
  #ownRecorder: LLMRecorder | undefined;

  constructor(timeouts: LLMTimeouts = {}) {
    this.#timeouts = {
      firstEventTimeoutMs: timeouts.firstEventTimeoutMs ?? 10_000,
      stallTimeoutMs: timeouts.stallTimeoutMs ?? 10_000,
    };
  }

  /**
   * Sends one request and yields what comes, up to and including `end`.
   * @throws ProviderError when the request is refused, fails, is cut off or takes too long
   * @throws the reason of `context.signal` once that is aborted
   */
  async *respond(
    request: LLMRequest,
    context: ComponentContext = {},
  ): AsyncGenerator<LLMEvent, void, undefined> {
    const clock = context.clock ?? systemClock;
    const recorder = this.recorder(context.metrics);
    context.signal?.throwIfAborted();
    const sentAtMs = clock.now();
    const span = ChatSpan.start(context.trace ?? activeScope(clock), this, request, sentAtMs);
    let outcome: Outcome = 'interrupted';
    let latencyMs: number | undefined;
    let timeToFirstTokenMs: number | undefined;
    let usage: LLMUsage | undefined;
    let failure: ProviderError | undefined;
    try {
      for await (const event of this.#guarded(request, context.signal, clock, span?.scope)) {
        span?.hear(event);
        if (event.type === 'usage') usage = event.usage;
        if (event.type === 'end') latencyMs = clock.now() - sentAtMs;
        if (isToken(event)) timeToFirstTokenMs ??= clock.now() - sentAtMs;
        if (latencyMs !== undefined) outcome = 'completed';
        yield event;
        if (latencyMs !== undefined) return;
      }
      throw this.#error('protocol', 'truncated', 'the answer broke off before its end');
    } catch (error) {
      if (context.signal?.aborted === true) {
        outcome = outcomeOfAbort(context.signal.reason);
        throw error;
      }
      outcome = 'error';
      failure = ProviderError.from(this.provider, error);
      recorder.error(failure);
      throw failure;
    } finally {
      const durationMs = clock.now() - sentAtMs;
      const times = { latencyMs, timeToFirstTokenMs, durationMs };
      const facts = { outcome, usage, error: failure, ...times };
      recorder.request(facts);
      span?.end(facts);
    }
  }

  /**
   * Sends the request and maps what comes to events, ending with `end`. Errors are thrown as
   * {@link ProviderError} where the cause is known. Must stop when `signal` is aborted.
   */
  protected abstract stream(request: LLMRequest, signal: AbortSignal): AsyncIterable<LLMEvent>;

  /** The recorder of this model in one call. Core's own; plugins have no use for it. */
  recorder(metrics: MetricsCollector | undefined): LLMRecorder {
    if (metrics === undefined) {
      return (this.#ownRecorder ??= new LLMRecorder(this.provider, this.model));
    }
    let recorder = this.#recorders.get(metrics);
    if (recorder === undefined) {
      recorder = new LLMRecorder(this.provider, this.model, metrics);
      this.#recorders.set(metrics, recorder);
    }
    return recorder;
  }

  #guarded(
    request: LLMRequest,
    signal: AbortSignal | undefined,
    clock: Clock,
    trace: TraceScope | undefined,
  ): AsyncIterable<LLMEvent> {
    return guardedStream((requestSignal) => this.stream(request, requestSignal), {
      signal,
      clock,
      trace,
      firstTimeoutMs: this.#timeouts.firstEventTimeoutMs,
      stallTimeoutMs: this.#timeouts.stallTimeoutMs,
      timeoutError: (awaited, timeoutMs) =>
        this.#error('timeout', undefined, `no ${awaited} event within ${timeoutMs} ms`),
    });
  }

  #error(type: 'protocol' | 'timeout', code: string | undefined, message: string): ProviderError {
    return new ProviderError({ provider: this.provider, type, code, message });
  }
}

function isToken(event: LLMEvent): boolean {
  switch (event.type) {
    case 'text':
      return event.text !== '';
    case 'tool-call':
      return true;
    case 'progress':
      return event.of === 'tool-call';
    case 'usage':
    case 'end':
      return false;
  }
}
