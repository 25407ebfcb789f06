import type { Clock } from '../clock/clock.ts';
import type { Conversation } from '../conversation/conversation.ts';
import type { Playout } from '../edge/playout.ts';
import { errorFields } from '../logging/error-fields.ts';
import type { Logger } from '../logging/logger.ts';
import type { TurnRecorder } from '../turn/turn-recorder.ts';
import type { AgentState, TurnEvent } from '../turn/turn-state.ts';
import { nextState } from '../turn/turn-state.ts';
import type { Turn, TurnOutcome } from '../turn/turn.ts';
import type { AgentEvents } from './agent-events.ts';
import type { EventEmitter } from './event-emitter.ts';
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

/** How long the end of an answer that was cut off is waited for; what comes until then is of it. */
const CUT_OFF_MS = 2000;
/** A sound that the model neither understood nor answered for so long was no turn. */
const NOISE_MS = 5000;

/** What the model says and in which state the agent is: one answer at a time. */
export class RealtimeResponder {
  readonly #parts: RealtimeResponderParts;
  readonly #noise: TurnWatch;
  #state: AgentState = 'listening';
  #answer: SpokenAnswer | undefined;
  /** Set while the model has not ended an answer that was cut off; calls its time-out off. */
  #cancelCutOff: (() => void) | undefined;

  constructor(parts: RealtimeResponderParts) {
    this.#parts = parts;
    this.#noise = new TurnWatch(parts.clock, NOISE_MS, (turn) => this.#wasNoise(turn));
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

  /** The model is going to answer a turn; nothing else is being said. */
  respond(turn: Turn, isInterruptible: boolean): SpokenAnswer {
    const { playout, clock, turns } = this.#parts;
    const onPlayoutStart = (): void => this.#move('playout-started');
    const answer = new SpokenAnswer({ turn, isInterruptible, playout, clock, onPlayoutStart });
    this.#answer = answer;
    this.#move('response-asked');
    if (turn.participant && turn.heardText === '') this.#noise.start(turn);
    else if (turn.participant) turns.awaitAnswer(turn);
    return answer;
  }

  /** A user's turn was understood, or answered: it was no noise. */
  wasMeant(turn: Turn): void {
    this.#noise.stop(turn);
    if (turn.heardText !== '' && turn === this.#answer?.turn) this.#parts.turns.awaitAnswer(turn);
  }

  /**
   * A user speaks: the agent falls silent within this very call, if it may be interrupted.
   * @param model whether the model still sends of its answer what is on its way
   */
  giveWay(detectedAtMs: number, model: 'goes-on' | 'ended' = 'goes-on'): void {
    const answer = this.#answer;
    if (!answer?.isInterruptible) return;
    const { turn } = answer;
    if (answer.state === 'awaited' && turn.participant && turn.heardText === '') {
      this.#wasNoise(turn);
      return;
    }
    const { playout, clock, recorder } = this.#parts;
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
    const { playout, clock, interrupt, turns } = this.#parts;
    const phase = this.#state === 'thinking' ? 'thinking' : 'speaking';
    this.#answer = undefined;
    playout.flush();
    answer.turn.mark('interruptedAt', clock.now());
    answer.turn.interruptedWhile = phase;
    if (model === 'goes-on' && answer.state === 'coming') {
      this.#cancelCutOff = clock.after(CUT_OFF_MS, () => this.cutOffEnded());
    }
    interrupt(answer.playedMs);
    this.#move('interrupted');
    this.#remember(answer, true);
    turns.close(answer.turn, 'interrupted');
    return phase;
  }

  /** Nothing more comes of the answer that was cut off. */
  cutOffEnded(): void {
    this.#cancelCutOff?.();
    this.#cancelCutOff = undefined;
  }

  /** All of the answer is there; it is over when it has been played. */
  async complete(): Promise<void> {
    const answer = this.#answer;
    if (!answer) return;
    await answer.complete();
    // More of it may have come, because the model had an afterthought.
    if (answer.state !== 'complete') return;
    this.#over(answer, answer.wasHeard ? 'completed' : 'no_response');
  }

  /** The answer failed, unless all of it is there: what was made before still plays. */
  async fail(error: unknown): Promise<void> {
    const answer = this.#answer;
    if (!answer || answer.state === 'complete') return;
    const { turn } = answer;
    turn.error = error;
    const fields = { ...turn.logFields, ...errorFields(error) };
    this.#parts.logger.error(fields, 'a response failed');
    await answer.complete();
    this.#over(answer, 'error');
  }

  /** Nothing has come of the answer, and its question is put again: it is not waited for. */
  withdraw(): void {
    const answer = this.#answer;
    if (!answer) return;
    this.#answer = undefined;
    this.#noise.stop(answer.turn);
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

  #wasNoise(turn: Turn): void {
    if (this.#answer?.turn === turn) this.#over(this.#answer, 'no_response');
  }

  #over(answer: SpokenAnswer, outcome: TurnOutcome): void {
    if (this.#answer !== answer) return;
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
