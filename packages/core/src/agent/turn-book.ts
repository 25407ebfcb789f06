import type { Clock } from '../clock/clock.ts';
import type { Participant } from '../edge/edge.ts';
import type { Logger } from '../logging/logger.ts';
import type { CallTrace } from '../tracing/call-trace.ts';
import type { TurnRecorder } from '../turn/turn-recorder.ts';
import type { TurnKind, TurnOutcome } from '../turn/turn.ts';
import { Turn } from '../turn/turn.ts';
import type { AgentEvents } from './agent-events.ts';
import type { EventEmitter } from './event-emitter.ts';
import { TurnWatch } from './turn-watch.ts';

/** What the turns of a call are kept with. */
export interface TurnBookParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventEmitter<AgentEvents>;
  readonly recorder: TurnRecorder;
  readonly trace: CallTrace;
  /** How long a caller may wait for the answer's first audio before it counts as dead air. */
  readonly deadAirMs: number;
  /** A turn is over; called before anybody else is told. */
  readonly onClosed: (turn: Turn) => void;
}

/** The turns of a call: each is opened, committed and closed here, and told of when it is over. */
export class TurnBook {
  readonly #parts: TurnBookParts;
  readonly #deadAir: TurnWatch;
  /** What participants are in the middle of saying. */
  readonly #open = new Map<string, Turn>();
  /** Turns of which it was told that their caller waits in vain: once is enough. */
  readonly #dead = new WeakSet<Turn>();
  #count = 0;
  #firstJoinedAtMs: number | undefined;

  constructor(parts: TurnBookParts) {
    this.#parts = parts;
    this.#deadAir = new TurnWatch(parts.clock, parts.deadAirMs, (turn) => {
      const { fillerStart, apologyStart, playoutStart } = turn.marks;
      if ((fillerStart ?? apologyStart ?? playoutStart) !== undefined) return;
      this.#dead.add(turn);
      parts.recorder.deadAir();
      parts.logger.warn(turn.logFields, 'a caller waits in vain for an answer');
      parts.events.emit('dead-air', { turnId: turn.id });
    });
  }

  /** Somebody joined: the wait for the greeting begins with the first. */
  participantJoined(atMs: number): void {
    this.#firstJoinedAtMs ??= atMs;
  }

  /** What a participant is in the middle of saying, if anything. */
  openTurn(participant: Participant): Turn | undefined {
    return this.#open.get(participant.id);
  }

  /** What a participant is in the middle of saying; begun now if it was not. */
  of(participant: Participant): Turn {
    const open = this.#open.get(participant.id);
    if (open) return open;
    const turn = new Turn(this.#nextId(), 'reply', participant, this.#parts.trace);
    this.#open.set(participant.id, turn);
    return turn;
  }

  /** A turn that the program opens. */
  prompted(): Turn {
    const isFirst = this.#count === 0;
    const kind: TurnKind = isFirst ? 'greeting' : 'prompted';
    const turn = new Turn(this.#nextId(), kind, undefined, this.#parts.trace);
    if (isFirst) turn.mark('participantJoined', this.#firstJoinedAtMs);
    turn.mark('committed', this.#parts.clock.now());
    return turn;
  }

  /** A participant's turn is over; they wait for an answer from now on if they said anything. */
  commit(participant: Participant, endpointedAtMs: number): Turn {
    const turn = this.of(participant);
    this.#open.delete(participant.id);
    turn.mark('endpointed', endpointedAtMs);
    turn.mark('committed', this.#parts.clock.now());
    return turn;
  }

  /** A turn that was taken for over goes on, with all that was said of it. */
  reopen(turn: Turn): void {
    if (!turn.participant) return;
    this.#open.set(turn.participant.id, turn);
    turn.remark('endpointed', undefined);
    turn.remark('committed', undefined);
  }

  /** The turn shall be answered: the caller waits. */
  awaitAnswer(turn: Turn): void {
    if (!this.#dead.has(turn)) this.#deadAir.start(turn);
  }

  /** Closes a turn; the first time it is recorded and told. */
  close(turn: Turn, outcome: TurnOutcome): void {
    const record = turn.close(outcome);
    if (!record) return;
    this.#deadAir.stop(turn);
    this.#parts.onClosed(turn);
    this.#parts.recorder.turn(record);
    this.#parts.events.emit('turn', record);
  }

  /** A participant left in the middle of a turn, or the call is over: nobody answers what was said. */
  abandon(participantId: string): void {
    const turn = this.#open.get(participantId);
    this.#open.delete(participantId);
    // A sound without words was none.
    if (!turn || turn.heardText === '') return;
    // No words come any more that would be more certain.
    turn.settle();
    this.close(turn, 'no_response');
  }

  /** The call is over. */
  abandonAll(): void {
    for (const participantId of this.#open.keys()) this.abandon(participantId);
  }

  #nextId(): string {
    this.#count += 1;
    return `turn-${this.#count}`;
  }
}
