import type { CallPlan, RunPlan } from '../conversation-plan.ts';

/** One random conversation with a realtime model, as it is generated, shrunk and told in words. */
export interface RealtimePlan {
  readonly agent: RealtimeAgentPlan;
  readonly model: ModelPlan;
  /** What happens, in order. */
  readonly steps: readonly RealtimeStep[];
  /** How the call ends: after a long silence, or in the middle of whatever goes on. */
  readonly ending: 'silence' | 'hang-up' | 'close';
  /** What the model does when it is to respond; from the start again when all were used. So are the others. */
  readonly answers: readonly AnswerPlan[];
  /** How sessions open again that were lost. */
  readonly openings: readonly SessionOpeningPlan[];
  readonly runs: readonly RunPlan[];
  readonly reactions: readonly ReactionPlan[];
}

export interface RealtimeAgentPlan {
  readonly deadAirMs: number;
  /** What keeps the agent out of the call, if anything; `closed`: the program, which thinks better of it. */
  readonly joinFails: 'model' | 'edge' | 'closed' | undefined;
}

/** How the model is in all of its answers. */
export interface ModelPlan {
  /** Whether it tells what it says. */
  readonly transcribes: boolean;
  /** Whether it stops by itself when it hears somebody, or goes on until it is told to. */
  readonly bargeIn: 'stops-itself' | 'is-told';
  readonly msACharacter: number;
  /** Whether its sessions leave something to go on with. */
  readonly isResumable: boolean;
}

/** One answer of the model. */
export interface AnswerPlan {
  readonly firstAfterMs: number;
  readonly everyMs: number;
  readonly chunkMs: number;
  /** Whether chunks break in the middle of a sample. */
  readonly isOdd: boolean;
  /** The length of each sentence, in words. */
  readonly sentences: readonly number[];
  readonly transcripts: 'ahead' | 'along' | 'behind';
  readonly calls: readonly CallPlan[];
  /** Whether it says the first sentence before it asks for tools. */
  readonly callsAfterWords: boolean;
  readonly usage: 'never' | 'before-end' | 'after-end' | 'late';
  /**
   * `empty`: over without a sound; `mute`: with words and without a sound; `ignored`: not even over.
   * `stalled`: lost after a while; `silent`: no more comes, and no end.
   */
  readonly end:
    | 'completed'
    | 'error'
    | 'lost'
    | 'stalled'
    | 'silent'
    | 'empty'
    | 'mute'
    | 'ignored';
  /** How many pieces come before it fails. */
  readonly failsAfter: number;
  readonly interrupted: InterruptedPlan;
}

/** What comes of an answer after it was interrupted. */
interface InterruptedPlan {
  /** How long it goes on, because it is on its way. */
  readonly lagMs: number;
  readonly end: 'interrupted' | 'completed' | 'forgotten';
  /** Whether the end is told of one of which nothing had come. */
  readonly tellsUnbegun: boolean;
  readonly cancelsCalls: boolean;
}

export interface SessionOpeningPlan {
  readonly delayMs: number;
  readonly end: 'open' | 'fails' | 'refused';
}

/** What the program does when it is told of something for the nth time. */
export interface ReactionPlan {
  readonly to:
    | 'thinking'
    | 'speaking'
    | 'listening'
    | 'turn'
    | 'user-transcript'
    | 'agent-transcript'
    | 'error';
  readonly nth: number;
  readonly does: 'say' | 'prompt' | 'close';
  readonly interruptible: boolean;
}

/** Something that happens. `who` is a participant's number; the model knows only whom it hears. */
export type RealtimeStep =
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'talk'; readonly who: number }
  | { readonly type: 'hush'; readonly who: number }
  | SpeechStep
  | { readonly type: 'words'; readonly final: boolean; readonly count: number }
  /** The model speaks unasked, or before it said that the user's turn is over. */
  | { readonly type: 'answer' }
  | { readonly type: 'cancel-calls' }
  | { readonly type: 'session-lost'; readonly how: 'network' | 'ended' | 'for-good' }
  | { readonly type: 'provider-error' }
  | { readonly type: 'say'; readonly words: number; readonly interruptible: boolean }
  | { readonly type: 'prompt'; readonly interruptible: boolean }
  | { readonly type: 'join'; readonly who: number }
  | { readonly type: 'leave'; readonly who: number };

/** The model tells that speech began or ended. */
export interface SpeechStep {
  readonly type: 'speech-start' | 'speech-end';
  readonly tellsOffset: boolean;
}
