import type { AgentMetrics, AgentState, TurnRecord } from '../../src/index.ts';
import type { SentFrame } from '../../src/testing/index.ts';
import type { ConversationPlan } from './conversation-plan.ts';
import type { CountedTools } from './counted-tools.ts';
import type { GenerativeLLM } from './generative-llm.ts';
import type { GenerativeSTT } from './generative-stt.ts';
import type { GenerativeTTS } from './generative-tts.ts';

/** A turn that was told of, and what else was true then. */
export interface ToldTurn {
  readonly record: TurnRecord;
  /** Who was at work: the program that speaks, somebody who leaves, the end of the call, or nobody of these. */
  readonly during: 'program' | 'leaving' | 'ending' | 'conversation';
  /** How many frames had left, and how many syntheses had begun. */
  readonly frames: number;
  readonly speeches: number;
}

/** A state that was told of, and how many frames had left then. */
export interface ToldState {
  readonly state: AgentState;
  readonly frames: number;
}

/** Final words that the speech to text reported, and whether the agent took them. */
export interface ReportedWords {
  readonly who: string;
  readonly text: string;
  readonly kind: 'words' | 'backchannel';
  readonly isTaken: boolean;
}

/** All that can be known of a conversation that is over, from the components and from the agent. */
export interface PlayedConversation {
  readonly plan: ConversationPlan;
  readonly llm: GenerativeLLM;
  readonly tts: GenerativeTTS;
  readonly stt: GenerativeSTT;
  readonly tools: CountedTools;
  readonly frames: readonly SentFrame[];
  readonly turns: readonly ToldTurn[];
  readonly states: readonly ToldState[];
  readonly reported: readonly ReportedWords[];
  /** Words that the program had answered. */
  readonly prompts: readonly string[];
  /** What happened once, and how often. */
  readonly seen: Readonly<
    Record<'deadAir' | 'endings' | 'sttErrorFacts' | 'promises' | 'settledPromises', number>
  >;
  /** Whether the agent ever was in the call. */
  readonly hasJoined: boolean;
  /** What is wrong already, in words. */
  readonly problems: readonly string[];
  /** What the model was told at the very end of a call that was not cut off. */
  readonly hasFinalRequest: boolean;
  readonly left: Readonly<Record<string, number>>;
  readonly metrics: AgentMetrics;
  /** What OpenTelemetry was given meanwhile, by series such as `agent.turns outcome=completed`. */
  readonly series: ReadonlyMap<string, number>;
}
