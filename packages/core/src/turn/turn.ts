import type { SpanContext } from '@opentelemetry/api';

import type { Participant } from '../edge/edge.ts';
import type { CallTrace } from '../tracing/call-trace.ts';
import { TurnTrace } from '../tracing/turn-trace.ts';
import type { TurnMark, TurnMarks, TurnWaits } from './turn-marks.ts';
import type { TurnTimeline } from './turn-timeline.ts';
import { turnTimeline } from './turn-timeline.ts';

/** How a turn ended. `no_response`: there was nothing to answer, or the model said nothing. */
export type TurnOutcome = 'completed' | 'interrupted' | 'error' | 'no_response';

/**
 * What the agent's words were for: the answer to a user's turn, with tools or without, the first words
 * of a call, or words that the program put in later.
 */
export type TurnKind = 'reply' | 'tool_reply' | 'greeting' | 'prompted';

/** The record of a turn that is over. Metrics, events and log lines all come from it. */
export interface TurnRecord {
  readonly id: string;
  readonly kind: TurnKind;
  /** Whose turn it was; undefined where the program made the agent speak. */
  readonly participant: Participant | undefined;
  readonly outcome: TurnOutcome;
  readonly marks: TurnMarks;
  /** What the user was heard to say. */
  readonly userText: string;
  /** What the agent said, as far as it reached the caller. */
  readonly agentText: string;
  /** What the agent was doing when it was cut off. */
  readonly interruptedWhile: 'thinking' | 'speaking' | undefined;
  /** Undefined where start or end of the response is not known. */
  readonly timeline: TurnTimeline | undefined;
  /** Why its answer failed, where the outcome is `error`. */
  readonly error: unknown;
  /** The turn's span, to tie other things to it; undefined where nobody traces. */
  readonly span: SpanContext | undefined;
}

/** A turn while it lasts. It is closed exactly once. */
export class Turn {
  readonly id: string;
  readonly participant: Participant | undefined;
  /** The language of the words, as the speech to text detected it. */
  language: string | undefined;
  /** Whether a turn detector has declared it over. */
  isOver = false;
  /** Whether it is heard as it is said, or late, because nobody listened; undefined before that is known. */
  timing: 'live' | 'late' | undefined;
  agentText = '';
  interruptedWhile: 'thinking' | 'speaking' | undefined;
  /** Why its answer failed. */
  error: unknown;
  /** Its span; undefined for a turn outside a call. */
  readonly trace: TurnTrace | undefined;
  #userText = '';
  /** Words of the user that may still change. */
  #partialText = '';
  #isMissingText = true;
  #kind: TurnKind;
  #isClosed = false;
  readonly #closed = Promise.withResolvers<TurnRecord>();
  readonly #marks: Partial<Record<TurnMark, number>> = {};
  readonly #waits = { queuedMs: 0, llmMs: 0, toolMs: 0, heldMs: 0 };

  constructor(id: string, kind: TurnKind, participant?: Participant, call?: CallTrace) {
    this.id = id;
    this.#kind = kind;
    this.participant = participant;
    this.trace = call && new TurnTrace(call, this.#marks);
  }

  get marks(): TurnMarks {
    return this.#marks;
  }

  /** What the user said for certain. */
  get userText(): string {
    return this.#userText;
  }

  /** What the user said, with words that may still change. */
  get heardText(): string {
    return `${this.#userText} ${this.#partialText}`.trim();
  }

  /** Whether words were heard, or may have been, that `userText` does not have yet. */
  get isMissingText(): boolean {
    return this.#isMissingText;
  }

  /** What ties a line of a log to it. */
  get logFields(): { readonly turn_id: string; readonly span_id?: string } {
    const { id: turn_id, trace } = this;
    const span_id = trace?.context?.spanId;
    return span_id === undefined ? { turn_id } : { turn_id, span_id };
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The record, once the turn is over. */
  get closed(): Promise<TurnRecord> {
    return this.#closed.promise;
  }

  /** Notes a moment. The first one counts. */
  mark(mark: TurnMark, atMs: number | undefined): void {
    if (atMs !== undefined) this.#marks[mark] ??= atMs;
  }

  /** Notes a moment of which the last one counts: when that is not known, neither is the moment. */
  remark(mark: TurnMark, atMs: number | undefined): void {
    if (atMs === undefined) delete this.#marks[mark];
    else this.#marks[mark] = atMs;
  }

  /** Takes a transcript: one that is final replaces what was not. */
  heard(text: string, final: boolean, language?: string): void {
    this.#isMissingText = !final;
    this.#partialText = final ? '' : text;
    if (final) this.#userText = `${this.#userText} ${text}`.trim();
    this.language = language ?? this.language;
  }

  /** Something was said that nobody has understood yet: the words will come late. */
  missWords(): void {
    this.#isMissingText = true;
    this.timing = 'late';
  }

  /** All that was said is recognised once more: what is known of it may change. */
  reconsider(): void {
    this.#partialText = this.heardText;
    this.#userText = '';
    this.#isMissingText = true;
  }

  /** No final transcript comes any more: what was heard is what was said. */
  settle(): void {
    this.#userText = this.heardText;
    this.#partialText = '';
    this.#isMissingText = false;
  }

  /** Adds a wait, as long as nothing was said: after that it is not on the critical path. */
  waited(waits: Partial<TurnWaits>): void {
    if (this.#marks.firstSentence !== undefined) return;
    this.#waits.queuedMs += waits.queuedMs ?? 0;
    this.#waits.llmMs += waits.llmMs ?? 0;
    this.#waits.toolMs += waits.toolMs ?? 0;
  }

  /** Adds a time for which audio was held back because somebody spoke; after the first frame it delays nothing. */
  wasHeld(heldMs: number): void {
    if (this.#marks.playoutStart === undefined) this.#waits.heldMs += heldMs;
  }

  /** Forgets an answer that was begun before the turn was over and came to nothing. */
  withdrawAnswer(): void {
    for (const mark of ['llmRequest', 'llmFirstToken', 'firstSentence'] as const) {
      delete this.#marks[mark];
    }
    this.#waits.llmMs = 0;
  }

  /** Notes that a tool was used on the way to the first words. */
  usedTool(): void {
    if (this.#kind === 'reply' && this.#marks.firstSentence === undefined)
      this.#kind = 'tool_reply';
  }

  /** Ends the turn. Only the first call does anything; it returns the record. */
  close(outcome: TurnOutcome): TurnRecord | undefined {
    if (this.#isClosed) return undefined;
    this.#isClosed = true;
    const { id, participant, userText, agentText, interruptedWhile, error } = this;
    const marks = { ...this.#marks };
    const timeline = turnTimeline(marks, this.#waits);
    const record: TurnRecord = {
      id,
      kind: this.#kind,
      participant,
      outcome,
      marks,
      userText,
      agentText,
      interruptedWhile,
      timeline,
      error,
      span: this.trace?.context,
    };
    this.trace?.close(record);
    this.#closed.resolve(record);
    return record;
  }
}
