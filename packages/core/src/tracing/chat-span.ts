import type { LLMEndReason, LLMEvent } from '../llm/llm-events.ts';
import type { LLMRequestFacts } from '../llm/llm-recorder.ts';
import type { LLMRequest } from '../llm/llm-request.ts';
import { genAIAttributes } from '../metrics/gen-ai-names.ts';
import { ChatContent, systemInstructions } from './chat-content.ts';
import { OperationSpan } from './operation-span.ts';
import type { TraceScope } from './trace-scope.ts';

/** The span of one request to a language model, from the facts that its metrics come from. */
export class ChatSpan {
  readonly scope: TraceScope;
  readonly #span: OperationSpan;
  readonly #startedAtMs: number;
  readonly #content: ChatContent | undefined;
  #endReason: LLMEndReason | undefined;

  private constructor(span: OperationSpan, request: LLMRequest, startedAtMs: number) {
    this.#span = span;
    this.scope = span.scope;
    this.#startedAtMs = startedAtMs;
    if (!span.scope.capturesContent) return;
    this.#content = new ChatContent(request);
    span.set({ 'gen_ai.system_instructions': systemInstructions(request) });
  }

  /** Begins it; undefined where nobody traces. */
  static start(
    scope: TraceScope,
    llm: { readonly provider: string; readonly model: string },
    request: LLMRequest,
    startedAtMs: number,
  ): ChatSpan | undefined {
    const name = `chat ${llm.model}`;
    const span = OperationSpan.start(scope, { name, startedAtMs, isRequest: true });
    if (span === undefined) return undefined;
    span.set(genAIAttributes('chat', llm.provider, llm.model));
    span.set({ 'gen_ai.request.stream': true });
    return new ChatSpan(span, request, startedAtMs);
  }

  /** Takes what the model sends. */
  hear(event: LLMEvent): void {
    if (event.type === 'end') this.#endReason = event.reason;
    this.#content?.hear(event);
  }

  /** The request is over, and why where it failed. */
  end(facts: LLMRequestFacts): void {
    const { usage, timeToFirstTokenMs, error } = facts;
    const endReason = this.#endReason;
    this.#span.set({
      'vision_agents.outcome': facts.outcome,
      'gen_ai.response.finish_reasons': endReason === undefined ? undefined : [endReason],
      'gen_ai.response.time_to_first_chunk':
        timeToFirstTokenMs === undefined ? undefined : timeToFirstTokenMs / 1000,
      'gen_ai.usage.input_tokens': usage?.inputTokens,
      'gen_ai.usage.output_tokens': usage?.outputTokens,
      'gen_ai.usage.cache_read.input_tokens': usage?.cachedInputTokens,
      'gen_ai.usage.reasoning.output_tokens': usage?.reasoningTokens,
      'gen_ai.input.messages': this.#content?.input(),
      'gen_ai.output.messages': this.#content?.output(endReason),
    });
    const endedAtMs = this.#startedAtMs + (facts.latencyMs ?? facts.durationMs);
    if (error !== undefined) this.#span.fail(error, endedAtMs);
    this.#span.end(endedAtMs);
  }
}
