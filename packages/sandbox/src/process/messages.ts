import type { CallEvent, CallOptions, CallReport } from '../caller/call-report.ts';
import type { Delays } from '../delays.ts';
import type { Fault } from '../faults.ts';
import type { SandboxOptions } from '../start-sandbox.ts';
import type { SandboxTruth } from '../truth.ts';

/** Options that can be sent to another process: a function cannot. */
export type LaunchOptions = Omit<SandboxOptions, 'reply'>;

/** Where the servers of a sandbox are. */
export interface SandboxAddresses {
  url: string;
  deepgramUrl: string;
  elevenlabsUrl: string;
  geminiUrl: string;
  openaiUrl: string;
}

/** What each command takes and gives back. */
export interface Commands {
  start: { takes: LaunchOptions; gives: SandboxAddresses };
  truth: { takes: undefined; gives: SandboxTruth };
  inject: { takes: Fault; gives: undefined };
  clearFaults: { takes: undefined; gives: undefined };
  configure: { takes: Partial<Delays>; gives: undefined };
  placeCall: { takes: Omit<CallOptions, 'signal' | 'lastAnswer' | 'onEvent'>; gives: CallReport };
  /** Hangs up the call that was placed by the command with this id. */
  hangUp: { takes: number; gives: undefined };
  /** Lets that call end with the present answer. */
  lastAnswer: { takes: number; gives: undefined };
}

/** The name of a command. */
export type CommandName = keyof Commands;

/** A command to the child. */
export type CommandMessage = {
  [N in CommandName]: { id: number; name: N; payload: Commands[N]['takes'] };
}[CommandName];

/** The child's answers, with results of a type. */
export type ChildMessage<Result> =
  | { id: number; type: 'result'; result: Result }
  | { id: number; type: 'error'; message: string }
  | { id: number; type: 'event'; event: CallEvent };
