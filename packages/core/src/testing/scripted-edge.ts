import type { AudioFrame } from '../audio/audio-frame.ts';
import type {
  Call,
  Caption,
  EdgeConnection,
  EdgeHandlers,
  EdgeJoinContext,
  Participant,
  SessionEndReason,
} from '../edge/edge.ts';
import { Edge } from '../edge/edge.ts';
import { Playout } from '../edge/playout.ts';
import { pause } from './pause.ts';
import { Script } from './script.ts';

/** How one joining of the scripted edge goes. */
export interface EdgeJoin {
  readonly delayMs?: number;
  readonly error?: Error;
  /** Who is in the call before the agent. */
  readonly present?: readonly Participant[];
}

/** A frame that left for the callers. */
export interface SentFrame {
  readonly atMs: number;
  readonly samples: Int16Array;
}

/** The agent's place in one scripted call: what left is kept, what the callers do is up to the test. */
export class ScriptedEdgeConnection implements EdgeConnection {
  readonly playout: Playout;
  readonly handlers: EdgeHandlers;
  readonly frames: SentFrame[] = [];
  readonly captions: Caption[] = [];
  /** The reasons with which it was closed. */
  readonly closes: SessionEndReason[] = [];
  flushes = 0;

  constructor(context: EdgeJoinContext) {
    this.handlers = context.handlers;
    this.playout = new Playout({
      provider: 'scripted',
      sampleRateHz: 16_000,
      send: (samples) => this.frames.push({ atMs: context.clock.now(), samples }),
      flushed: () => (this.flushes += 1),
      metrics: context.metrics,
      clock: context.clock,
    });
  }

  caption(caption: Caption): void {
    this.captions.push(caption);
  }

  async close(reason: SessionEndReason): Promise<void> {
    this.playout.flush();
    this.closes.push(reason);
  }

  join(participant: Participant): void {
    this.handlers.participantJoined(participant);
  }

  leave(participant: Participant): void {
    this.handlers.participantLeft(participant);
  }

  hear(participant: Participant, frame: AudioFrame): void {
    this.handlers.audio(participant, frame);
  }
}

/** An edge whose callers are the test's. One joining is expected a call. */
export class ScriptedEdge extends Edge {
  readonly provider = 'scripted';
  readonly script: Script<EdgeJoin>;
  readonly connections: ScriptedEdgeConnection[] = [];
  closeCount = 0;

  constructor(joins: readonly EdgeJoin[]) {
    super();
    this.script = new Script('ScriptedEdge', joins);
  }

  async createCall(callType: string, callId: string): Promise<Call> {
    return { type: callType, id: callId };
  }

  async join(call: Call, context: EdgeJoinContext): Promise<EdgeConnection> {
    const { delayMs = 0, error, present = [] } = this.script.next(`joining of ${call.id}`);
    if (delayMs > 0) await pause(context.clock, delayMs, context.signal);
    if (error !== undefined) throw error;
    const connection = new ScriptedEdgeConnection(context);
    this.connections.push(connection);
    for (const participant of present) connection.join(participant);
    return connection;
  }

  override async close(): Promise<void> {
    this.closeCount += 1;
  }
}
