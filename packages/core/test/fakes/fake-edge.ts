import type {
  AudioFrame,
  Call,
  Caption,
  Clock,
  EdgeConnection,
  EdgeHandlers,
  EdgeJoinContext,
  Participant,
  SessionEndReason,
} from '../../src/index.ts';
import { Edge, Playout } from '../../src/index.ts';
import { pause, Script } from './script.ts';

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
export class FakeEdgeConnection implements EdgeConnection {
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
      provider: 'fake',
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
export class FakeEdge extends Edge {
  readonly provider = 'fake';
  readonly script: Script<EdgeJoin>;
  readonly connections: FakeEdgeConnection[] = [];
  closeCount = 0;
  readonly #clock: Clock;

  constructor(clock: Clock, joins: readonly EdgeJoin[]) {
    super();
    this.#clock = clock;
    this.script = new Script('FakeEdge', joins);
  }

  async createCall(callType: string, callId: string): Promise<Call> {
    return { type: callType, id: callId };
  }

  async join(call: Call, context: EdgeJoinContext): Promise<EdgeConnection> {
    const { delayMs = 0, error, present = [] } = this.script.next(`joining of ${call.id}`);
    if (delayMs > 0) await pause(this.#clock, delayMs, context.signal);
    if (error !== undefined) throw error;
    const connection = new FakeEdgeConnection(context);
    this.connections.push(connection);
    for (const participant of present) connection.join(participant);
    return connection;
  }

  override async close(): Promise<void> {
    this.closeCount += 1;
  }
}
