import type { Clock } from '../clock/clock.ts';
import type { Conversation } from '../conversation/conversation.ts';
import type { Playout } from '../edge/playout.ts';
import { AgentError } from '../errors/agent-error.ts';
import { errorFields } from '../logging/error-fields.ts';
import type { Logger } from '../logging/logger.ts';
import type { TurnRecorder } from '../turn/turn-recorder.ts';
import type { AgentState, TurnEvent } from '../turn/turn-state.ts';
import { nextState } from '../turn/turn-state.ts';
import type { Turn, TurnOutcome } from '../turn/turn.ts';
import type { AgentEvents } from './agent-events.ts';
import type { EventEmitter } from './event-emitter.ts';
import type { SpokenAnswerParts } from './spoken-answer.ts';
import { SpokenAnswer } from './spoken-answer.ts';
import type { TurnBook } from './turn-book.ts';
import { TurnWatch } from './turn-watch.ts';

/** What answers are given with. */
export interface RealtimeResponderParts {
  readonly playout: Playout;
  readonly conversation: Conversation;
  readonly turns: TurnBook;
  readonly recorder: TurnRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventEmitter<AgentEvents>;
  /** Tells the model that its answer was cut off, of which the caller heard `playedMs`. */
  readonly interrupt: (playedMs: number) => void;
}

/** What the model shall say, and how. */
export type ResponseRequest = Pick<SpokenAnswerParts, 'turn' | 'isInterruptible' | 'state'>;

/** How long the end of an answer that was cut off is waited for; what comes until then is of it. */
const CUT_OFF_MS = 2000;
/** A sound that the model neither understood nor answered for so long was no turn. */
const NOISE_MS = 5000;
/** A model that has sent nothing of an answer for so long has forgotten it: the caller would wait for ever. */
const SILENT_MS = 30_000;

/** What the model says and in which state the agent is: one answer at a time. */
export class RealtimeResponder {
  readonly #parts: RealtimeResponderParts;
  readonly #noise: TurnWatch;
  readonly #silence: TurnWatch;
  #state: AgentState = 'listening';
  #answer: SpokenAnswer | undefined;
  /** The newest end of an answer that the model told of. */
  #ending: object | undefined;
  /** Set while the model has not ended an answer that was cut off; calls its time-out off. */
  #cancelCutOff: (() => void) | undefined;

  constructor(parts: RealtimeResponderParts) {
    this.#parts = parts;
    this.#noise = new TurnWatch(parts.clock, NOISE_MS, (turn) => this.#wasNoise(turn));
    this.#silence = new TurnWatch(parts.clock, SILENT_MS, (turn) => this.#wasSilent(turn));
  }

  get state(): AgentState {
    return this.#state;
  }

  /** What the model is about to say or saying. */
  get answer(): SpokenAnswer | undefined {
    return this.#answer;
  }

  /** Whether what the model sends now is of an answer that was cut off. */
  get isCutOff(): boolean {
    return this.#cancelCutOff !== undefined;
  }

  /**
   * The model is going to answer a turn, or has begun to. Returns the answer, or undefined where a listener who was told
   * of it had something else said, or has ended the call.
   */
  respond(request: ResponseRequest): SpokenAnswer | undefined {
    const { turn } = request;
    const { playout, clock, turns } = this.#parts;
    if (this.#state === 'closed') {
      turns.close(turn, 'no_response');
      return undefined;
    }
    const onPlayoutStart = (): void => this.#move('playout-started');
    // A listener may have answered what was cut off with words of its own: these here take their place.
    const displaced = this.#answer;
    const answer = new SpokenAnswer({ ...request, playout, clock, onPlayoutStart });
    this.#answer = answer;
    if (turn.participant && turn.heardText === '') this.#noise.start(turn);
    else if (turn.participant) turns.awaitAnswer(turn);
    this.#silence.start(turn);
    this.#move('response-asked');
    if (displaced) this.#drop(displaced, 'thinking');
    return this.#answer === answer ? answer : undefined;
  }

  /** A user's turn was understood, or answered: it was no noise, and they wait. */
  wasMeant(turn: Turn): void {
    if (this.#noise.stop(turn)) this.#parts.turns.awaitAnswer(turn);
  }

  /**
   * A user speaks: the agent falls silent within this very call, if it may be interrupted.
   * @param model whether the model still sends of its answer what is on its way
   */
  giveWay(detectedAtMs: number, model: 'goes-on' | 'ended' = 'goes-on'): void {
    const answer = this.#answer;
    if (!answer?.isInterruptible) return;
    const { playout, clock, recorder, interrupt } = this.#parts;
    const { turn } = answer;
    if (answer.state === 'awaited' && turn.participant && turn.heardText === '') {
      // The model may have understood it, and may not know that nobody wants the answer any more.
      interrupt(0);
      this.#wasNoise(turn);
      return;
    }
    // What the caller hears ends here, and so does the latency: the rest is bookkeeping.
    playout.hold();
    const silencedAfterMs = clock.now() - detectedAtMs;
    const phase = this.cutOff(model);
    if (phase) recorder.interruption(phase, silencedAfterMs);
  }

  /** Cuts off what is under way, and tells the model how much was heard. Returns what it was. */
  cutOff(model: 'goes-on' | 'ended' = 'goes-on'): 'thinking' | 'speaking' | undefined {
    const answer = this.#answer;
    if (!answer) return undefined;
    const phase = this.#state === 'thinking' ? 'thinking' : 'speaking';
    this.#answer = undefined;
    this.#parts.playout.flush();
    if (model === 'goes-on' && answer.state === 'coming') {
      this.#cancelCutOff = this.#parts.clock.after(CUT_OFF_MS, () => this.cutOffEnded());
    }
    this.#drop(answer, phase, () => this.#move('interrupted'));
    return phase;
  }

  /** Nothing more comes of the answer that was cut off. */
  cutOffEnded(): void {
    this.#cancelCutOff?.();
    this.#cancelCutOff = undefined;
  }

  /** All of the answer is there, or all that there will be; it is over when it has been played. */
  async complete(how: 'complete' | 'broken' = 'complete'): Promise<void> {
    const answer = this.#answer;
    if (!answer) return;
    const ending = this.#newEnding();
    await answer.end(how);
    if (this.#isLast(ending, answer)) {
      this.#over(answer, answer.wasHeard ? 'completed' : 'no_response');
    }
  }

  /** The answer failed, unless all of it is there: what was made before still plays. */
  async fail(error: unknown): Promise<void> {
    const answer = this.#answer;
    if (!answer || answer.state === 'complete') return;
    const { turn } = answer;
    const fields = { ...turn.logFields, ...errorFields(error) };
    this.#parts.logger.error(fields, 'a response failed');
    const hasBegun = answer.state !== 'awaited';
    const ending = this.#newEnding();
    const played = answer.end('broken');
    // Whatever happens next, such as the end of the call, was not what ended it.
    if (hasBegun) await played;
    if (this.#isLast(ending, answer)) this.#over(answer, 'error', error);
  }

  /** Nothing has come of the answer, and its question is put again: it is not waited for. */
  withdraw(): void {
    const answer = this.#answer;
    if (!answer) return;
    this.#answer = undefined;
    this.#noise.stop(answer.turn);
    this.#silence.stop(answer.turn);
    answer.turn.withdrawAnswer();
    this.#parts.playout.flush();
    this.#move('response-ended');
  }

  /** The call is over: cuts off what is under way, for good. */
  close(): void {
    this.cutOff();
    this.cutOffEnded();
    this.#move('call-ended');
  }

  /** The answer was cut off: the model, whoever listens and the books are told. */
  #drop(answer: SpokenAnswer, phase: 'thinking' | 'speaking', move?: () => void): void {
    const { clock, interrupt, turns } = this.#parts;
    const { turn } = answer;
    turn.mark('interruptedAt', clock.now());
    turn.interruptedWhile = phase;
    interrupt(answer.playedMs);
    move?.();
    this.#remember(answer, true);
    turns.close(turn, 'interrupted');
  }

  #newEnding(): object {
    this.#ending = {};
    return this.#ending;
  }

  /** More of an answer may have come since, because the model had an afterthought. */
  #isLast(ending: object, { state }: SpokenAnswer): boolean {
    return this.#ending === ending && state !== 'coming';
  }

  #wasNoise(turn: Turn): void {
    if (this.#answer?.turn === turn) this.#over(this.#answer, 'no_response');
  }

  #wasSilent(turn: Turn): void {
    const answer = this.#answer;
    if (answer?.turn !== turn) return;
    const restMs = SILENT_MS - answer.silentMs;
    this.#silence.start(turn, restMs > 0 ? restMs : SILENT_MS);
    if (restMs <= 0) void this.#forgotten(turn);
  }

  async #forgotten(turn: Turn): Promise<void> {
    const message = `the model sent nothing of a response for ${SILENT_MS} ms`;
    const error = new AgentError('response_timeout', message);
    await this.fail(error);
    if (turn.error === error) this.#parts.events.emit('error', { error });
  }

  #over(answer: SpokenAnswer, outcome: TurnOutcome, error?: unknown): void {
    if (this.#answer !== answer) return;
    answer.turn.error = error;
    const { playout, turns } = this.#parts;
    this.#answer = undefined;
    playout.flush();
    if (answer.wasHeard) answer.turn.mark('playoutEnd', playout.lastFrameAtMs);
    this.#move('response-ended');
    this.#remember(answer, false);
    turns.close(answer.turn, outcome);
  }

  /** Puts what was said into the conversation, and what the caller heard into the turn. */
  #remember(answer: SpokenAnswer, interrupted: boolean): void {
    const { conversation } = this.#parts;
    const { turn } = answer;
    this.#noise.stop(turn);
    this.#silence.stop(turn);
    turn.settle();
    turn.agentText = answer.heard();
    if (turn.userText !== '') conversation.addUser(turn.userText, turn.participant?.id);
    conversation.addAssistant(turn.agentText, interrupted);
  }

  #move(event: TurnEvent): void {
    const state = nextState(this.#state, event);
    if (state === undefined || state === this.#state) return;
    this.#state = state;
    this.#parts.events.emit('state', { state });
  }
}
