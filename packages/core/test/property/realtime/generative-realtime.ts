import type {
  ConnectContext,
  LLMUsage,
  RealtimeConnection,
  RealtimeFact,
  RealtimeRequest,
} from '../../../src/index.ts';
import { ProviderError, Realtime } from '../../../src/index.ts';
import type { ManualClock } from '../../../src/testing/index.ts';
import { pause } from '../../../src/testing/index.ts';
import { planFor } from '../served.ts';
import { UniqueWords } from '../unique-words.ts';
import { GenerativeSession } from './generative-session.ts';
import type { AnswerPlan, ModelPlan, RealtimePlan, SessionOpeningPlan } from './realtime-plan.ts';
import { ServedAnswer } from './served-answer.ts';
import { spokenPieces } from './spoken-pieces.ts';

/** An attempt to open a session. */
export interface ServedOpening {
  readonly request: RealtimeRequest;
  /** How many turns were over, and how often the program had spoken. */
  readonly turns: number;
  readonly prompts: number;
  end: 'pending' | 'open' | 'fails' | 'refused';
}

/** What the world knows of a moment. */
export interface ModelWorld {
  /** A session was lost, which knows nothing any more of what was said to it. */
  readonly lost: () => void;
  readonly counts: () => Readonly<Record<'frames' | 'turns' | 'prompts', number>>;
}

/** What the model makes of what it hears. */
const ANSWERS: ReadonlySet<RealtimeFact['type']> = new Set([
  'audio',
  'agent-transcript',
  'tool-call',
  'response-end',
]);

/** How often in a row core tries to open a session again. */
const MAX_FAILURES = 10;

/** A realtime model that does what the plan says, and keeps what it served and what it was told. */
export class GenerativeRealtime extends Realtime {
  readonly provider = 'generative';
  readonly model = 'generative-realtime';
  readonly plan: ModelPlan;
  readonly sessions: GenerativeSession[] = [];
  readonly openings: ServedOpening[] = [];
  readonly answers: ServedAnswer[] = [];
  readonly facts: { readonly fact: RealtimeFact; readonly atMs: number }[] = [];
  readonly interrupts: { readonly playedMs: number; readonly frames: number }[] = [];
  /** From the end of what was said to the first audio that answers it, where that end was told. */
  readonly firstAudioMs: number[] = [];
  /** When sessions were lost; and when before the one that is lost in the end, to see what the next is told. */
  readonly earlyLossesMs: number[] = [];
  readonly lossesMs: number[] = [];
  /** Whether no session is to be had any more. */
  isGivenUp = false;
  /** Whether something was understood of what was said last. */
  hasWords = false;
  /** What somebody said that nothing has been made of yet, and when: the next session hears it again. */
  unanswered: { words: string; readonly atMs: number } | undefined;
  /** When audio was sent last. */
  audioSentAtMs = 0;
  /** Override the plans from now on. */
  finalAnswer: AnswerPlan | undefined;
  finalOpening: SessionOpeningPlan | undefined;
  readonly #plans: RealtimePlan;
  readonly #clock: ManualClock;
  readonly #world: ModelWorld;
  readonly #words = new UniqueWords('w');
  /** Attempts in a row that failed. */
  #failures = 0;
  #callCount = 0;
  #usageCount = 0;

  constructor(plan: RealtimePlan, clock: ManualClock, world: ModelWorld) {
    super();
    this.#plans = plan;
    this.plan = plan.model;
    this.#clock = clock;
    this.#world = world;
  }

  /** The session that is open, if one is. */
  get session(): GenerativeSession | undefined {
    const newest = this.sessions.at(-1);
    return newest?.isOpen === true ? newest : undefined;
  }

  get openSessions(): number {
    return this.sessions.filter(({ isClosed }) => !isClosed).length;
  }

  nextAnswer(asked: ServedAnswer['asked']): ServedAnswer {
    const plan = this.finalAnswer ?? planFor(this.#plans.answers, this.answers.length);
    const pieces = spokenPieces(plan, this.plan, this.#words);
    const answer = new ServedAnswer(plan, this.answers.length + 1, pieces, asked);
    this.answers.push(answer);
    return answer;
  }

  nextCallId(): string {
    this.#callCount += 1;
    return `call-${this.#callCount}`;
  }

  nextUsage(): LLMUsage {
    this.#usageCount += 1;
    return { inputTokens: 10 * this.#usageCount, outputTokens: 3 * this.#usageCount };
  }

  reported(fact: RealtimeFact): void {
    this.facts.push({ fact, atMs: this.#clock.now() });
    if (fact.type === 'user-speech-start') this.hasWords = false;
    if (fact.type === 'user-transcript') {
      this.hasWords = true;
      if (this.unanswered) this.unanswered.words = fact.text;
    }
    if (!ANSWERS.has(fact.type)) return;
    this.#failures = 0;
    const isOfAnother = fact.type === 'response-end' && fact.outcome === 'interrupted';
    if (!isOfAnother) this.unanswered = undefined;
  }

  interrupted(playedMs: number): void {
    this.interrupts.push({ playedMs, frames: this.#world.counts().frames });
  }

  isSentAudio(): void {
    this.audioSentAtMs = this.#clock.now();
  }

  sessionLost(forGood: boolean): void {
    this.lossesMs.push(this.#clock.now());
    if (this.finalOpening === undefined) this.earlyLossesMs.push(this.#clock.now());
    this.#world.lost();
    if (forGood) this.isGivenUp = true;
    // Everything that nobody could take for progress counts as one failure after the other.
    if (this.#failures >= MAX_FAILURES) this.isGivenUp = true;
  }

  protected async connect(
    request: RealtimeRequest,
    context: ConnectContext,
  ): Promise<RealtimeConnection> {
    const isFirst = this.openings.length === 0;
    const plan = isFirst ? this.#firstOpening() : this.#nextOpening();
    const opening: ServedOpening = { request, ...this.#world.counts(), end: 'pending' };
    this.openings.push(opening);
    if (!isFirst) this.#failures += 1;
    await pause(this.#clock, Math.max(1, plan.delayMs), context.signal);
    opening.end = plan.end;
    if (plan.end === 'refused') {
      this.isGivenUp ||= request.resumption === undefined && !isFirst;
      this.isGivenUp ||= this.#failures >= MAX_FAILURES;
      throw ProviderError.fromStatus(this.provider, 401);
    }
    if (plan.end === 'fails') {
      this.isGivenUp ||= this.#failures >= MAX_FAILURES;
      throw ProviderError.fromStatus(this.provider, 503);
    }
    const session = new GenerativeSession(this, this.#clock, context.socketOpened());
    this.sessions.push(session);
    if (!isFirst) session.hearAgain();
    return session;
  }

  #firstOpening(): SessionOpeningPlan {
    const { joinFails } = this.#plans.agent;
    return { delayMs: 5, end: joinFails === 'model' ? 'fails' : 'open' };
  }

  #nextOpening(): SessionOpeningPlan {
    return this.finalOpening ?? planFor(this.#plans.openings, this.openings.length - 1);
  }
}
