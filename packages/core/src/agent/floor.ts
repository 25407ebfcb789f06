import type { Clock } from '../clock/clock.ts';

/**
 * Whom the agent listens to when several speak at once. `open`: to everybody; a turn that ends later
 * cuts off the answer to another's. `first-speaker`: to who spoke first, until they were answered.
 */
export type CrossTalk = 'open' | 'first-speaker';

/** Whoever holds the floor and is not heard for so long, in the middle of a turn, has lost it. */
const SILENT_HOLDER_MS = 5000;

/** Says who may speak to the agent. */
export class Floor {
  readonly #policy: CrossTalk;
  readonly #clock: Clock;
  #holder: { readonly participantId: string; readonly heardAtMs: number } | undefined;

  constructor(policy: CrossTalk, clock: Clock) {
    this.#policy = policy;
    this.#clock = clock;
  }

  /**
   * Whether a participant who is heard now is listened to; a floor that is free is theirs.
   * `answeredId` is whom the agent is answering: as long as it does, they lose nothing by silence.
   */
  admits(participantId: string, answeredId: string | undefined): boolean {
    if (this.#policy === 'open') return true;
    const heardAtMs = this.#clock.now();
    const holder = this.#holder;
    if (holder && holder.participantId !== participantId) {
      const isAnswered = holder.participantId === answeredId;
      if (isAnswered || heardAtMs - holder.heardAtMs < SILENT_HOLDER_MS) return false;
    }
    this.#holder = { participantId, heardAtMs };
    return true;
  }

  /** They were answered, or have left. */
  release(participantId: string): void {
    if (this.#holder?.participantId === participantId) this.#holder = undefined;
  }
}
