import type { Message } from '../conversation/message.ts';
import type { Participant } from '../edge/edge.ts';
import { InterruptedError } from '../errors/interrupted-error.ts';

/**
 * The guess that a user's turn is over, with which an answer was begun. Nothing of the answer leaves,
 * and no tool runs, before the guess has proved right.
 */
export class Speculation {
  readonly participant: Participant;
  /** What the user had said when the answer was begun. */
  readonly text: string;
  readonly #confirmed = Promise.withResolvers<void>();
  #isConfirmed = false;

  constructor(participant: Participant, text: string) {
    this.participant = participant;
    this.text = text;
    // Whoever awaits it sees the rejection; nobody has to.
    this.#confirmed.promise.catch(() => undefined);
  }

  /** Resolves when the guess proved right; rejects when it was wrong. */
  get confirmed(): Promise<void> {
    return this.#confirmed.promise;
  }

  get isConfirmed(): boolean {
    return this.#isConfirmed;
  }

  /** What the model is told beyond the conversation, which does not have it before it is certain. */
  get pendingMessages(): readonly Message[] {
    if (this.#isConfirmed) return [];
    return [{ role: 'user', text: this.text, participantId: this.participant.id }];
  }

  confirm(): void {
    this.#isConfirmed = true;
    this.#confirmed.resolve();
  }

  discard(): void {
    this.#confirmed.reject(new InterruptedError('discarded'));
  }
}
