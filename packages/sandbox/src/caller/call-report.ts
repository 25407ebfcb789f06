import type { CallAct, TurnAct } from './call-act.ts';

/** What an interruption was like for the caller. */
export interface Interruption {
  /** Whether anything of the answer had been heard. */
  phase: 'thinking' | 'speaking';
  /** First sample of the interruption sent → last audio frame of the old answer received. Undefined while thinking. */
  timeToSilenceMs: number | undefined;
}

/** One exchange, as the caller saw it. */
export interface CallTurn {
  act: TurnAct['type'];
  said: string;
  /** What the answer's audio said, as far as it was heard; empty when there was none. */
  heard: string;
  /** What became of the answer: the caller may have interrupted it, or hung up on it. */
  answer: 'heard' | 'interrupted' | 'hung-up' | 'missing';
  /** Last spoken sample sent → first audio frame of the answer received. Undefined when there was no answer. */
  responseLatencyMs: number | undefined;
  /** Of an answer that was interrupted. */
  interruption: Interruption | undefined;
  /** What the caller said during the answer without wanting it to end. */
  backChannels: string[];
}

/** A call, as the caller saw it: a measure that shares nothing with the agent's own. */
export interface CallReport {
  turns: CallTurn[];
  greeting: string;
  /** Connected → first audio frame. Undefined when nobody spoke. */
  greetingLatencyMs: number | undefined;
  /** Who hung up. */
  endedBy: 'caller' | 'agent';
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

/** Whom to call, and what to do. */
export interface CallOptions {
  /** `ws://host:port/call?id=<call>&token=<token>`; the caller adds its rate. */
  url: string;
  /** What to do, one after the other. A plain text is said, and its answer heard out. */
  lines: readonly (string | CallAct)[];
  /** Rate in Hz of the audio in both directions. Default 16000. */
  sampleRateHz?: number;
  /** How long to wait for the beginning, and for the end, of an answer. Default 30000. */
  answerTimeoutMs?: number;
  /** Length of a chord of the voice in ms. Default 80, as the sandbox's. */
  chordMs?: number;
  /** Hangs up at once. The report of what there was is returned. */
  signal?: AbortSignal;
  /** Does no more: the present answer is heard out, then the caller hangs up. */
  lastAnswer?: AbortSignal;
  onEvent?: (event: CallEvent) => void;
}
