import type { RealtimeClientEvent } from 'openai/resources/realtime/realtime';

/** What the service says when it is asked for a response while it gives another. */
const BUSY_CODE = 'conversation_already_has_active_response';

/**
 * Asks for responses one at a time: the service refuses to give two at once, and begins some by itself.
 */
export class ResponseQueue {
  readonly #send: (event: RealtimeClientEvent) => void;
  /** `asked`: under the id of an event, and not begun. */
  #state: 'idle' | 'asked' | 'active' = 'idle';
  #isWanted = false;
  /** Whether what was asked for last is not wanted any more. */
  #isWithdrawn = false;
  #count = 0;

  constructor(send: (event: RealtimeClientEvent) => void) {
    this.#send = send;
  }

  /** Whether one is wanted that has not begun. */
  get isAwaited(): boolean {
    return this.#isWanted || this.#state === 'asked';
  }

  /** Asks for one, at once or when the one under way is over. */
  want(): void {
    this.#isWanted = true;
    this.#ask();
  }

  /** None is wanted any more. Returns whether one was asked for that has not begun, and will. */
  withdraw(): boolean {
    this.#isWanted = false;
    this.#isWithdrawn = true;
    return this.#state === 'asked';
  }

  /** One has begun. */
  started(): void {
    this.#state = 'active';
  }

  /** One is over. */
  ended(): void {
    this.#state = 'idle';
    this.#ask();
  }

  /**
   * An event of ours was refused. What asked for a response while the service began another in the same
   * moment will ask again, where it is wanted.
   */
  refused(eventId: string, code: string | undefined): 'again' | 'for-good' | 'not-ours' {
    if (eventId !== this.#eventId) return 'not-ours';
    const isBusy = code === BUSY_CODE;
    // The one that it began by itself was told before.
    if (this.#state === 'asked') this.#state = 'idle';
    this.#isWanted ||= isBusy && !this.#isWithdrawn;
    if (isBusy) return 'again';
    this.#ask();
    return 'for-good';
  }

  get #eventId(): string {
    return `response-${this.#count}`;
  }

  #ask(): void {
    if (!this.#isWanted || this.#state !== 'idle') return;
    this.#isWanted = false;
    this.#isWithdrawn = false;
    this.#state = 'asked';
    this.#count += 1;
    this.#send({ type: 'response.create', event_id: this.#eventId });
  }
}
