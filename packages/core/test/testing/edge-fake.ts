import type {
  AudioFrame,
  Call,
  EdgeConnection,
  EdgeJoinContext,
  Participant,
} from '../../src/index.ts';
import { Edge, Playout } from '../../src/index.ts';
import type { EdgeCaller, EdgeHarness } from '../../src/testing/index.ts';

/** The agent's place in a call of this process. Broken ones override a part of it. */
export class FakeEdgeConnection implements EdgeConnection {
  readonly playout: Playout;
  protected readonly context: EdgeJoinContext;
  protected readonly room: Room;
  readonly #sockets = new Map<FakeCaller, () => void>();
  readonly #abort = (): void => void this.close();
  isOver = false;

  constructor(room: Room, context: EdgeJoinContext) {
    this.room = room;
    this.context = context;
    this.playout = new Playout({
      provider: 'fake',
      sampleRateHz: 24_000,
      send: (samples) => this.send(samples),
      metrics: context.metrics,
      clock: context.clock,
    });
    context.signal.addEventListener('abort', this.#abort, { once: true });
    room.agent = this;
    this.greet([...room.callers]);
  }

  caption(): void {}

  async close(): Promise<void> {
    this.finish();
    for (const caller of this.room.callers) caller.leave();
  }

  joined(caller: FakeCaller): void {
    this.#sockets.set(caller, this.context.socketOpened());
    this.context.handlers.participantJoined(caller.identity);
  }

  left(caller: FakeCaller): void {
    this.#sockets.get(caller)?.();
    if (this.isOver) return;
    this.context.handlers.participantLeft(caller.identity);
    if (this.room.callers.size > 0) return;
    this.finish();
    this.ended();
  }

  hear(caller: FakeCaller, frame: AudioFrame): void {
    if (!this.isOver) this.context.handlers.audio(caller.identity, frame);
  }

  protected greet(callers: readonly FakeCaller[]): void {
    for (const caller of callers) this.joined(caller);
  }

  protected send(samples: Int16Array): void {
    for (const caller of this.room.callers) caller.heard += samples.length;
  }

  protected ended(): void {
    this.context.handlers.ended('hangup');
  }

  protected finish(): void {
    this.isOver = true;
    this.context.signal.removeEventListener('abort', this.#abort);
    this.playout.flush();
  }
}

/** One call. */
class Room {
  readonly callers: Set<FakeCaller> = new Set<FakeCaller>();
  agent: FakeEdgeConnection | undefined;
}

let count = 0;

/** Somebody in a call. */
class FakeCaller implements EdgeCaller {
  readonly identity: Participant = { id: `caller-${(count += 1)}` };
  readonly #room: Room;
  heard = 0;

  constructor(room: Room) {
    this.#room = room;
    room.callers.add(this);
    room.agent?.joined(this);
  }

  say(frame: AudioFrame): void {
    this.#room.agent?.hear(this, frame);
  }

  heardMs(): number {
    return this.heard / 24;
  }

  leave(): void {
    if (this.#room.callers.delete(this)) this.#room.agent?.left(this);
  }
}

/** How a broken agent's place is made. */
export type Connection = new (room: Room, context: EdgeJoinContext) => FakeEdgeConnection;

/** An edge whose calls are rooms of this process. */
export class FakeEdge extends Edge {
  readonly provider = 'fake';
  readonly rooms: Map<string, Room> = new Map<string, Room>();
  readonly #connection: Connection;

  constructor(connection: Connection) {
    super();
    this.#connection = connection;
  }

  async createCall(type: string, id: string): Promise<Call> {
    if (!this.rooms.has(id)) this.rooms.set(id, new Room());
    return { type, id };
  }

  async join({ id }: Call, context: EdgeJoinContext): Promise<EdgeConnection> {
    this.check(context);
    return new this.#connection(this.roomOf(id), context);
  }

  roomOf(id: string): Room {
    const room = this.rooms.get(id);
    if (room === undefined) throw new Error('there is no such call');
    return room;
  }

  protected check({ signal }: EdgeJoinContext): void {
    signal.throwIfAborted();
  }
}

/** The harness of an edge of this kind. */
export function edgeHarness(make: () => FakeEdge): EdgeHarness {
  return {
    create() {
      const edge = make();
      return { edge, enter: async ({ id }) => new FakeCaller(edge.roomOf(id)) };
    },
  };
}
