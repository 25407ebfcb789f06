/** How much later than in audio a transcript comes where no more audio does, in ms. */
const patienceMs = 250;

/** What a job is made with. */
export interface TranscriptionJobParts {
  /** From the commit to the transcript. */
  delayMs: number;
  /** Where in the audio the turn was committed; undefined where the client did it, whose clock decides. */
  committedAtMs: number | undefined;
  /** Half of the delay is over: first words are known. */
  onFirstWords: () => void;
  /** All words are known. */
  onDone: () => void;
}

/** One committed turn on its way to its transcript: driven by the audio, or by the clock where that must do. */
export class TranscriptionJob {
  readonly #parts: TranscriptionJobParts;
  readonly #timers: NodeJS.Timeout[];
  #state: 'begun' | 'first-words' | 'done' = 'begun';

  constructor(parts: TranscriptionJobParts) {
    const { delayMs, committedAtMs } = parts;
    this.#parts = parts;
    const lateMs = committedAtMs === undefined ? 0 : patienceMs;
    this.#timers = [
      setTimeout(() => this.#showFirstWords(), delayMs / 2 + lateMs),
      setTimeout(() => this.#finish(), delayMs + lateMs),
    ];
  }

  /** So much audio was heard by now. */
  advance(audioMs: number): void {
    const { committedAtMs, delayMs } = this.#parts;
    if (committedAtMs === undefined) return;
    if (audioMs >= committedAtMs + delayMs / 2) this.#showFirstWords();
    if (audioMs >= committedAtMs + delayMs) this.#finish();
  }

  /** Nobody waits for it any more. */
  cancel(): void {
    this.#state = 'done';
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #showFirstWords(): void {
    if (this.#state !== 'begun') return;
    this.#state = 'first-words';
    this.#parts.onFirstWords();
  }

  #finish(): void {
    if (this.#state === 'done') return;
    this.#showFirstWords();
    this.cancel();
    this.#parts.onDone();
  }
}
