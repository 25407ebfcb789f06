import type { Attributes, Span, SpanContext } from '@opentelemetry/api';
import {
  context,
  diag,
  isSpanContextValid,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

import { AgentError } from '../errors/agent-error.ts';
import { failureType } from '../errors/failure-type.ts';
import type { TraceScope } from './trace-scope.ts';
import { liveTracer } from './tracer.ts';

/** Attributes of which some may be unknown: those are left out. */
export type KnownAttributes = Readonly<
  Record<string, string | number | boolean | string[] | undefined>
>;

/** How an operation begins. */
export interface SpanStart {
  readonly name: string;
  /** On the clock of the scope. */
  readonly startedAtMs: number;
  /** Whether it is a request to a provider. @default false */
  readonly isRequest?: boolean;
}

/**
 * The span of one operation, in times of the call's clock. Whoever begins it ends it, once. Nothing of
 * it throws: a failure in telemetry never reaches a call.
 */
export class OperationSpan {
  /** For what is done within the operation. */
  readonly scope: TraceScope;
  readonly #span: Span;

  private constructor(span: Span, scope: TraceScope) {
    this.#span = span;
    this.scope = { ...scope, parent: trace.setSpan(scope.parent, span) };
  }

  /** Begins the span; undefined where nobody traces, which costs next to nothing. */
  static start(scope: TraceScope, start: SpanStart): OperationSpan | undefined {
    try {
      const kind = start.isRequest === true ? SpanKind.CLIENT : SpanKind.INTERNAL;
      const startTime = start.startedAtMs + scope.epochOffsetMs;
      const span = liveTracer().startSpan(start.name, { kind, startTime }, scope.parent);
      if (!isSpanContextValid(span.spanContext())) return undefined;
      const operation = new OperationSpan(span, scope);
      operation.set({ 'gen_ai.conversation.id': scope.conversationId });
      return operation;
    } catch (error) {
      diag.warn('a span could not be begun', error);
      return undefined;
    }
  }

  /** What others need to point at it. */
  get context(): SpanContext {
    return this.#span.spanContext();
  }

  set(attributes: KnownAttributes): void {
    this.#guarded(() => {
      const known: Attributes = {};
      for (const [key, value] of Object.entries(attributes)) {
        if (value !== undefined) known[key] = value;
      }
      this.#span.setAttributes(known);
    });
  }

  /** Points at another span that had to do with this one. */
  link(other: OperationSpan, attributes: Attributes): void {
    this.#guarded(() => this.#span.addLink({ context: other.context, attributes }));
  }

  /**
   * Notes that the operation failed. The message is shown where it is ours: what others write into
   * messages may be an argument, a transcript or a key.
   */
  fail(error: unknown, atMs: number): void {
    this.#guarded(() => {
      const isShown = error instanceof AgentError || this.scope.capturesContent;
      const message = isShown && error instanceof Error ? { message: error.message } : {};
      const name = error instanceof Error ? error.name : typeof error;
      this.#span.setAttribute('error.type', failureType(error));
      this.#span.setStatus({ code: SpanStatusCode.ERROR, ...message });
      this.#span.recordException({ name, ...message }, atMs + this.scope.epochOffsetMs);
    });
  }

  end(atMs: number): void {
    this.#guarded(() => this.#span.end(atMs + this.scope.epochOffsetMs));
  }

  #guarded(write: () => void): void {
    try {
      write();
    } catch (error) {
      diag.warn('a span lost something', error);
    }
  }
}

/** Does work within a scope, so that spans which it makes by itself are children. */
export function within<Result>(scope: TraceScope | undefined, work: () => Result): Result {
  return scope === undefined ? work() : context.with(scope.parent, work);
}
