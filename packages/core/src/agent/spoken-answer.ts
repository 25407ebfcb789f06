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
  /** Whether something of it has come already. */
  readonly state: 'awaited' | 'coming';
  readonly playout: Playout;
  readonly clock: Clock;
  readonly onPlayoutStart: () => void;
}

/**
 * How far an answer has come. `awaited`: nothing of it has come yet. `coming`: there is more to come.
 * `complete`: all audio is there; it may still be playing. `broken`: so it is, but no more will come.
 */
type AnswerState = 'awaited' | 'coming' | 'complete' | 'broken';

/** What the model says until it ends a response; more may follow, because it has an afterthought. */
interface AnswerPart {
  /** The texts that are whole, and the one that is growing. */
  text: string;
  newText: string;
  audioMs: number;
  isComplete: boolean;
}

/** What a model that speaks by itself says in one turn. */
export class SpokenAnswer {
  readonly turn: Turn;
  readonly isInterruptible: boolean;
  readonly #clock: Clock;
  readonly #playout: Playout;
  readonly #utterance: Utterance;
  #state: AnswerState;
  readonly #parts: AnswerPart[] = [];
  #toolsAtWork = 0;
  #waitsSinceMs: number;
  /** When something of it came last, or it was asked for. */
  #cameAtMs: number;

  constructor(parts: SpokenAnswerParts) {
    const { turn, isInterruptible, state, playout, clock, onPlayoutStart } = parts;
    this.turn = turn;
    this.isInterruptible = isInterruptible;
    this.#state = state;
    this.#clock = clock;
    this.#playout = playout;
    this.#waitsSinceMs = clock.now();
    this.#cameAtMs = this.#waitsSinceMs;
    turn.mark('llmRequest', this.#waitsSinceMs);
    this.#utterance = playout.begin();
    this.#utterance.onStart((atMs) => {
      turn.mark('playoutStart', atMs);
      onPlayoutStart();
    });
  }

  get state(): AnswerState {
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

  /** For how long nothing of it has come and nothing was heard, though no tool was at work for it. */
  get silentMs(): number {
    if (this.awaitsTools) return 0;
    const heardAtMs = this.wasHeard ? this.#playout.lastFrameAtMs : undefined;
    return this.#clock.now() - Math.max(this.#cameAtMs, heardAtMs ?? 0);
  }

  /** All of its words so far, heard or not. */
  get text(): string {
    return this.#parts.map(textOf).join(' ').trim();
  }

  play(frame: AudioFrame): void {
    if (this.turn.marks.ttsFirstAudio === undefined) this.#firstAudioCame();
    this.#part().audioMs += frameDurationMs(frame);
    this.#utterance.play(frame);
  }

  /** Takes a transcript of it: one that is final replaces what was not. */
  said(text: string, final: boolean): void {
    const part = this.#part();
    part.newText = final ? '' : text;
    if (final) part.text = `${part.text} ${text}`.trim();
  }

  toolStarted(): void {
    this.#part();
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
    this.#cameAtMs = this.#clock.now();
    if (this.#toolsAtWork > 0) return;
    this.turn.remark('toolEnd', this.#clock.now());
    this.turn.waited({ toolMs: this.#lap() });
  }

  /**
   * All audio is there, or all that there will be. Resolves when the last of it has left, or it was cut
   * off.
   */
  end(how: 'complete' | 'broken'): Promise<UtteranceEnd> {
    this.#state = how;
    const part = this.#parts.at(-1);
    if (part) part.isComplete = how === 'complete';
    this.#utterance.end();
    return this.#utterance.done;
  }

  /** The words that have left for the caller, by the edge's clock; cut between two words. */
  heard(): string {
    let { playedMs } = this;
    const heard = this.#parts.map((part) => {
      const { audioMs, isComplete } = part;
      const words =
        audioMs === 0 ? '' : heardWords(textOf(part), { playedMs, audioMs, isComplete });
      playedMs = Math.max(0, playedMs - audioMs);
      return words;
    });
    return heard.join(' ').trim();
  }

  /** The part that what comes now is of. */
  #part(): AnswerPart {
    this.#cameAtMs = this.#clock.now();
    const newest = this.#parts.at(-1);
    if (newest && this.#state === 'coming') return newest;
    this.#state = 'coming';
    this.#utterance.goOn();
    const part = { text: '', newText: '', audioMs: 0, isComplete: false };
    this.#parts.push(part);
    return part;
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

function textOf({ text, newText }: AnswerPart): string {
  return `${text} ${newText}`.trim();
}
