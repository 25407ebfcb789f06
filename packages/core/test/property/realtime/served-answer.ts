import type { RealtimeFact } from '../../../src/index.ts';
import { pcmBytes } from '../../../src/index.ts';
import type { AnswerPlan } from './realtime-plan.ts';
import type { SpokenPiece } from './spoken-pieces.ts';

/** How an answer ended, as the model saw it. `unspoken`: before anything had come of it. */
export type ServedEnd =
  | 'completed'
  | 'interrupted'
  | 'error'
  | 'empty'
  | 'forgotten'
  | 'unspoken'
  | 'lost';

/** One answer as the model saw it. */
export class ServedAnswer {
  readonly plan: AnswerPlan;
  /** The value of all its samples: by it a frame tells which answer it is of. */
  readonly level: number;
  readonly asked: 'by-speech' | 'by-text' | 'by-nobody';
  /** What it has told of its words for certain, and what it has said and not told so. */
  text = '';
  newText = '';
  samples = 0;
  /** Whether anything of it was told. */
  hasBegun = false;
  /** Whether it is on its way to an end that somebody asked for. */
  isStopping = false;
  stoppedAtMs: number | undefined = undefined;
  /** Whether the model was told to stop, rather than having noticed by itself. */
  isUnwanted = false;
  end: ServedEnd | undefined = undefined;
  endedAtMs: number | undefined = undefined;
  readonly openCalls: Set<string> = new Set();
  readonly #pieces: readonly SpokenPiece[];
  #next = 0;
  #halfSample: Buffer = Buffer.alloc(0);

  constructor(
    plan: AnswerPlan,
    level: number,
    pieces: readonly SpokenPiece[],
    asked: ServedAnswer['asked'],
  ) {
    this.plan = plan;
    this.level = level;
    this.#pieces = pieces;
    this.asked = asked;
  }

  /** How many pieces it has sent. */
  get sentPieces(): number {
    return this.#next;
  }

  takePiece(): SpokenPiece | undefined {
    const piece = this.#pieces[this.#next];
    this.#next += 1;
    return piece;
  }

  /** The facts of a piece of audio. The last one is whole, whatever the plan. */
  speak(piece: Extract<SpokenPiece, { type: 'audio' }>): RealtimeFact[] {
    this.hasBegun = true;
    this.samples += piece.samples;
    const bytes = Buffer.concat([
      this.#halfSample,
      pcmBytes(new Int16Array(piece.samples).fill(this.level)),
    ]);
    const isOdd = this.plan.isOdd && this.plan.interrupted.end !== 'forgotten';
    const end = isOdd && this.#next < this.#pieces.length ? bytes.length - 1 : bytes.length;
    this.#halfSample = bytes.subarray(end);
    const words = [...piece.before, ...piece.after];
    for (const { text, final } of words) {
      this.newText = final ? '' : text;
      if (final) this.text = `${this.text} ${text}`.trim();
    }
    return [
      ...piece.before.map((told) => ({ type: 'agent-transcript' as const, ...told })),
      { type: 'audio', bytes: bytes.subarray(0, end) },
      ...piece.after.map((told) => ({ type: 'agent-transcript' as const, ...told })),
    ];
  }

  /** Words without a sound. */
  mutter(): string {
    this.hasBegun = true;
    this.text = 'Wzzzz.';
    return this.text;
  }

  /** The samples that were sent whole. */
  get wholeSamples(): number {
    return this.samples - Math.ceil(this.#halfSample.length / 2);
  }

  /** All its words, told for certain or not. */
  get allText(): string {
    return `${this.text} ${this.newText}`.trim();
  }
}
