import { context } from '@opentelemetry/api';

import type { Clock } from '../clock/clock.ts';
import type { Call, SessionEndReason } from '../edge/edge.ts';
import type { RealtimeUsage } from '../realtime/realtime-usage.ts';
import { OperationSpan } from './operation-span.ts';
import { SPAN_NAMES } from './span-names.ts';
import type { TraceScope } from './trace-scope.ts';
import { epochOffsetMs } from './trace-scope.ts';
import type { TurnTrace } from './turn-trace.ts';
import { usageAttributes } from './usage-attributes.ts';

/** What a call's trace is begun with. */
export interface CallTraceParts {
  readonly call: Call;
  /** The vendor of the edge. */
  readonly provider: string;
  readonly clock: Clock;
  readonly capturesContent: boolean;
}

/** The span of one call, from the wish to join to the end. All other spans of the call are within it. */
export class CallTrace {
  readonly scope: TraceScope;
  readonly clock: Clock;
  readonly #callId: string;
  readonly #span: OperationSpan | undefined;
  readonly #openTurns = new Set<TurnTrace>();
  /** What a realtime model used so far, by attribute. */
  readonly #tokens: Record<string, number> = {};

  constructor({ call, provider, clock, capturesContent }: CallTraceParts) {
    this.clock = clock;
    this.#callId = call.id;
    const outside: TraceScope = {
      parent: context.active(),
      epochOffsetMs: epochOffsetMs(clock),
      capturesContent,
      conversationId: call.id,
    };
    this.#span = OperationSpan.start(outside, { name: SPAN_NAMES.call, startedAtMs: clock.now() });
    this.#span?.set({
      'vision_agents.call.id': call.id,
      'vision_agents.call.type': call.type,
      'vision_agents.edge.provider': provider,
    });
    this.scope = this.#span?.scope ?? outside;
  }

  /** What ties every line of the call's log to the call and to its trace. */
  get logFields(): { readonly call_id: string; readonly trace_id?: string } {
    const call_id = this.#callId;
    return this.#span ? { call_id, trace_id: this.#span.context.traceId } : { call_id };
  }

  /** What ties a line of the log to the call's own span. */
  get spanFields(): { readonly span_id?: string } {
    return this.#span ? { span_id: this.#span.context.spanId } : {};
  }

  /** The agent is in the call. */
  joined(durationMs: number): void {
    this.#span?.set({ 'vision_agents.join.duration_ms': durationMs });
  }

  /** Something failed that ended the call, or kept the agent out of it. */
  failed(error: unknown): void {
    this.#span?.fail(error, this.clock.now());
  }

  /** A realtime model told what it used since it told last. */
  used(usage: RealtimeUsage): void {
    for (const [name, tokens] of Object.entries(usageAttributes(usage))) {
      if (tokens !== undefined) this.#tokens[name] = (this.#tokens[name] ?? 0) + tokens;
    }
  }

  turnBegun(turn: TurnTrace): void {
    this.#openTurns.add(turn);
  }

  turnEnded(turn: TurnTrace): void {
    this.#openTurns.delete(turn);
  }

  /** The call is over: nothing of it stays open. */
  end(reason: SessionEndReason): void {
    for (const turn of this.#openTurns) turn.abandon();
    this.#span?.set({ 'vision_agents.call.end_reason': reason, ...this.#tokens });
    this.#span?.end(this.clock.now());
  }
}
