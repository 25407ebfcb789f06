import type { Clock } from '../clock/clock.ts';
import { Conversation } from '../conversation/conversation.ts';
import type { ToolResult } from '../conversation/message.ts';
import type { Caption, Participant } from '../edge/edge.ts';
import type { Playout } from '../edge/playout.ts';
import { AgentError } from '../errors/agent-error.ts';
import type { Logger } from '../logging/logger.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import type { RealtimeEvent } from '../realtime/realtime-events.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import type { CallTrace } from '../tracing/call-trace.ts';
import { TurnLog } from '../turn/turn-log.ts';
import { TurnRecorder } from '../turn/turn-recorder.ts';
import type { Turn, TurnRecord } from '../turn/turn.ts';
import type { AgentEvents } from './agent-events.ts';
import type { SpeakOptions } from './dialogue.ts';
import type { EventEmitter } from './event-emitter.ts';
import type { ResponseRequest } from './realtime-responder.ts';
import { RealtimeResponder } from './realtime-responder.ts';
import { RealtimeTools } from './realtime-tools.ts';
import type { SpokenAnswer } from './spoken-answer.ts';
import { TurnBook } from './turn-book.ts';

/** What the dialogue tells the model. */
interface RealtimeModel {
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
  /** The model hears somebody speak. */
  readonly onSpeech: (participant: Participant) => void;
  /** A turn is over. */
  readonly onTurnClosed: (turn: Turn) => void;
}

type EventOf<Type extends RealtimeEvent['type']> = Extract<RealtimeEvent, { type: Type }>;

/** Turns what a model that hears and speaks by itself tells into turns, and lets the callers hear it. */
export class RealtimeDialogue {
  readonly #parts: RealtimeDialogueParts;
  readonly #conversation = new Conversation();
  readonly #turns: TurnBook;
  readonly #responder: RealtimeResponder;
  readonly #tools: RealtimeTools;
  /** Users' turns of which the final words have not come, in their order; they may be over by now. */
  #wordless: Turn[] = [];
  /** Who is in the middle of saying something, as the model tells it. */
  #speaking: Participant | undefined;
  #lastError: unknown;

  constructor(parts: RealtimeDialogueParts) {
    this.#parts = parts;
    const log = new TurnLog(parts.logger, parts.trace.scope.capturesContent);
    const recorder = new TurnRecorder(parts.metrics, log);
    this.#turns = new TurnBook({ ...parts, recorder, onClosed: parts.onTurnClosed });
    this.#responder = new RealtimeResponder({
      ...parts,
      conversation: this.#conversation,
      turns: this.#turns,
      recorder,
      interrupt: (playedMs) => parts.model.interrupt(playedMs),
    });
    this.#tools = new RealtimeTools(parts.toolbox, parts.logger);
  }

  get conversation(): Conversation {
    return this.#conversation;
  }

  /** Whom the agent is answering. */
  get answeredId(): string | undefined {
    return this.#responder.answer?.turn.participant?.id;
  }

  /** Whether users may be heard: not while something is said that must not be cut off. */
  get isListening(): boolean {
    return this.#responder.answer?.isInterruptible !== false;
  }

  /** Somebody joined: the wait for the greeting begins with the first. */
  participantJoined(atMs: number): void {
    this.#turns.participantJoined(atMs);
  }

  participantLeft(participant: Participant): void {
    if (this.#speaking?.id === participant.id) this.#speaking = undefined;
    const open = this.#turns.openTurn(participant);
    this.#wordless = this.#wordless.filter((turn) => turn !== open);
    this.#turns.abandon(participant.id);
  }

  /** Takes what the model tells. */
  hear(event: RealtimeEvent): void {
    if (this.#responder.state === 'closed') return;
    switch (event.type) {
      case 'user-speech-start':
        this.#speechStarted(event);
        break;
      case 'user-speech-end':
        this.#speechEnded(event);
        break;
      case 'user-transcript':
        if (event.text !== '') this.#userSaid(event);
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

  /**
   * The session broke: what was being said fails. A user's turn that nothing was said to goes on: the next
   * session hears it again.
   */
  sessionLost(error: unknown): void {
    const speaker = this.#speaker;
    this.#speaking = undefined;
    this.#wordless = this.#wordless.filter(({ isClosed }) => !isClosed);
    this.#responder.cutOffEnded();
    const { answer } = this.#responder;
    const again = answer?.state === 'awaited' && answer.turn.participant ? answer.turn : undefined;
    if (again) this.#turns.reopen(again);
    const turn = speaker && this.#turns.openTurn(speaker);
    if (turn) this.#hearAgain(turn);
    // Not before: whoever is told of it may end the call, or say something for the next session.
    if (again) this.#responder.withdraw();
    else void this.#responder.fail(error);
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
    if (this.#responder.state === 'closed') return;
    this.#responder.close();
    this.#turns.abandonAll();
  }

  #prompt(text: string, isInterruptible: boolean, onSilent?: () => void): Promise<TurnRecord> {
    const turn = this.#turns.prompted();
    this.#responder.cutOff();
    onSilent?.();
    if (this.#respond({ turn, isInterruptible, state: 'awaited' }))
      this.#parts.model.sendText(text);
    return turn.closed;
  }

  #speechStarted({ atMs, heardAtMs }: EventOf<'user-speech-start'>): void {
    this.#responder.giveWay(atMs);
    const participant = this.#parts.speaker();
    if (!participant) return;
    this.#speaking = participant;
    this.#parts.onSpeech(participant);
    this.#turnOf(participant).mark('speechStart', heardAtMs);
  }

  #speechEnded({ atMs, heardAtMs }: EventOf<'user-speech-end'>): void {
    const participant = this.#speaker;
    const turn = participant && this.#turns.openTurn(participant);
    this.#speaking = undefined;
    // The model may have taken the turn for over before it said so.
    if (!turn || !participant) return;
    turn.remark('speechEnd', heardAtMs);
    this.#commit(participant, atMs, 'awaited');
  }

  /** The user's turn is over, and the model is going to answer, or has begun to. */
  #commit(participant: Participant, endpointedAtMs: number, state: 'awaited' | 'coming'): void {
    // What was cut off while they spoke is over by now, but not what is cut off only here.
    this.#responder.cutOffEnded();
    const turn = this.#turns.commit(participant, endpointedAtMs);
    this.#responder.giveWay(endpointedAtMs);
    if (this.#responder.answer) {
      this.#turns.close(turn, 'no_response');
      return;
    }
    this.#respond({ turn, isInterruptible: true, state });
  }

  #userSaid({ text, final, atMs }: EventOf<'user-transcript'>): void {
    const speaker = this.#speaker;
    const turn = this.#wordless[0] ?? (speaker && this.#turnOf(speaker));
    const participant = turn?.participant;
    if (!turn || !participant) return;
    turn.heard(text, final);
    this.#responder.wasMeant(turn);
    if (final) {
      turn.remark('transcriptFinal', atMs);
      this.#wordless = this.#wordless.filter((one) => one !== turn);
    }
    this.#parts.events.emit('user-transcript', { participant, text, final });
    this.#parts.showCaption({ speaker: 'user', text, final });
  }

  #agentSaid({ text, final }: EventOf<'agent-transcript'>): void {
    const answer = this.#answerNow();
    if (!answer) return;
    answer.said(text, final);
    const told = { text: answer.text, final };
    this.#parts.events.emit('agent-transcript', told);
    this.#parts.showCaption({ speaker: 'agent', ...told });
  }

  #toolWanted({ call }: EventOf<'tool-call'>): void {
    const answer = this.#answerNow();
    if (!answer) return;
    answer.toolStarted();
    const send = this.#parts.model.answerer();
    this.#tools.start(call, { turn: answer.turn, send, onOver: () => answer.toolEnded() });
  }

  #responseEnded({ outcome, atMs }: EventOf<'response-end'>): void {
    if (this.#responder.isCutOff) {
      this.#responder.cutOffEnded();
      return;
    }
    const { answer } = this.#responder;
    // One that is all there is not what ended: the model had nothing to say to something else.
    if (!answer || answer.state === 'complete' || answer.state === 'broken') return;
    switch (outcome) {
      case 'completed':
        // One that asked for tools goes on with what comes of them.
        if (answer.awaitsTools) break;
        void this.#responder.complete();
        break;
      case 'interrupted':
        // One that has not begun is not what was interrupted.
        if (answer.state === 'awaited') break;
        if (answer.isInterruptible) this.#responder.giveWay(atMs, 'ended');
        // The model gave way all the same: what there is of it is heard.
        else void this.#responder.complete('broken');
        break;
      case 'error': {
        const unknown = new AgentError('response_failed', 'the model gave up an answer');
        void this.#responder.fail(this.#lastError ?? unknown);
        break;
      }
    }
  }

  /** The answer that what the model sends now is of; undefined where it was cut off. */
  #answerNow(): SpokenAnswer | undefined {
    if (this.#responder.isCutOff) return undefined;
    const { answer } = this.#responder;
    if (answer) {
      this.#responder.wasMeant(answer.turn);
      return answer;
    }
    // The model answers before it said that the user's turn is over, or speaks unasked.
    const participant = this.#speaker;
    if (participant && this.#turns.openTurn(participant)) {
      this.#commit(participant, this.#parts.clock.now(), 'coming');
      return this.#answerNow();
    }
    const turn = this.#turns.prompted();
    return this.#respond({ turn, isInterruptible: true, state: 'coming' });
  }

  #respond(request: ResponseRequest): SpokenAnswer | undefined {
    this.#lastError = undefined;
    return this.#responder.respond(request);
  }

  /** Whom what the model tells of a user is about. */
  get #speaker(): Participant | undefined {
    return this.#speaking ?? this.#parts.speaker();
  }

  #turnOf(participant: Participant): Turn {
    const open = this.#turns.openTurn(participant);
    if (open) return open;
    const turn = this.#turns.of(participant);
    // Words of what is over and has none yet may never come: the next ones are taken for this turn's.
    this.#wordless = [...this.#wordless.filter(({ isClosed }) => !isClosed), turn];
    return turn;
  }

  #hearAgain(turn: Turn): void {
    // A sound may prove to be none: whatever is said next begins by itself.
    if (turn.heardText === '') turn.remark('speechStart', undefined);
    turn.reconsider();
    if (!this.#wordless.includes(turn)) this.#wordless.push(turn);
  }
}
