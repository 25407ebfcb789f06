import type { ToolResult } from '../conversation/message.ts';
import { InterruptedError } from '../errors/interrupted-error.ts';
import type { ToolCall } from '../llm/llm-events.ts';
import { OperationSpan } from './operation-span.ts';
import type { TraceScope } from './trace-scope.ts';

/** What became of a tool call. */
export interface ToolCallFacts {
  readonly result: ToolResult;
  readonly durationMs: number;
  /** What went wrong; undefined where nothing did. */
  readonly error: unknown;
}

/** The span of one call of a tool. */
export class ToolSpan {
  readonly scope: TraceScope;
  readonly #span: OperationSpan;
  readonly #startedAtMs: number;

  private constructor(span: OperationSpan, startedAtMs: number) {
    this.#span = span;
    this.scope = span.scope;
    this.#startedAtMs = startedAtMs;
  }

  /**
   * Begins it; undefined where nobody traces.
   * @param name a registered tool's, or `other`: what a model makes up is no name
   */
  static start(
    scope: TraceScope,
    name: string,
    call: ToolCall,
    startedAtMs: number,
  ): ToolSpan | undefined {
    const span = OperationSpan.start(scope, { name: `execute_tool ${name}`, startedAtMs });
    if (span === undefined) return undefined;
    span.set({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': name,
      'gen_ai.tool.type': 'function',
      'gen_ai.tool.call.id': call.id,
    });
    if (scope.capturesContent) {
      span.set({ 'gen_ai.tool.call.arguments': JSON.stringify(call.arguments) });
    }
    return new ToolSpan(span, startedAtMs);
  }

  /** The call is over. One that a user cut off has failed for the model, but is no error. */
  end({ result, durationMs, error }: ToolCallFacts): void {
    const endedAtMs = this.#startedAtMs + durationMs;
    const isInterrupted = error instanceof InterruptedError;
    const failure = isInterrupted ? 'interrupted' : 'error';
    this.#span.set({ 'vision_agents.outcome': result.success ? 'completed' : failure });
    if (this.scope.capturesContent) this.#span.set({ 'gen_ai.tool.call.result': result.output });
    if (!result.success && !isInterrupted) this.#span.fail(error, endedAtMs);
    this.#span.end(endedAtMs);
  }
}
