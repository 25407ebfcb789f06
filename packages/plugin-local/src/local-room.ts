import type { AudioFrame, SessionEndReason } from '@vision-agents/core';
import type { WebSocket } from 'ws';

import type { ParticipantEvents } from './local-participant.ts';
import { LocalParticipant } from './local-participant.ts';
import type { ServerMessage, SocketQuery } from './local-wire.ts';

/** The agent's side of a room. */
export interface RoomAgent extends ParticipantEvents {
  joined(participant: LocalParticipant): void;
  /** The edge was closed around the room. */
  evicted(): void;
}

/**
 * The participants of one call, from when it was created to when it is over. Whoever comes before
 * the agent waits for it.
 */
export class LocalRoom {
  readonly #participants = new Set<LocalParticipant>();
  readonly #onClosed: () => void;
  #agent: RoomAgent | undefined;
  #closing: Promise<void> | undefined;

  constructor(onClosed: () => void) {
    this.#onClosed = onClosed;
  }

  get hasAgent(): boolean {
    return this.#agent !== undefined;
  }

  get isEmpty(): boolean {
    return this.#participants.size === 0;
  }

  /** Lets the agent in and introduces those who wait. */
  enter(agent: RoomAgent): void {
    this.#agent = agent;
    for (const participant of this.#participants) agent.joined(participant);
  }

  /** Takes somebody in. */
  admit(socket: WebSocket, query: SocketQuery): void {
    const participant = new LocalParticipant(socket, query, {
      audio: (from: LocalParticipant, frame: AudioFrame) => this.#agent?.audio(from, frame),
      ignored: (from) => this.#agent?.ignored(from),
      violated: (from, problem) => this.#agent?.violated(from, problem),
      left: (from) => {
        this.#participants.delete(from);
        this.#agent?.left(from);
      },
    });
    this.#participants.add(participant);
    this.#agent?.joined(participant);
  }

  /** Sends a piece of the agent's voice to everybody. Returns how much was dropped, in milliseconds. */
  play(samples: Int16Array): number {
    let droppedMs = 0;
    for (const participant of this.#participants) droppedMs += participant.play(samples);
    return droppedMs;
  }

  flush(): void {
    for (const participant of this.#participants) participant.flush();
  }

  send(message: ServerMessage): void {
    for (const participant of this.#participants) participant.send(message);
  }

  /** Ends the call for everybody, the agent included. */
  async evict(): Promise<void> {
    this.#agent?.evicted();
    await this.close('closed');
  }

  /** Sends everybody away, within about a second. Idempotent; never rejects. */
  close(reason: SessionEndReason): Promise<void> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  async #close(reason: SessionEndReason): Promise<void> {
    this.#onClosed();
    await Promise.all([...this.#participants].map((participant) => participant.end(reason)));
  }
}
