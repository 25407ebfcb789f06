import type { RealtimeConnection, RealtimeFact, ToolResult } from '../../../src/index.ts';
import { ProviderError } from '../../../src/index.ts';
// The queue is a tool of plugins and no part of what is tested.
import { AsyncQueue } from '../../../src/stream/async-queue.ts';
import type { ManualClock } from '../../../src/testing/index.ts';
import type { GenerativeRealtime } from './generative-realtime.ts';
import type { ServedAnswer, ServedEnd } from './served-answer.ts';
import type { SpokenPiece } from './spoken-pieces.ts';
import { SAMPLES_A_MS } from './spoken-pieces.ts';

const STALL_MS = 3000;
const LATE_MS = 700;
const AGAIN_MS = 10;
/** What was said longer ago is not kept for another session. */
const KEPT_MS = 15_000;

/** A call that the model made. */
export interface ServedCall {
  readonly id: string;
  readonly name: string;
  readonly atMs: number;
  /** The answer that it is of, and whether that was to stop: then nobody need do it. */
  readonly level: number;
  readonly isLate: boolean;
  isCancelled: boolean;
  readonly results: ToolResult[];
}

/** How the model takes note of the end of what was said. */
interface SpeechEnd {
  /** What it tells of when it was, and when that was. */
  readonly offsetMs: number | undefined;
  readonly atMs: number | undefined;
  /** Whether anybody is there who can have said it. */
  readonly isSomebody: boolean;
}

/** One session of the model: does what the plans say, on the clock, and keeps what it was told. */
export class GenerativeSession implements RealtimeConnection {
  readonly inputSampleRateHz = 16_000;
  readonly outputSampleRateHz: number = 1000 * SAMPLES_A_MS;
  readonly resumption: string | undefined;
  readonly texts: string[] = [];
  readonly calls: ServedCall[] = [];
  readonly strayResults: ToolResult[] = [];
  sentSamples = 0;
  /** Whether it still hears what was said before. */
  isCatchingUp = false;
  /** The value of the newest sample that it was sent. */
  lastLevel = 0;
  state: 'open' | 'lost' | 'closed' = 'open';
  readonly openedAtMs: number;
  endedAtMs: number | undefined;
  /** What it was told after it was closed or lost. */
  toldInVain = 0;
  answer: ServedAnswer | undefined;
  readonly #model: GenerativeRealtime;
  readonly #clock: ManualClock;
  readonly #socketClosed: () => void;
  readonly #facts = new AsyncQueue<RealtimeFact>();
  readonly #timers = new Set<() => void>();
  #isClosed = false;
  /** What it responds to as soon as an answer has stopped. */
  #next: ServedAnswer['asked'] | undefined;
  #isIgnoring = false;
  #isEndUntold = false;
  /** What it has begun to say unasked since somebody began to speak. */
  #early: ServedAnswer | undefined;
  /** When the speech ended that nothing has answered yet, where that was told. */
  #unansweredSinceMs: number | undefined;
  /** When somebody finished speaking while it was about to answer something else. */
  #supersededAtMs: number | undefined;

  constructor(model: GenerativeRealtime, clock: ManualClock, socketClosed: () => void) {
    this.#model = model;
    this.#clock = clock;
    this.openedAtMs = clock.now();
    this.#socketClosed = socketClosed;
    this.resumption = model.plan.isResumable ? `handle-${model.sessions.length + 1}` : undefined;
  }

  /** How much audio it was sent, in milliseconds. */
  get heardMs(): number {
    return this.sentSamples / SAMPLES_A_MS;
  }

  get isOpen(): boolean {
    return this.state === 'open';
  }

  report(fact: RealtimeFact): void {
    if (!this.isOpen) return;
    this.#model.reported(fact);
    if (fact.type === 'audio' && this.#unansweredSinceMs !== undefined) {
      this.#model.firstAudioMs.push(this.#clock.now() - this.#unansweredSinceMs);
    }
    if (fact.type === 'audio' || fact.type === 'response-end') this.#unansweredSinceMs = undefined;
    this.#facts.push(fact);
  }

  send(samples: Int16Array): boolean {
    if (!this.isOpen) this.toldInVain += this.state === 'closed' ? 1 : 0;
    this.sentSamples += samples.length;
    this.lastLevel = samples.at(-1) ?? this.lastLevel;
    this.#model.isSentAudio();
    return true;
  }

  sendText(text: string): void {
    if (this.state === 'closed') this.toldInVain += 1;
    this.texts.push(text);
    this.#model.unanswered = undefined;
    this.#unansweredSinceMs = undefined;
    if (!this.isOpen) return;
    const { answer } = this;
    if (answer?.isStopping === true) {
      this.#next = 'by-text';
      return;
    }
    if (answer) this.#end(answer, answer.hasBegun ? 'interrupted' : 'unspoken');
    this.#start('by-text');
  }

  sendToolResults(results: readonly ToolResult[]): void {
    if (this.state === 'closed') this.toldInVain += 1;
    for (const result of results) {
      const call = this.calls.find(({ id }) => id === result.callId);
      if (call) call.results.push(result);
      else this.strayResults.push(result);
      this.#callSettled(result.callId);
    }
  }

  interrupt(playedMs: number): void {
    if (this.state === 'closed') this.toldInVain += 1;
    this.#model.interrupted(playedMs);
    this.#unansweredSinceMs = undefined;
    // What is to be stopped when somebody has just spoken is not what answers them.
    const isNew = this.#supersededAtMs === this.#clock.now() && this.answer?.asked === 'by-speech';
    const isUnheard = this.answer?.hasBegun === false && playedMs > 0;
    if (!this.isOpen || isNew || isUnheard) return;
    if (this.answer) this.answer.isUnwanted = true;
    this.#stop();
  }

  /** The model hears somebody. */
  speechStarted(offsetMs: number | undefined): void {
    this.#isIgnoring = false;
    this.#unansweredSinceMs = undefined;
    this.#supersededAtMs = undefined;
    this.#early = undefined;
    this.report({ type: 'user-speech-start', offsetMs });
    // What it has not begun to say it does not begin to say when it hears somebody.
    if (this.answer?.hasBegun === false || this.#model.plan.bargeIn === 'stops-itself')
      this.#stop();
  }

  /** Somebody has said something: the model responds, unless it goes on with what it was saying. */
  speechEnded({ offsetMs, atMs, isSomebody }: SpeechEnd): void {
    if (this.answer?.isStopping === true) this.#end(this.answer);
    this.#unansweredSinceMs = atMs;
    this.#supersededAtMs = this.answer ? this.#clock.now() : undefined;
    this.report({ type: 'user-speech-end', offsetMs });
    // What was answered before it was over needs no other answer.
    if (this.#early?.hasBegun === true) return;
    this.#next = isSomebody ? 'by-speech' : 'by-nobody';
    if (!this.answer) this.#start(this.#next);
    else if (!this.answer.hasBegun) this.#end(this.answer, 'unspoken');
  }

  /** What was said to the session before, and not answered by it, is said to this one again. */
  hearAgain(): void {
    const { unanswered: kept } = this.#model;
    if (kept && this.#clock.now() - kept.atMs > KEPT_MS) this.#model.unanswered = undefined;
    this.isCatchingUp = true;
    this.#after(AGAIN_MS, () => {
      const { unanswered } = this.#model;
      this.isCatchingUp = unanswered !== undefined && this.answer === undefined;
      if (!unanswered || this.answer) return;
      this.speechStarted(undefined);
      this.#after(1, () => {
        this.isCatchingUp = false;
        if (unanswered.words !== '') this.userSaid(unanswered.words, true);
        this.speechEnded({ offsetMs: undefined, atMs: undefined, isSomebody: true });
      });
    });
  }

  userSaid(text: string, final: boolean): void {
    this.report({ type: 'user-transcript', text, final });
    // What has words is answered, were it with nothing.
    if (this.#isIgnoring) this.report({ type: 'response-end', outcome: 'completed' });
    this.#isIgnoring = false;
  }

  /** The model speaks of its own accord. */
  speakUnasked(): void {
    if (this.answer) return;
    this.#start('by-nobody');
    this.#early = this.answer;
  }

  cancelCalls(): void {
    const open = this.calls.filter(
      ({ isCancelled, results }) => !isCancelled && results.length === 0,
    );
    if (open.length === 0) return;
    for (const call of open) call.isCancelled = true;
    this.report({ type: 'tool-cancelled', callIds: open.map(({ id }) => id) });
    for (const { id } of open) this.#callSettled(id);
  }

  lose(how: 'network' | 'ended' | 'for-good'): void {
    if (!this.isOpen) return;
    this.state = 'lost';
    this.endedAtMs = this.#clock.now();
    if (this.answer) this.#over(this.answer, 'lost');
    this.#dropTimers();
    this.#model.sessionLost(how === 'for-good');
    const type = how === 'for-good' ? 'authentication' : 'network';
    if (how === 'ended') this.#facts.end();
    else this.#facts.fail(new ProviderError({ provider: 'generative', type, message: 'it broke' }));
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.endedAtMs ??= this.#clock.now();
    if (this.answer) this.#over(this.answer, 'lost');
    this.state = this.state === 'lost' ? 'lost' : 'closed';
    this.#dropTimers();
    this.#facts.end();
    this.#socketClosed();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  [Symbol.asyncIterator](): AsyncIterator<RealtimeFact, undefined> {
    return this.#facts[Symbol.asyncIterator]();
  }

  #start(asked: ServedAnswer['asked']): void {
    // Only before it answers somebody is an end forgotten for good.
    if (this.#isEndUntold && asked !== 'by-speech') this.#tellEnd();
    this.#isEndUntold = false;
    this.#next = undefined;
    const answer = this.#model.nextAnswer(asked);
    const { plan } = answer;
    if (plan.end === 'ignored' && asked === 'by-speech' && !this.#model.hasWords) {
      this.#over(answer, 'unspoken');
      this.#isIgnoring = true;
      this.#model.unanswered = undefined;
      return;
    }
    // It ends one response at a time: what it made nothing of is answered with this one.
    this.#isIgnoring = false;
    this.answer = answer;
    this.#after(plan.firstAfterMs, () => this.#go(answer));
  }

  #go(answer: ServedAnswer): void {
    if (answer.end !== undefined) return;
    const { plan } = answer;
    if (plan.end === 'mute') {
      this.report({ type: 'agent-transcript', text: answer.mutter(), final: true });
      return this.#end(answer, 'completed');
    }
    if (plan.end === 'empty' || plan.end === 'ignored') return this.#end(answer, 'empty');
    if (answer.sentPieces === plan.failsAfter && !answer.isStopping) {
      if (plan.end === 'error') return this.#end(answer, 'error');
      if (plan.end === 'lost') return this.lose('network');
      if (plan.end === 'silent') return;
      if (plan.end === 'stalled') return this.#after(STALL_MS, () => this.lose('network'));
    }
    const piece = answer.takePiece();
    if (!piece) return this.#end(answer, 'completed');
    if (piece.type === 'calls') this.#call(answer, piece);
    else for (const fact of answer.speak(piece)) this.report(fact);
    if (answer.openCalls.size === 0) this.#after(plan.everyMs, () => this.#go(answer));
  }

  #call(answer: ServedAnswer, { calls }: Extract<SpokenPiece, { type: 'calls' }>): void {
    for (const { tool: name, input } of calls) {
      const id = this.#model.nextCallId();
      answer.hasBegun = true;
      answer.openCalls.add(id);
      const { isStopping: isLate } = answer;
      const atMs = this.#clock.now();
      this.calls.push({
        id,
        name,
        atMs,
        level: answer.level,
        isLate,
        isCancelled: false,
        results: [],
      });
      this.report({ type: 'tool-call', call: { id, name, arguments: { input } } });
    }
  }

  #callSettled(id: string): void {
    const { answer } = this;
    if (!answer?.openCalls.delete(id) || answer.openCalls.size > 0) return;
    this.#after(answer.plan.everyMs, () => this.#go(answer));
  }

  /** Somebody wants no more of what it says; something may still be on its way. */
  #stop(): void {
    const { answer } = this;
    if (!answer || answer.isStopping) return;
    answer.isStopping = true;
    answer.stoppedAtMs = this.#clock.now();
    const { lagMs, cancelsCalls } = answer.plan.interrupted;
    if (cancelsCalls) this.cancelCalls();
    if (!answer.hasBegun) this.#end(answer, 'unspoken');
    else if (lagMs === 0) this.#end(answer);
    else this.#after(lagMs, () => this.#end(answer));
  }

  #end(answer: ServedAnswer, how: ServedEnd = stoppedEnd(answer)): void {
    if (answer.end !== undefined) return;
    this.#over(answer, how);
    this.answer = undefined;
    const { usage, interrupted } = answer.plan;
    if (usage === 'before-end') this.#reportUsage();
    if (how === 'completed' || how === 'interrupted' || how === 'error') {
      this.report({ type: 'response-end', outcome: how });
    } else if (how === 'empty') this.report({ type: 'response-end', outcome: 'completed' });
    else if (how === 'unspoken' && interrupted.tellsUnbegun) {
      this.report({ type: 'response-end', outcome: 'interrupted' });
    }
    this.#isEndUntold = how === 'forgotten';
    // Nobody could tell what comes next from the rest of what was stopped after it was asked for.
    if (this.#isEndUntold && this.#next) this.#tellEnd();
    if (usage === 'after-end') this.#reportUsage();
    if (usage === 'late') this.#after(LATE_MS, () => this.#reportUsage());
    if (this.#next) this.#start(this.#next);
  }

  #tellEnd(): void {
    this.#isEndUntold = false;
    this.report({ type: 'response-end', outcome: 'interrupted' });
  }

  #over(answer: ServedAnswer, how: ServedEnd): void {
    answer.end ??= how;
    answer.endedAtMs ??= this.#clock.now();
  }

  #reportUsage(): void {
    this.report({ type: 'usage', usage: this.#model.nextUsage() });
  }

  #after(ms: number, callback: () => void): void {
    const cancel = this.#clock.after(ms, () => {
      this.#timers.delete(cancel);
      callback();
    });
    this.#timers.add(cancel);
  }

  #dropTimers(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }
}

/** What the model tells of an answer that it stops; the truth, if nobody told it to. */
function stoppedEnd({ plan, isUnwanted }: ServedAnswer): ServedEnd {
  return isUnwanted ? plan.interrupted.end : 'interrupted';
}
