import type { Clock } from '../clock/clock.ts';
import type { Turn } from '../turn/turn.ts';
import { TurnWatch } from './turn-watch.ts';

/** How long words that would end a turn are waited for, when they are due. */
const LAST_WORDS_MS = 2000;
/** The same of somebody whom nobody can hear: a caller waits no longer. */
const OUTAGE_MS = 5000;
/** What is said while nobody listens is understood so soon after somebody does again. */
const CATCH_UP_MS = 2000;

/**
 * Knows whose words are missing, since nobody can hear them at the moment, whose come late because of that,
 * and how long to wait for them.
 */
export class MissingWords {
  readonly #clock: Clock;
  readonly #lastWords: TurnWatch;
  readonly #lostWords: TurnWatch;
  /** Until when each could not be heard; `now` for who cannot. */
  readonly #outageEnds = new Map<string, number | 'now'>();
  /** Since when words of a turn are waited for that nobody could hear. */
  readonly #lostSince = new WeakMap<Turn, number>();

  /** @param onGivenUp a turn was waited for in vain */
  constructor(clock: Clock, onGivenUp: (turn: Turn) => void) {
    this.#clock = clock;
    this.#lastWords = new TurnWatch(clock, LAST_WORDS_MS, onGivenUp);
    this.#lostWords = new TurnWatch(clock, OUTAGE_MS, onGivenUp);
  }

  /** Nobody listens to them. */
  listenerLost(participantId: string): void {
    this.#outageEnds.set(participantId, 'now');
  }

  /** Somebody does, at first or again, and was sent all that they said before. */
  listenerLive(participantId: string): void {
    if (this.isUnheard(participantId)) this.#outageEnds.set(participantId, this.#clock.now());
  }

  /** They left. */
  forget(participantId: string): void {
    this.#outageEnds.delete(participantId);
  }

  /** Whether nobody listens to them. */
  isUnheard(participantId: string): boolean {
    return this.#outageEnds.get(participantId) === 'now';
  }

  /**
   * Whether speech becomes known later than it would have.
   * @param startedAtMs when it began, where that is known
   */
  areLate(participantId: string, startedAtMs: number | undefined): boolean {
    const endMs = this.#outageEnds.get(participantId);
    if (endMs === undefined) return false;
    if (endMs === 'now') return true;
    if (startedAtMs !== undefined) return startedAtMs < endMs;
    return this.#clock.now() < endMs + CATCH_UP_MS;
  }

  /** Waits for the words of a turn that nobody is certain of, if there are any. */
  await(turn: Turn): void {
    if (!turn.isMissingText || turn.heardText === '') return;
    if (turn.participant && this.isUnheard(turn.participant.id)) this.#awaitLost(turn);
    else this.#lastWords.start(turn);
  }

  /**
   * The same, because nobody hears the rest any more, or somebody does again. Connections that are lost one
   * after the other do not begin the time anew.
   */
  awaitAgain(turn: Turn): void {
    this.#stopWatches(turn);
    this.await(turn);
  }

  /** A sound is heard of somebody whose words were lost: there may be words in it, or none. */
  awaitAfterSound(turn: Turn): void {
    this.stop(turn);
    if (turn.isMissingText && turn.heardText !== '') this.#awaitLost(turn);
  }

  /** They came, or are not waited for any more. */
  stop(turn: Turn): void {
    this.#lostSince.delete(turn);
    this.#stopWatches(turn);
  }

  #awaitLost(turn: Turn): void {
    const now = this.#clock.now();
    const sinceMs = this.#lostSince.get(turn) ?? now;
    this.#lostSince.set(turn, sinceMs);
    this.#lostWords.start(turn, OUTAGE_MS - (now - sinceMs));
  }

  #stopWatches(turn: Turn): void {
    this.#lastWords.stop(turn);
    this.#lostWords.stop(turn);
  }
}
