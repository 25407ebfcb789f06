import type { AgentMetrics, SessionEndReason, TurnRecord } from '../../../src/index.ts';
import type { RecordingLogger, SentFrame } from '../../../src/testing/index.ts';
import type { CountedTools } from '../counted-tools.ts';
import type { ToldState } from '../played-conversation.ts';
import type { GenerativeRealtime } from './generative-realtime.ts';
import type { UnderstoodWords, Utterance } from './realtime-caller.ts';
import type { RealtimePlan } from './realtime-plan.ts';

/** A turn that was told of, and what else was true then. */
export interface ToldRealtimeTurn {
  readonly record: TurnRecord;
  readonly during: 'program' | 'leaving' | 'ending' | 'losing' | 'conversation';
  readonly atMs: number;
  /** How many frames had left, and how many answers had been begun. */
  readonly frames: number;
  readonly answers: number;
  /** How often the model had been told that it was cut off. */
  readonly interrupts: number;
  readonly hasSession: boolean;
}

/** Words of the program, and what it was told in the end. */
export interface Prompt {
  readonly how: 'say' | 'prompt';
  readonly text: string;
  readonly interruptible: boolean;
  isSettled: boolean;
  /** Undefined where it was refused. */
  record: TurnRecord | undefined;
}

/** A moment after which nothing is heard of what had been begun until then. */
export interface Barrier {
  readonly why: string;
  readonly atMs: number;
  readonly frames: number;
  readonly level: number;
}

export interface RealtimeSeen {
  readonly endings: SessionEndReason[];
  errors: number;
  /** Of all `usage` events. */
  inputTokens: number;
  framesAtEnd: number | undefined;
}

/** All that can be known of a conversation that is over, from the components and from the agent. */
export interface PlayedRealtime {
  readonly plan: RealtimePlan;
  readonly model: GenerativeRealtime;
  readonly tools: CountedTools;
  readonly logger: RecordingLogger;
  readonly frames: readonly SentFrame[];
  readonly turns: readonly ToldRealtimeTurn[];
  readonly states: readonly ToldState[];
  readonly utterances: readonly Utterance[];
  readonly understood: readonly UnderstoodWords[];
  readonly userTranscripts: readonly { readonly who: string; readonly text: string }[];
  readonly prompts: readonly Prompt[];
  readonly barriers: readonly Barrier[];
  readonly deadAir: readonly { readonly turnId: string; readonly atMs: number }[];
  readonly seen: RealtimeSeen;
  readonly firstJoinedAtMs: number | undefined;
  /** Whether the agent ever was in the call. */
  readonly hasJoined: boolean;
  /** What is wrong already, in words. */
  readonly problems: readonly string[];
  readonly left: Readonly<Record<string, number>>;
  readonly metrics: AgentMetrics;
  /** What OpenTelemetry was given meanwhile, by series such as `agent.turns outcome=completed`. */
  readonly series: ReadonlyMap<string, number>;
}
