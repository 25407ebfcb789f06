/** One random conversation, as it is generated, shrunk and told in words. */
export interface ConversationPlan {
  readonly agent: AgentPlan;
  /** What happens to the agent, in order. */
  readonly steps: readonly Step[];
  /** How the call ends: after a long silence, or in the middle of whatever goes on. */
  readonly ending: 'silence' | 'hang-up' | 'close';
  /** What the model does in its requests; from the start again when all were used. So are the others. */
  readonly rounds: readonly RoundPlan[];
  readonly voices: readonly VoicePlan[];
  readonly openings: readonly OpeningPlan[];
  readonly runs: readonly RunPlan[];
}

/** How the agent is set up. */
export interface AgentPlan {
  readonly turnEnds: 'stt' | 'detector' | 'transcripts';
  readonly speculation: boolean;
  readonly interruption: InterruptionPlan | false;
  readonly crossTalk: 'open' | 'first-speaker';
  readonly apologises: boolean;
  /** When the filler is said; undefined for none. */
  readonly fillerAfterMs: number | undefined;
  readonly maxToolRounds: number;
  readonly unfinishedDelayMs: number;
  /** What cannot be opened, if anything. */
  readonly brokenPart: 'voice' | 'edge' | undefined;
}

export interface InterruptionPlan {
  readonly minSpeechMs: number;
  readonly minWords: number;
  readonly falseAlarmMs: number;
}

/** One request to the model. */
export interface RoundPlan {
  readonly firstAfterMs: number;
  readonly everyMs: number;
  /** The length of each sentence, in words. */
  readonly sentences: readonly number[];
  readonly calls: readonly CallPlan[];
  readonly usage: 'never' | 'first' | 'last' | 'both';
  readonly end: 'stop' | 'length' | 'truncated' | 'error' | 'stall';
  /** How many pieces come before it fails. */
  readonly failsAfter: number;
}

export interface CallPlan {
  readonly tool: 'look' | 'act' | 'unknown';
  /** Equal inputs make equal calls; a negative one is invalid. */
  readonly input: number;
}

/** One synthesis. */
export interface VoicePlan {
  readonly firstAfterMs: number;
  readonly everyMs: number;
  readonly chunkMs: number;
  readonly msACharacter: number;
  readonly end: 'complete' | 'error' | 'stall' | 'silent' | 'odd';
  readonly failsAfter: number;
}

/** One connection to the speech to text. */
export interface OpeningPlan {
  readonly delayMs: number;
  readonly fails: boolean;
}

/** One run of a tool. */
export interface RunPlan {
  readonly takesMs: number;
  readonly end: 'done' | 'error' | 'hang';
}

/** Something that happens. `who` is a participant's number. */
export type Step =
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'speech-start'; readonly who: number }
  | WordsStep
  | { readonly type: 'turn-end'; readonly who: number; readonly eager: boolean }
  | { readonly type: 'turn-resumed'; readonly who: number }
  | { readonly type: 'connection-lost'; readonly who: number }
  | { readonly type: 'provider-error'; readonly who: number }
  | { readonly type: 'say'; readonly words: number; readonly interruptible: boolean }
  | { readonly type: 'prompt'; readonly interruptible: boolean }
  | { readonly type: 'join'; readonly who: number }
  | { readonly type: 'leave'; readonly who: number };

/** Words that the speech to text recognises. `changed`: the newest ones are others than was thought. */
export interface WordsStep {
  readonly type: 'words';
  readonly who: number;
  readonly final: boolean;
  readonly kind: 'new' | 'changed' | 'backchannel';
  readonly count: number;
  readonly endsSentence: boolean;
}
