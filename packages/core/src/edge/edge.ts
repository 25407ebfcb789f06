import type { AudioFrame } from '../audio/audio-frame.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import type { ConnectContext } from '../stream/component-context.ts';
import type { Playout } from './playout.ts';

/** Who the agent is in a call. */
export interface User {
  readonly id: string;
  readonly name?: string;
}

/** Somebody in a call other than the agent. `id` is unique in the call. */
export interface Participant {
  readonly id: string;
  readonly name?: string;
}

/** A call at an edge, named by its type and id. */
export interface Call {
  readonly type: string;
  readonly id: string;
}

/** Words on their way past, for people who want to read along. */
export interface Caption {
  readonly speaker: 'user' | 'agent';
  readonly text: string;
  readonly final: boolean;
}

/**
 * Why a call ended: `hangup` (the last participant left), `idle` (nobody came), `max_duration`,
 * `closed` (by the program), `error`, `drained` (the process makes room).
 */
export type SessionEndReason = 'hangup' | 'idle' | 'max_duration' | 'closed' | 'error' | 'drained';

/** What an edge calls back. None of these throws. */
export interface EdgeHandlers {
  /**
   * Somebody is there. `waitedMs` is how long they have been there already, where they came before
   * the agent: their wait for the greeting began then. @default 0
   */
  participantJoined(participant: Participant, waitedMs?: number): void;
  participantLeft(participant: Participant): void;
  /** A participant's audio, in real time, in frames of any length (20 ms is usual). */
  audio(participant: Participant, frame: AudioFrame): void;
  /** The call is over for the agent; nothing is called back after that. */
  ended(reason: 'hangup' | 'error', error?: Error): void;
}

/** What an edge gets to join a call with. */
export interface EdgeJoinContext extends ConnectContext {
  readonly agentUser: User;
  readonly handlers: EdgeHandlers;
  readonly metrics: MetricsCollector;
}

/** The agent's place in one call. */
export interface EdgeConnection {
  /** The agent's voice. Pace, clock and flushing are its own. */
  readonly playout: Playout;
  /** Shows words to the participants; does nothing where the edge cannot. Must not wait. */
  caption(caption: Caption): void;
  /** Leaves the call. Idempotent, bounded in time, never throws. */
  close(reason: SessionEndReason): Promise<void>;
}

/**
 * The way to the callers: a transport that carries their audio in and the agent's out. The object is
 * configuration and can serve any number of calls. Participants who are in the call already are
 * reported to `participantJoined` before or right after `join` resolves.
 */
export abstract class Edge {
  /** The vendor: one spelling for all its components. */
  abstract readonly provider: string;

  /** Makes sure that the call exists. */
  abstract createCall(callType: string, callId: string): Promise<Call>;

  /** Joins as the agent within a bounded time, or throws a `ProviderError`. */
  abstract join(call: Call, context: EdgeJoinContext): Promise<EdgeConnection>;

  /** Lets go of what all calls share, such as a server. Idempotent; never throws. */
  async close(): Promise<void> {}
}
