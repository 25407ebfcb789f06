import type { ReconnectAttempt } from '../connection/reconnects.ts';
import type { Participant, SessionEndReason } from '../edge/edge.ts';
import type { RealtimeUsage } from '../realtime/realtime-usage.ts';
import type { AgentState } from '../turn/turn-state.ts';
import type { TurnRecord } from '../turn/turn.ts';

/** What an agent tells those who listen with `agent.on`. */
export interface AgentEvents {
  readonly 'participant-joined': { readonly participant: Participant };
  readonly 'participant-left': { readonly participant: Participant };
  readonly state: { readonly state: AgentState };
  /** A user's words: partial ones as they come, then the final ones of a turn. */
  readonly 'user-transcript': {
    readonly participant: Participant;
    readonly text: string;
    readonly final: boolean;
  };
  /** The agent's words as they are handed to the voice: all of the answer so far. */
  readonly 'agent-transcript': { readonly text: string; readonly final: boolean };
  /** A turn is over. Its record is what the metrics were taken from. */
  readonly turn: TurnRecord;
  /** A turn was committed and no audio followed within `deadAirMs`. */
  readonly 'dead-air': { readonly turnId: string };
  /**
   * Tokens that a realtime model reports, each once; summed they are those of the call, which `agent.metrics`
   * has without the modalities. Reports come when the model makes them: that of an answer which was cut off
   * after its turn, the last one after the last turn.
   */
  readonly usage: { readonly usage: RealtimeUsage };
  /** Something failed, and the call goes on. Errors of providers are `ProviderError`s. */
  readonly error: { readonly error: unknown };
  /**
   * A connection that was lost in the call was tried to be opened anew; what lost it was an `error`
   * before. With a speech to text the participant is told whom it listens to.
   */
  readonly reconnect: ReconnectAttempt & { readonly participant: Participant | undefined };
  readonly ended: { readonly reason: SessionEndReason };
}
