import type { SpanContext } from '@opentelemetry/api';

import type { TurnMarks } from '../turn/turn-marks.ts';
import type { TurnRecord } from '../turn/turn.ts';
import type { CallTrace } from './call-trace.ts';
import { OperationSpan } from './operation-span.ts';
import { SPAN_NAMES } from './span-names.ts';
import type { TraceScope } from './trace-scope.ts';

/**
 * The span of one turn and of what its record tells. It begins when something is done for the turn, with
 * the time at which the turn began: a cough that came to nothing leaves none.
 */
export class TurnTrace {
  readonly #call: CallTrace;
  readonly #marks: TurnMarks;
  #state: 'waiting' | 'begun' | 'ended' = 'waiting';
  #span: OperationSpan | undefined;
  #speculation: OperationSpan | undefined;

  /** @param marks the turn's own, as they come */
  constructor(call: CallTrace, marks: TurnMarks) {
    this.#call = call;
    this.#marks = marks;
  }

  /** Where what is done for the turn belongs: the answer begun ahead, as long as it is a guess. */
  get scope(): TraceScope {
    return (this.#speculation ?? this.#begun())?.scope ?? this.#call.scope;
  }

  /** What others need to point at the turn; undefined where nobody traces. */
  get context(): SpanContext | undefined {
    return this.#begun()?.context;
  }

  /** An answer is begun before the turn is over. */
  speculationStarted(): void {
    const { scope, clock } = this.#call;
    const parent = this.#begun()?.scope ?? scope;
    const startedAtMs = clock.now();
    this.#speculation = OperationSpan.start(parent, { name: SPAN_NAMES.speculation, startedAtMs });
  }

  /** It was the one that was wanted, or not. Only the first call after a start does anything. */
  speculationEnded(outcome: 'used' | 'discarded'): void {
    const speculation = this.#speculation;
    if (speculation === undefined) return;
    this.#speculation = undefined;
    const attributes = { 'vision_agents.speculation.outcome': outcome };
    speculation.set(attributes);
    this.#span?.link(speculation, attributes);
    speculation.end(this.#call.clock.now());
  }

  /** The turn is over, and this is what is known of it. */
  close(record: TurnRecord): void {
    const span = this.#begun();
    if (span === undefined || this.#state === 'ended') return;
    const closedAtMs = this.#call.clock.now();
    const { marks, timeline } = record;
    this.speculationEnded('discarded');
    this.#stage(SPAN_NAMES.endpointing, marks.speechEnd, marks.committed);
    const playoutEnd = marks.playoutEnd ?? marks.interruptedAt ?? closedAtMs;
    this.#stage(SPAN_NAMES.playout, marks.playoutStart, playoutEnd);
    span.set({
      'vision_agents.turn.id': record.id,
      'vision_agents.turn.kind': record.kind,
      'vision_agents.outcome': record.outcome,
      'vision_agents.turn.interrupted_while': record.interruptedWhile,
      'vision_agents.response.latency_ms': timeline?.responseLatencyMs,
      'vision_agents.framework.overhead_ms': timeline?.overheadMs,
    });
    for (const [stage, durationMs] of Object.entries(timeline?.stages ?? {})) {
      span.set({ [`vision_agents.response.stage.${stage}_ms`]: durationMs });
    }
    if (span.scope.capturesContent) {
      const { userText, agentText } = record;
      span.set({
        'vision_agents.turn.user_text': userText,
        'vision_agents.turn.agent_text': agentText,
      });
    }
    if (record.outcome === 'error') span.fail(record.error, closedAtMs);
    this.#end(closedAtMs);
  }

  /** The call ended before the turn came to anything. */
  abandon(): void {
    if (this.#state !== 'begun') return;
    this.speculationEnded('discarded');
    this.#end(this.#call.clock.now());
  }

  #begun(): OperationSpan | undefined {
    if (this.#state === 'waiting') {
      this.#state = 'begun';
      const { scope, clock } = this.#call;
      const { speechStart, participantJoined, speechEnd, committed } = this.#marks;
      const startedAtMs = speechStart ?? participantJoined ?? speechEnd ?? committed ?? clock.now();
      this.#span = OperationSpan.start(scope, { name: SPAN_NAMES.turn, startedAtMs });
      if (this.#span) this.#call.turnBegun(this);
    }
    return this.#span;
  }

  #stage(name: string, startedAtMs: number | undefined, endedAtMs: number | undefined): void {
    if (startedAtMs === undefined || endedAtMs === undefined || endedAtMs < startedAtMs) return;
    const parent = this.#span?.scope ?? this.#call.scope;
    OperationSpan.start(parent, { name, startedAtMs })?.end(endedAtMs);
  }

  #end(atMs: number): void {
    this.#state = 'ended';
    this.#span?.end(atMs);
    this.#call.turnEnded(this);
  }
}
