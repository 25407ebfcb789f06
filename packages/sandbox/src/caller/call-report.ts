/** One exchange, as the caller saw it. */
export interface CallTurn {
  said: string;
  /** What the answer's audio said; empty when there was none. */
  heard: string;
  /** Last spoken sample sent → first audio frame of the answer received. Undefined when there was no answer. */
  responseLatencyMs: number | undefined;
}

/** A call, as the caller saw it: a measure that shares nothing with the agent's own. */
export interface CallReport {
  turns: CallTurn[];
  greeting: string;
  /** Connected → first audio frame. Undefined when nobody spoke. */
  greetingLatencyMs: number | undefined;
  /** What went wrong, in plain words. */
  problems: string[];
}

/** What happens during a call. */
export type CallEvent =
  | { type: 'connected' }
  | { type: 'greeting'; heard: string; latencyMs: number | undefined }
  | { type: 'turn'; index: number; turn: CallTurn }
  | { type: 'caption'; speaker: 'user' | 'agent'; text: string; final: boolean }
  | { type: 'ended'; reason: string };

/** Whom to call, and what to say. */
export interface CallOptions {
  /** `ws://host:port/call?id=<call>&token=<token>`; the caller adds its rate. */
  url: string;
  /** What to say, one after the other, each after the answer to the one before. */
  lines: readonly string[];
  /** Rate in Hz of the audio in both directions. Default 16000. */
  sampleRateHz?: number;
  /** How long to wait for the beginning, and for the end, of an answer. Default 30000. */
  answerTimeoutMs?: number;
  /** Length of a chord of the voice in ms. Default 80, as the sandbox's. */
  chordMs?: number;
  /** Hangs up at once. The report of what there was is returned. */
  signal?: AbortSignal;
  /** Says no more: the present answer is heard out, then the caller hangs up. */
  lastAnswer?: AbortSignal;
  onEvent?: (event: CallEvent) => void;
}
