import type { AudioFrame } from '../audio/audio-frame.ts';
import type { Clock } from '../clock/clock.ts';
import type { Caption, Participant } from '../edge/edge.ts';
import type { Playout } from '../edge/playout.ts';
import type { Logger } from '../logging/logger.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import type { ComponentContext } from '../stream/component-context.ts';
import type { Tools } from '../tools/tool.ts';
import type { CallTrace } from '../tracing/call-trace.ts';
import type { TurnRecord } from '../turn/turn.ts';
import type { AgentEvents } from './agent-events.ts';
import type { AgentOptions } from './agent-options.ts';
import type { SpeakOptions } from './dialogue.ts';
import type { EventEmitter } from './event-emitter.ts';
import { openPipeline } from './pipeline-engine.ts';
import { openRealtime } from './realtime-engine.ts';

/** What a model is told of before it is asked for anything. */
export interface Briefing {
  readonly instructions: string;
  readonly tools: Tools;
}

/** What an engine gets of its call. */
export interface EngineParts extends Briefing {
  readonly playout: Playout;
  /** What everything that is opened for the call gets. */
  readonly context: ComponentContext;
  readonly metrics: MetricsCollector;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly trace: CallTrace;
  readonly events: EventEmitter<AgentEvents>;
  /** Aborted when the call is over. */
  readonly signal: AbortSignal;
  readonly showCaption: (caption: Caption) => void;
  /** The call cannot go on. */
  readonly onFatal: (error: unknown) => void;
}

/** What runs the conversation of one call: a chain of three models, or one that does it all. */
export interface Engine {
  /** Somebody joined, at this time of the call's clock. */
  admit(participant: Participant, atMs: number): void;
  /** Somebody left. */
  dismiss(participant: Participant): void;
  /** A participant's audio. */
  hear(participant: Participant, frame: AudioFrame): void;
  /** Says words of the program. Resolves when they are over. */
  say(text: string, options: SpeakOptions): Promise<TurnRecord>;
  /** Has the model respond to words of the program. Resolves when the response is over. */
  simpleResponse(text: string, options: SpeakOptions): Promise<TurnRecord>;
  /** The call is over: cuts off what is under way, within this very call. */
  stop(): void;
  /** Closes everything that was opened for it. Idempotent; never rejects. */
  close(): Promise<void>;
}

/** The connection to the model that speaks, opened while the edge still joins. */
export interface EngineOpening {
  /** The agent is in the call. */
  start(parts: EngineParts): Engine;
  /** It never will be. Idempotent; never rejects. */
  close(): Promise<void>;
}

/**
 * Opens what the agent of these options speaks with.
 * @param brief resolves with what the model is told; asked for only where it is needed this early
 * @throws ProviderError
 */
export function openEngine(
  options: AgentOptions,
  context: ComponentContext,
  brief: () => Promise<Briefing>,
): Promise<EngineOpening> {
  return options.realtime === undefined
    ? openPipeline(options, context)
    : openRealtime(options, context, brief);
}
