import type { AudioFrame } from '../audio/audio-frame.ts';
import { frameDurationMs } from '../audio/audio-frame.ts';
import type { Clock } from '../clock/clock.ts';
import type { Playout, Utterance, UtteranceEnd } from '../edge/playout.ts';
import type { Turn } from '../turn/turn.ts';
import { heardWords } from './heard-words.ts';

/** What an answer is made with. */
export interface SpokenAnswerParts {
  readonly turn: Turn;
  /** Whether users may cut it off. */
  readonly isInterruptible: boolean;
  readonly playout: Playout;
  readonly clock: Clock;
  readonly onPlayoutStart: () => void;
}

/**
 * What a model that speaks by itself says in one turn. `awaited`: nothing of it has come yet. `coming`:
 * there is more to come. `complete`: all audio is there; it may still be playing.
 */
export class SpokenAnswer {
  readonly turn: Turn;
  readonly isInterruptible: boolean;
  readonly #clock: Clock;
  readonly #utterance: Utterance;
  #state: 'awaited' | 'coming' | 'complete' = 'awaited';
  /** The texts that are whole, and the one that is growing. */
  #text = '';
  #newText = '';
  #audioMs = 0;
  #toolsAtWork = 0;
  #waitsSinceMs: number;

  constructor({ turn, isInterruptible, playout, clock, onPlayoutStart }: SpokenAnswerParts) {
    this.turn = turn;
    this.isInterruptible = isInterruptible;
    this.#clock = clock;
    this.#waitsSinceMs = clock.now();
    turn.mark('llmRequest', this.#waitsSinceMs);
    this.#utterance = playout.begin();
    this.#utterance.onStart((atMs) => {
      turn.mark('playoutStart', atMs);
      onPlayoutStart();
    });
  }

  get state(): 'awaited' | 'coming' | 'complete' {
    return this.#state;
  }

  /** Whether any of it has left for the caller. */
  get wasHeard(): boolean {
    return this.#utterance.startedAtMs !== undefined;
  }

  /** How much of it has left, in milliseconds. */
  get playedMs(): number {
    return this.#utterance.playedMs;
  }

  /** Whether tools are at work for it. */
  get awaitsTools(): boolean {
    return this.#toolsAtWork > 0;
  }

  /** All of its words so far, heard or not. */
  get text(): string {
    return `${this.#text} ${this.#newText}`.trim();
  }

  play(frame: AudioFrame): void {
    if (this.#audioMs === 0) this.#firstAudioCame();
    this.#state = 'coming';
    this.#audioMs += frameDurationMs(frame);
    this.#utterance.play(frame);
  }

  /** Takes a transcript of it: one that is final replaces what was not. */
  said(text: string, final: boolean): void {
    this.#state = 'coming';
    this.#newText = final ? '' : text;
    if (final) this.#text = `${this.#text} ${text}`.trim();
  }

  toolStarted(): void {
    this.#state = 'coming';
    if (this.#toolsAtWork === 0) {
      const { turn } = this;
      turn.mark('toolStart', this.#clock.now());
      turn.usedTool();
      turn.waited({ llmMs: this.#lap() });
    }
    this.#toolsAtWork += 1;
  }

  toolEnded(): void {
    this.#toolsAtWork -= 1;
    if (this.#toolsAtWork > 0) return;
    this.turn.remark('toolEnd', this.#clock.now());
    this.turn.waited({ toolMs: this.#lap() });
  }

  /** All audio is there. Resolves when the last of it has left, or it was cut off. */
  complete(): Promise<UtteranceEnd> {
    this.#state = 'complete';
    this.#utterance.end();
    return this.#utterance.done;
  }

  /** The words that have left for the caller, by the edge's clock; cut between two words. */
  heard(): string {
    const isComplete = this.#state === 'complete';
    return heardWords(this.text, {
      playedMs: this.playedMs,
      audioMs: this.#audioMs,
      isComplete,
    }).trim();
  }

  /** One model does it all: its first audio is its first word, its first sentence and its first sound. */
  #firstAudioCame(): void {
    const { turn } = this;
    const atMs = this.#clock.now();
    const waitedMs = this.#lap();
    turn.waited(this.awaitsTools ? { toolMs: waitedMs } : { llmMs: waitedMs });
    for (const mark of ['llmFirstToken', 'firstSentence', 'ttsFirstAudio'] as const) {
      turn.mark(mark, atMs);
    }
  }

  #lap(): number {
    const sinceMs = this.#waitsSinceMs;
    this.#waitsSinceMs = this.#clock.now();
    return this.#waitsSinceMs - sinceMs;
  }
}
