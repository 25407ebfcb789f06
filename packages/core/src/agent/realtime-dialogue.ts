import type { Clock } from '../clock/clock.ts';
import { Conversation } from '../conversation/conversation.ts';
import type { ToolResult } from '../conversation/message.ts';
import type { Caption, Participant } from '../edge/edge.ts';
import type { Playout } from '../edge/playout.ts';
import { AgentError } from '../errors/agent-error.ts';
import { errorFields } from '../logging/error-fields.ts';
import type { Logger } from '../logging/logger.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import type { RealtimeEvent } from '../realtime/realtime-events.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import type { CallTrace } from '../tracing/call-trace.ts';
import { TurnLog } from '../turn/turn-log.ts';
import { TurnRecorder } from '../turn/turn-recorder.ts';
import type { AgentState, TurnEvent } from '../turn/turn-state.ts';
import { nextState } from '../turn/turn-state.ts';
import type { Turn, TurnOutcome, TurnRecord } from '../turn/turn.ts';
import type { AgentEvents } from './agent-events.ts';
import type { SpeakOptions } from './dialogue.ts';
import type { EventEmitter } from './event-emitter.ts';
import { RealtimeTools } from './realtime-tools.ts';
import { SpokenAnswer } from './spoken-answer.ts';
import { TurnBook } from './turn-book.ts';
import { TurnWatch } from './turn-watch.ts';

/** What the dialogue tells the model. */
export interface RealtimeModel {
  sendText(text: string): void;
  /** Stops the answer, of which the caller heard `playedMs`. */
  interrupt(playedMs: number): void;
  /** Returns what tells the results of the calls that are asked for now. */
  answerer(): (results: readonly ToolResult[]) => void;
}

/** What a dialogue is made with. */
export interface RealtimeDialogueParts {
  readonly model: RealtimeModel;
  /** Whose audio the model hears. */
  readonly speaker: () => Participant | undefined;
  readonly playout: Playout;
  readonly toolbox: Toolbox;
  /** How long a caller may wait for the answer's first audio before it counts as dead air. */
  readonly deadAirMs: number;
  readonly metrics: MetricsCollector;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly trace: CallTrace;
  readonly events: EventEmitter<AgentEvents>;
  readonly showCaption: (caption: Caption) => void;
  /** A turn is over. */
  readonly onTurnClosed: (turn: Turn) => void;
}

type EventOf<Type extends RealtimeEvent['type']> = Extract<RealtimeEvent, { type: Type }>;

/** How long the end of an answer that was cut off is waited for; what comes until then is of it. */
const CUT_OFF_MS = 2000;
/** A sound that the model neither understood nor answered for so long was no turn. */
const NOISE_MS = 5000;

/** Turns what a model that hears and speaks by itself tells into turns, and lets the callers hear it. */
export class RealtimeDialogue {
  readonly #parts: RealtimeDialogueParts;
  readonly #conversation = new Conversation();
  readonly #recorder: TurnRecorder;
  readonly #turns: TurnBook;
  readonly #noise: TurnWatch;
  readonly #tools: RealtimeTools;
  #state: AgentState = 'listening';
  /** What the model is about to say or saying. */
  #answer: SpokenAnswer | undefined;
  /** Set while the model has not ended an answer that was cut off; calls its time-out off. */
  #cancelCutOff: (() => void) | undefined;
  /** Users' turns of which the final words have not come, in their order. */
  #wordless: Turn[] = [];
  #lastError: unknown;

  constructor(parts: RealtimeDialogueParts) {
    this.#parts = parts;
    const log = new TurnLog(parts.logger, parts.trace.scope.capturesContent);
    this.#recorder = new TurnRecorder(parts.metrics, log);
    this.#turns = new TurnBook({
      ...parts,
      recorder: this.#recorder,
      onClosed: (turn) => this.#turnClosed(turn),
    });
    this.#noise = new TurnWatch(parts.clock, NOISE_MS, (turn) => this.#wasNoise(turn));
    this.#tools = new RealtimeTools(parts.toolbox, parts.logger);
  }

  get conversation(): Conversation {
    return this.#conversation;
  }

  get state(): AgentState {
    return this.#state;
  }

  /** Whom the agent is answering. */
  get answeredId(): string | undefined {
    return this.#answer?.turn.participant?.id;
  }

  /** Whether users may be heard: not while something is said that must not be cut off. */
  get isListening(): boolean {
    return this.#answer?.isInterruptible !== false;
  }

  /** Somebody joined: the wait for the greeting begins with the first. */
  participantJoined(atMs: number): void {
    this.#turns.participantJoined(atMs);
  }

  participantLeft(participant: Participant): void {
    this.#turns.abandon(participant.id);
  }

  /** Takes what the model tells. */
  hear(event: RealtimeEvent): void {
    if (this.#state === 'closed') return;
    switch (event.type) {
      case 'user-speech-start':
        this.#speechStarted(event);
        break;
      case 'user-speech-end':
        this.#speechEnded(event);
        break;
      case 'user-transcript':
        this.#userSaid(event);
        break;
      case 'audio':
        if (event.frame.samples.length > 0) this.#answerNow()?.play(event.frame);
        break;
      case 'agent-transcript':
        if (event.text !== '') this.#agentSaid(event);
        break;
      case 'tool-call':
        this.#toolWanted(event);
        break;
      case 'tool-cancelled':
        this.#tools.cancel(event.callIds);
        break;
      case 'response-end':
        this.#responseEnded(event);
        break;
      case 'error':
        this.#lastError = event.error;
        this.#parts.events.emit('error', { error: event.error });
        break;
      case 'usage':
        break;
    }
  }

  /** The session broke: what was being said fails, and what was heard of the user is not answered. */
  sessionLost(error: unknown): void {
    this.#modelEndedCutOff();
    if (this.#answer && this.#answer.state !== 'complete') void this.#fail(this.#answer, error);
  }

  /** Has the model respond to words of the program. Resolves when the response is over. */
  simpleResponse(text: string, { interruptible = true }: SpeakOptions = {}): Promise<TurnRecord> {
    return this.#prompt(text, interruptible, () => this.#conversation.addUser(text));
  }

  /** Has the model say words of the program, as closely as it does. Resolves when they are over. */
  say(text: string, { interruptible = true }: SpeakOptions = {}): Promise<TurnRecord> {
    return this.#prompt(`Say exactly this, and nothing else:\n\n${text}`, interruptible);
  }

  /** The call is over: cuts off what is under way. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#cutOff();
    this.#modelEndedCutOff();
    this.#move('call-ended');
    this.#turns.abandonAll();
  }

  #prompt(text: string, isInterruptible: boolean, onCutOff?: () => void): Promise<TurnRecord> {
    const turn = this.#turns.prompted();
    this.#cutOff();
    onCutOff?.();
    this.#await(turn, isInterruptible);
    this.#parts.model.sendText(text);
    return turn.closed;
  }

  #speechStarted({ atMs, heardAtMs }: EventOf<'user-speech-start'>): void {
    if (this.#answer?.isInterruptible) this.#giveWay(this.#answer, atMs);
    const participant = this.#parts.speaker();
    if (participant) this.#turnOf(participant).mark('speechStart', heardAtMs);
  }

  #speechEnded({ atMs, heardAtMs }: EventOf<'user-speech-end'>): void {
    const participant = this.#parts.speaker();
    const turn = participant && this.#turns.openTurn(participant);
    // The model has taken the turn for over before it said so.
    if (!turn || !participant) return;
    turn.remark('speechEnd', heardAtMs);
    this.#commit(participant, atMs);
  }

  /** The user's turn is over, and the model is going to answer. */
  #commit(participant: Participant, endpointedAtMs: number): void {
    if (this.#answer?.isInterruptible) this.#giveWay(this.#answer, endpointedAtMs);
    const turn = this.#turns.commit(participant, endpointedAtMs);
    if (this.#answer) {
      this.#turns.close(turn, 'no_response');
      return;
    }
    this.#modelEndedCutOff();
    this.#await(turn, true);
    if (turn.heardText === '') this.#noise.start(turn);
    else this.#turns.awaitAnswer(turn);
  }

  #userSaid({ text, final, atMs }: EventOf<'user-transcript'>): void {
    if (text === '') return;
    const speaker = this.#parts.speaker();
    const turn = this.#wordless[0] ?? (speaker && this.#turnOf(speaker));
    const participant = turn?.participant;
    if (!turn || !participant) return;
    turn.heard(text, final);
    this.#noise.stop(turn);
    if (final) {
      turn.remark('transcriptFinal', atMs);
      this.#wordless = this.#wordless.filter((one) => one !== turn);
    }
    if (turn === this.#answer?.turn) this.#turns.awaitAnswer(turn);
    this.#parts.events.emit('user-transcript', { participant, text, final });
    this.#parts.showCaption({ speaker: 'user', text, final });
  }

  #agentSaid({ text, final }: EventOf<'agent-transcript'>): void {
    const answer = this.#answerNow();
    if (!answer) return;
    answer.said(text, final);
    const caption = { text: answer.text, final };
    this.#parts.events.emit('agent-transcript', caption);
    this.#parts.showCaption({ speaker: 'agent', ...caption });
  }

  #toolWanted({ call }: EventOf<'tool-call'>): void {
    const answer = this.#answerNow();
    if (!answer) return;
    answer.toolStarted();
    const send = this.#parts.model.answerer();
    this.#tools.start(call, { turn: answer.turn, send, onOver: () => answer.toolEnded() });
  }

  #responseEnded({ outcome, atMs }: EventOf<'response-end'>): void {
    const answer = this.#answer;
    if (this.#cancelCutOff) {
      this.#modelEndedCutOff();
      return;
    }
    if (!answer || answer.awaitsTools) return;
    switch (outcome) {
      case 'completed':
        void answer.complete().then(() => this.#finish(answer));
        break;
      case 'interrupted':
        // One that has not begun is not what was interrupted.
        if (answer.state !== 'awaited') this.#giveWay(answer, atMs, 'ended');
        break;
      case 'error':
        void this.#fail(answer, this.#lastError ?? new AgentError('response_failed', 'no answer'));
        break;
    }
  }

  /** The answer that what the model sends now is of; undefined where it was cut off. */
  #answerNow(): SpokenAnswer | undefined {
    if (this.#cancelCutOff) return undefined;
    if (this.#answer) {
      this.#noise.stop(this.#answer.turn);
      return this.#answer;
    }
    // The model answers before it said that the user's turn is over, or speaks unasked.
    const participant = this.#parts.speaker();
    if (participant && this.#turns.openTurn(participant)) {
      this.#commit(participant, this.#parts.clock.now());
      return this.#answerNow();
    }
    return this.#await(this.#turns.prompted(), true);
  }

  #await(turn: Turn, isInterruptible: boolean): SpokenAnswer {
    const { playout, clock } = this.#parts;
    const onPlayoutStart = (): void => this.#move('playout-started');
    const answer = new SpokenAnswer({ turn, isInterruptible, playout, clock, onPlayoutStart });
    this.#answer = answer;
    this.#lastError = undefined;
    this.#move('response-asked');
    return answer;
  }

  /** A user speaks: the agent falls silent within this very call. */
  #giveWay(
    answer: SpokenAnswer,
    detectedAtMs: number,
    model: 'goes-on' | 'ended' = 'goes-on',
  ): void {
    if (answer.state === 'awaited' && answer.turn.participant && answer.turn.heardText === '') {
      this.#wasNoise(answer.turn);
      return;
    }
    const { playout, clock } = this.#parts;
    // What the caller hears ends here, and so does the latency: the rest is bookkeeping.
    playout.hold();
    const silencedAfterMs = clock.now() - detectedAtMs;
    const phase = this.#cutOff(model);
    if (phase) this.#recorder.interruption(phase, silencedAfterMs);
  }

  /** Cuts off what is under way, and tells the model how much was heard. Returns what it was. */
  #cutOff(model: 'goes-on' | 'ended' = 'goes-on'): 'thinking' | 'speaking' | undefined {
    const answer = this.#answer;
    if (!answer) return undefined;
    const { playout, clock } = this.#parts;
    const phase = this.#state === 'thinking' ? 'thinking' : 'speaking';
    this.#answer = undefined;
    playout.flush();
    answer.turn.mark('interruptedAt', clock.now());
    answer.turn.interruptedWhile = phase;
    if (model === 'goes-on' && answer.state === 'coming') {
      this.#cancelCutOff = clock.after(CUT_OFF_MS, () => this.#modelEndedCutOff());
    }
    this.#parts.model.interrupt(answer.playedMs);
    this.#move('interrupted');
    this.#remember(answer, true);
    this.#turns.close(answer.turn, 'interrupted');
    return phase;
  }

  #modelEndedCutOff(): void {
    this.#cancelCutOff?.();
    this.#cancelCutOff = undefined;
  }

  #wasNoise(turn: Turn): void {
    const answer = this.#answer;
    if (answer?.turn !== turn) return;
    this.#over(answer, 'no_response');
  }

  /** The answer failed: what was made before still plays. */
  async #fail(answer: SpokenAnswer, error: unknown): Promise<void> {
    const { turn } = answer;
    turn.error = error;
    const fields = { ...turn.logFields, ...errorFields(error) };
    this.#parts.logger.error(fields, 'a response failed');
    await answer.complete();
    this.#over(answer, 'error');
  }

  #finish(answer: SpokenAnswer): void {
    // More of it came, after a tool or because the model had an afterthought.
    if (answer.state !== 'complete') return;
    this.#over(answer, answer.wasHeard ? 'completed' : 'no_response');
  }

  #over(answer: SpokenAnswer, outcome: TurnOutcome): void {
    if (this.#answer !== answer) return;
    this.#answer = undefined;
    this.#parts.playout.flush();
    if (answer.wasHeard) answer.turn.mark('playoutEnd', this.#parts.playout.lastFrameAtMs);
    this.#move('response-ended');
    this.#remember(answer, false);
    this.#turns.close(answer.turn, outcome);
  }

  /** Puts what was said into the conversation, and what the caller heard into the turn. */
  #remember(answer: SpokenAnswer, interrupted: boolean): void {
    const { turn } = answer;
    turn.settle();
    turn.agentText = answer.heard();
    if (turn.userText !== '') this.#conversation.addUser(turn.userText, turn.participant?.id);
    this.#conversation.addAssistant(turn.agentText, interrupted);
  }

  #turnOf(participant: Participant): Turn {
    const open = this.#turns.openTurn(participant);
    if (open) return open;
    const turn = this.#turns.of(participant);
    this.#wordless.push(turn);
    return turn;
  }

  #turnClosed(turn: Turn): void {
    this.#noise.stop(turn);
    this.#wordless = this.#wordless.filter((one) => one !== turn);
    this.#parts.onTurnClosed(turn);
  }

  #move(event: TurnEvent): void {
    const state = nextState(this.#state, event);
    if (state === undefined || state === this.#state) return;
    this.#state = state;
    this.#parts.events.emit('state', { state });
  }
}
