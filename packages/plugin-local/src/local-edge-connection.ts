import type {
  AudioFrame,
  Caption,
  EdgeConnection,
  EdgeJoinContext,
  SessionEndReason,
} from '@vision-agents/core';
import { Playout } from '@vision-agents/core';

import { edgeClosed, PROVIDER } from './local-error.ts';
import type { LocalParticipant } from './local-participant.ts';
import { VOICE_RATE_HZ } from './local-participant.ts';
import type { LocalRoom, RoomAgent } from './local-room.ts';

/** The agent's place in one room: the room's events become the agent's, and its voice the room's. */
export class LocalEdgeConnection implements EdgeConnection {
  readonly playout: Playout;
  readonly #room: LocalRoom;
  readonly #context: EdgeJoinContext;
  readonly #leaveGraceMs: number;
  readonly #sockets = new Map<LocalParticipant, () => void>();
  readonly #onAbort = (): void => void this.close('closed');
  #cancelGrace: (() => void) | undefined;
  #isOver = false;

  constructor(room: LocalRoom, context: EdgeJoinContext, leaveGraceMs: number) {
    this.#room = room;
    this.#context = context;
    this.#leaveGraceMs = leaveGraceMs;
    this.playout = new Playout({
      provider: PROVIDER,
      sampleRateHz: VOICE_RATE_HZ,
      send: (samples) => {
        const droppedMs = room.play(samples);
        if (droppedMs > 0) this.playout.dropped(droppedMs);
      },
      flushed: () => room.flush(),
      metrics: context.metrics,
      clock: context.clock,
    });
    context.signal.addEventListener('abort', this.#onAbort, { once: true });
    room.enter(this.#agent());
  }

  caption(caption: Caption): void {
    this.#room.send({ type: 'caption', ...caption });
  }

  close(reason: SessionEndReason): Promise<void> {
    this.#finish();
    return this.#room.close(reason);
  }

  #agent(): RoomAgent {
    const { handlers } = this.#context;
    return {
      joined: (participant) => this.#joined(participant),
      left: (participant) => this.#left(participant),
      audio: (participant: LocalParticipant, frame: AudioFrame) => {
        if (!this.#isOver) handlers.audio(participant.identity, frame);
      },
      ignored: ({ identity }) => {
        const { logger } = this.#context;
        logger.debug({ participantId: identity.id }, 'a message of an unknown kind was ignored');
      },
      violated: ({ identity }, problem) => {
        const { logger } = this.#context;
        const fields = { participantId: identity.id, error_type: 'protocol', problem };
        logger.warn(fields, 'a participant broke the protocol and was disconnected');
      },
      evicted: () => this.#evicted(),
    };
  }

  #joined(participant: LocalParticipant): void {
    this.#sockets.set(participant, this.#context.socketOpened());
    this.#cancelGrace?.();
    this.#cancelGrace = undefined;
    this.#context.handlers.participantJoined(participant.identity, participant.waitedMs);
  }

  #left(participant: LocalParticipant): void {
    this.#sockets.get(participant)?.();
    this.#sockets.delete(participant);
    const { droppedMs, identity } = participant;
    if (droppedMs > 0) {
      const fields = { participantId: identity.id, droppedMs };
      this.#context.logger.warn(fields, 'a participant read too slowly and missed audio');
    }
    if (this.#isOver) return;
    this.#context.handlers.participantLeft(identity);
    if (!this.#room.isEmpty) return;
    if (this.#leaveGraceMs === 0) {
      this.#hangUp();
    } else {
      this.#cancelGrace = this.#context.clock.after(this.#leaveGraceMs, () => this.#hangUp());
    }
  }

  #hangUp(): void {
    this.#finish();
    // Whoever comes now is too late: the agent is about to go.
    void this.#room.close('hangup');
    this.#context.handlers.ended('hangup');
  }

  #evicted(): void {
    if (this.#isOver) return;
    this.#finish();
    this.#context.handlers.ended('error', edgeClosed());
  }

  #finish(): void {
    this.#isOver = true;
    this.#cancelGrace?.();
    this.#cancelGrace = undefined;
    this.#context.signal.removeEventListener('abort', this.#onAbort);
    this.playout.flush();
  }
}
