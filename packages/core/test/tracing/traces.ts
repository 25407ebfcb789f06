import type { Context } from '@opentelemetry/api';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { onTestFinished } from 'vitest';

/** A span and what is within it, by name: `['agent.call', ['agent.turn']]`. */
export type SpanTree = readonly [name: string, ...children: SpanTree[]];

/** What the real OpenTelemetry SDK is told of spans. */
export class Traces implements SpanProcessor {
  /** In the order in which they ended. */
  readonly ended: ReadableSpan[] = [];
  readonly #open = new Set<string>();

  onStart(span: Span, _parent: Context): void {
    this.#open.add(span.spanContext().spanId);
  }

  onEnd(span: ReadableSpan): void {
    if (!this.#open.delete(span.spanContext().spanId)) throw new Error(`${span.name} ended twice`);
    this.ended.push(span);
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }

  /** How many have begun and not ended. */
  get openCount(): number {
    return this.#open.size;
  }

  /** All of a name, in the order in which they began. */
  named(name: string): readonly ReadableSpan[] {
    return this.ended.filter((span) => span.name === name).toSorted(byStart);
  }

  /** The only one of a name. */
  only(name: string): ReadableSpan {
    const [span, ...others] = this.named(name);
    if (span === undefined || others.length > 0) {
      throw new Error(`${others.length + (span ? 1 : 0)} spans are called ${name}`);
    }
    return span;
  }

  /** The names of a span and of all within it, each in the order in which they began. */
  tree(span: ReadableSpan): SpanTree {
    const { spanId } = span.spanContext();
    const children = this.ended.filter((one) => one.parentSpanContext?.spanId === spanId);
    return [span.name, ...children.toSorted(byStart).map((child) => this.tree(child))];
  }

  /** Start and end of a span on the clock of a call that began when the clock said `callStartMs`. */
  times(span: ReadableSpan, callStartMs = 1000): readonly [number, number] {
    const zero = milliseconds(this.only('agent.call').startTime) - callStartMs;
    const at = (time: ReadableSpan['startTime']): number =>
      Math.round((milliseconds(time) - zero) * 100) / 100;
    return [at(span.startTime), at(span.endTime)];
  }
}

/** Sets a fresh SDK as the global tracer provider until the test is over. */
export function startTracing(): Traces {
  const traces = new Traces();
  trace.disable();
  context.disable();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [traces] }));
  onTestFinished(() => {
    trace.disable();
    context.disable();
  });
  return traces;
}

function milliseconds([seconds, nanoseconds]: ReadableSpan['startTime']): number {
  return seconds * 1000 + nanoseconds / 1_000_000;
}

function byStart(a: ReadableSpan, b: ReadableSpan): number {
  return milliseconds(a.startTime) - milliseconds(b.startTime);
}
