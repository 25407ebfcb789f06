import type { Clock } from '../clock/clock.ts';
import type { Backchannels } from '../conversation/backchannels.ts';
import { backchannelsOf } from '../conversation/backchannels.ts';
import { countWords } from '../conversation/count-words.ts';
import type { InterruptionOptions } from './interruption-options.ts';

/** What judging needs, and what becomes of it. */
export interface BargeInParts {
  readonly clock: Clock;
  readonly options: Required<InterruptionOptions>;
  /**
   * Whether the end of speech is told by sound alone, so that the wait for words can begin there;
   * otherwise it begins with the pause.
   */
  readonly hearsSilence: boolean;
  /** Somebody speaks: the agent falls silent, but forgets nothing. */
  readonly onPause: (detectedAtMs: number) => void;
  /** It was nothing: the agent goes on. */
  readonly onResume: () => void;
  /** They mean it: the agent gives way. */
  readonly onInterrupt: (detectedAtMs: number) => void;
}

/** Words of somebody who speaks while the agent responds. */
export interface BargeInWords {
  readonly text: string;
  readonly final: boolean;
  readonly language: string | undefined;
  /** When they began to speak, where that is known. */
  readonly startedAtMs: number | undefined;
}

/**
 * Somebody who may be interrupting. `sounding`: a sound that has not lasted yet. `worded`: the same with
 * words. `paused`: the agent is silent for them. `awaited`: the same, and they are silent too.
 */
interface Suspect {
  state: 'sounding' | 'worded' | 'paused' | 'awaited';
  cancelTimer: () => void;
}

/** The longest pause for a sound that never ends. */
const MAX_PAUSE_MS = 30_000;

/**
 * Judges whether those who speak while the agent responds mean to interrupt it. A sound that lasts
 * makes it pause; words that are no back-channel make it give way; a sound without words was a false
 * alarm.
 */
export class BargeIn {
  readonly #parts: BargeInParts;
  readonly #backchannels: Backchannels;
  readonly #suspects = new Map<string, Suspect>();

  constructor(parts: BargeInParts) {
    this.#parts = parts;
    this.#backchannels = backchannelsOf(parts.options.backchannels);
  }

  /** A sound of speech, or one that goes on after all. */
  soundStarted(participantId: string, startedAtMs: number): void {
    const { options } = this.#parts;
    const suspect = this.#suspects.get(participantId);
    if (suspect?.state === 'awaited') {
      suspect.state = 'paused';
      this.#giveUpAfter(suspect, participantId, MAX_PAUSE_MS);
    }
    // With more words to come before anything happens, a sound alone changes nothing.
    if (suspect === undefined && options.minWords <= 1) {
      this.#suspect(participantId, 'sounding', startedAtMs);
    }
  }

  /** Words, as far as they are known. */
  heard(participantId: string, words: BargeInWords): void {
    const { text, final, language, startedAtMs } = words;
    const verdict = this.#backchannels.judge(text, final, language);
    if (verdict === 'backchannel') this.#dismiss(participantId);
    if (verdict !== 'words' || !this.#areEnough(text)) return;
    const suspect = this.#suspects.get(participantId);
    const isLong = startedAtMs === undefined || this.#lackMs(startedAtMs) === 0;
    if (isLong || (suspect && isSilencing(suspect))) {
      this.#parts.onInterrupt(this.#parts.clock.now());
    } else {
      suspect?.cancelTimer();
      this.#suspect(participantId, 'worded', startedAtMs);
    }
  }

  /** They fell silent; their words may still be on their way. */
  soundEnded(participantId: string): void {
    const suspect = this.#suspects.get(participantId);
    if (suspect?.state === 'sounding') this.#dismiss(participantId);
    if (suspect?.state !== 'paused' || !this.#parts.hearsSilence) return;
    suspect.state = 'awaited';
    this.#giveUpAfter(suspect, participantId, this.#parts.options.falseAlarmMs);
  }

  /** All of their words are known, and none of them made the agent give way. */
  turnEnded(participantId: string): void {
    this.#dismiss(participantId);
  }

  /** Whether a user's turn that is over makes the agent give way. */
  isMeant(text: string, language: string | undefined): boolean {
    return this.#backchannels.judge(text, true, language) === 'words' && this.#areEnough(text);
  }

  /** Nothing is left to interrupt. */
  reset(): void {
    for (const { cancelTimer } of this.#suspects.values()) cancelTimer();
    this.#suspects.clear();
  }

  #suspect(participantId: string, state: 'sounding' | 'worded', startedAtMs: number): void {
    const { clock } = this.#parts;
    const lackMs = this.#lackMs(startedAtMs);
    const dueAtMs = clock.now() + lackMs;
    // Also where nothing lacks: words that came together with the sound shall be judged before it is.
    const cancelTimer = clock.after(lackMs, () => this.#lasted(suspect, participantId, dueAtMs));
    const suspect: Suspect = { state, cancelTimer };
    this.#suspects.set(participantId, suspect);
  }

  /** They have spoken long enough. */
  #lasted(suspect: Suspect, participantId: string, atMs: number): void {
    const { options, hearsSilence, onPause, onInterrupt } = this.#parts;
    if (suspect.state === 'worded' || options.minWords === 0) {
      onInterrupt(atMs);
      return;
    }
    suspect.state = 'paused';
    this.#giveUpAfter(suspect, participantId, hearsSilence ? MAX_PAUSE_MS : options.falseAlarmMs);
    onPause(atMs);
  }

  #giveUpAfter(suspect: Suspect, participantId: string, delayMs: number): void {
    suspect.cancelTimer();
    suspect.cancelTimer = this.#parts.clock.after(delayMs, () => this.#dismiss(participantId));
  }

  #dismiss(participantId: string): void {
    const suspect = this.#suspects.get(participantId);
    if (!suspect) return;
    suspect.cancelTimer();
    this.#suspects.delete(participantId);
    const isLast = !Array.from(this.#suspects.values()).some(isSilencing);
    if (isSilencing(suspect) && isLast) this.#parts.onResume();
  }

  #lackMs(startedAtMs: number): number {
    return Math.max(0, startedAtMs + this.#parts.options.minSpeechMs - this.#parts.clock.now());
  }

  #areEnough(text: string): boolean {
    const { minWords } = this.#parts.options;
    return countWords(text, minWords) >= minWords;
  }
}

function isSilencing({ state }: Suspect): boolean {
  return state === 'paused' || state === 'awaited';
}
