import type { Clock } from '../clock/clock.ts';
import { Conversation } from '../conversation/conversation.ts';
import type { Caption, Participant } from '../edge/edge.ts';
import type { Playout } from '../edge/playout.ts';
import { InterruptedError } from '../errors/interrupted-error.ts';
import type { ToolDeclaration } from '../llm/llm-request.ts';
import type { LLM } from '../llm/llm.ts';
import { errorFields } from '../logging/error-fields.ts';
import type { Logger } from '../logging/logger.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import type { STTEvent } from '../stt/stt-events.ts';
import type { Tools } from '../tools/tool.ts';
import type { CallTrace } from '../tracing/call-trace.ts';
import type { TTSStream } from '../tts/tts-stream.ts';
import { TurnLog } from '../turn/turn-log.ts';
import { TurnRecorder } from '../turn/turn-recorder.ts';
import type { AgentState, TurnEvent } from '../turn/turn-state.ts';
import { nextState } from '../turn/turn-state.ts';
import type { TurnKind, TurnOutcome, TurnRecord } from '../turn/turn.ts';
import { Turn } from '../turn/turn.ts';
import type { AgentEvents } from './agent-events.ts';
import { DeadAirWatch } from './dead-air-watch.ts';
import type { EventEmitter } from './event-emitter.ts';
import { Response } from './response.ts';
import { Speculation } from './speculation.ts';

/** What a dialogue is made with. */
export interface DialogueParts {
  readonly llm: LLM;
  readonly tts: TTSStream;
  readonly playout: Playout;
  readonly instructions: string;
  readonly tools: Tools;
  readonly maxToolRounds: number;
  /** Who says that a user's turn is over; without anybody else each final transcript does. */
  readonly turnEnds: 'stt' | 'detector' | 'transcripts';
  /** Whether to begin with an answer when a turn is probably over. */
  readonly speculates: boolean;
  /** What is said when an answer fails; empty for nothing. */
  readonly apology: string;
  /** How long a caller may wait for the answer's first audio before it counts as dead air. */
  readonly deadAirMs: number;
  readonly metrics: MetricsCollector;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly trace: CallTrace;
  readonly events: EventEmitter<AgentEvents>;
  readonly showCaption: (caption: Caption) => void;
}

type STTEventOf<Type extends STTEvent['type']> = Extract<STTEvent, { type: Type }>;

const OUTCOMES = { played: 'completed', flushed: 'interrupted', silent: 'no_response' } as const;

/** Who speaks when: turns users' words into turns, turns into responses, and gives way to users. */
export class Dialogue {
  readonly #parts: DialogueParts;
  readonly #conversation = new Conversation();
  readonly #recorder: TurnRecorder;
  readonly #toolDeclarations: readonly ToolDeclaration[];
  readonly #openTurns = new Map<string, Turn>();
  readonly #deadAir: DeadAirWatch;
  #state: AgentState = 'listening';
  /** What the agent is about to say or saying: at most one thing at a time. */
  #response: Response | undefined;
  /** An answer to a turn that is probably over. It becomes the response when it is. */
  #draft: Response | undefined;
  #turnCount = 0;
  #firstJoinedAtMs: number | undefined;

  constructor(parts: DialogueParts) {
    this.#parts = parts;
    const log = new TurnLog(parts.logger, parts.trace.scope.capturesContent);
    this.#recorder = new TurnRecorder(parts.metrics, log);
    this.#deadAir = new DeadAirWatch(parts.clock, parts.deadAirMs, (turn) => {
      this.#recorder.deadAir();
      parts.logger.warn(turn.logFields, 'a caller waits in vain for an answer');
      parts.events.emit('dead-air', { turnId: turn.id });
    });
    this.#toolDeclarations = Object.entries(parts.tools).map(
      ([name, { description, inputSchema }]) => ({ name, description, inputSchema }),
    );
  }

  get conversation(): Conversation {
    return this.#conversation;
  }

  get state(): AgentState {
    return this.#state;
  }

  /** Somebody joined: the wait for the greeting begins with the first. */
  participantJoined(atMs: number): void {
    this.#firstJoinedAtMs ??= atMs;
  }

  participantLeft(participant: Participant): void {
    this.#openTurns.delete(participant.id);
    if (this.#draft?.speculation?.participant.id === participant.id) this.#discardDraft();
  }

  /** Takes what the speech to text of one participant reports. */
  hear(participant: Participant, event: STTEvent): void {
    if (this.#state === 'closed') return;
    switch (event.type) {
      case 'speech-start':
        this.#speechStarted(participant, event);
        break;
      case 'transcript':
        this.#transcript(participant, event);
        break;
      case 'turn-end':
        if (event.eager) this.#speculate(participant);
        else this.#turnEnded(participant, event);
        break;
      case 'turn-resumed':
        if (this.#draft?.speculation?.participant.id === participant.id) this.#discardDraft();
        break;
      case 'error':
        this.#parts.events.emit('error', { error: event.error });
        break;
    }
  }

  /** Has the model respond to words of the program. Resolves when the response is over. */
  simpleResponse(text: string): Promise<TurnRecord> {
    const turn = this.#promptedTurn();
    this.#cutOff();
    this.#conversation.addUser(text);
    return this.#respond(this.#begin(turn, 'model'));
  }

  /** Says words of the program as they are. Resolves when they are over. */
  say(text: string): Promise<TurnRecord> {
    const turn = this.#promptedTurn();
    this.#cutOff();
    const response = this.#begin(turn, 'program');
    response.say(text);
    return this.#respond(response);
  }

  /** The call is over: cuts off what is under way. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#cutOff();
    this.#move('call-ended');
    this.#openTurns.clear();
  }

  #speechStarted(participant: Participant, event: STTEventOf<'speech-start'>): void {
    const turn = this.#turnOf(participant);
    turn.mark('speechStart', event.startedAtMs);
    turn.isOver = false;
    this.#giveWay(event.atMs);
  }

  #transcript(participant: Participant, event: STTEventOf<'transcript'>): void {
    const { text, final } = event;
    if (text === '') return;
    if (this.#parts.turnEnds === 'transcripts') this.#giveWay(event.atMs);
    const turn = this.#turnOf(participant);
    turn.mark('speechStart', event.speechStartedAtMs);
    turn.isMissingText = !final;
    turn.partialText = final ? '' : text;
    if (final) {
      turn.remark('speechEnd', event.speechEndedAtMs);
      turn.remark('transcriptFinal', event.atMs);
      turn.userText = turn.userText === '' ? text : `${turn.userText} ${text}`;
    }
    this.#parts.events.emit('user-transcript', { participant, text, final });
    this.#parts.showCaption({ speaker: 'user', text, final });
    const endsTurn = turn.isOver || this.#parts.turnEnds === 'transcripts';
    if (final && endsTurn) this.#commit(participant, event.atMs);
  }

  /** The turn is probably over: an answer is begun, but nothing of it leaves. */
  #speculate(participant: Participant): void {
    if (!this.#parts.speculates || this.#state !== 'listening') return;
    const turn = this.#turnOf(participant);
    const text = `${turn.userText} ${turn.partialText}`.trim();
    if (text === '') return;
    this.#draft = this.#begin(turn, 'model', new Speculation(participant, text));
    void this.#respond(this.#draft);
  }

  #discardDraft(): void {
    const draft = this.#draft;
    if (!draft) return;
    this.#draft = undefined;
    draft.cut(new InterruptedError('discarded'));
    draft.turn.withdrawAnswer();
    this.#parts.playout.flush();
    this.#recorder.speculation('discarded');
    this.#move('speculation-discarded');
  }

  #turnEnded(participant: Participant, event: STTEventOf<'turn-end'>): void {
    const turn = this.#turnOf(participant);
    if (this.#parts.turnEnds === 'detector') {
      turn.remark('speechEnd', event.speechEndedAtMs);
      turn.isOver = true;
      // A detector knows no words: the last of them may still be on their way.
      if (turn.isMissingText) return;
    }
    this.#commit(participant, event.atMs);
  }

  /** The user's turn is over and wants an answer. */
  #commit(participant: Participant, endpointedAtMs: number): void {
    const turn = this.#turnOf(participant);
    this.#openTurns.delete(participant.id);
    turn.mark('endpointed', endpointedAtMs);
    turn.mark('committed', this.#parts.clock.now());
    if (turn.userText === '') {
      this.#discardDraft();
      this.#closeTurn(turn, 'no_response');
      return;
    }
    this.#deadAir.start(turn);
    const draft = this.#draft;
    if (draft?.turn === turn && draft.speculation?.text === turn.userText) {
      this.#adopt(draft, participant);
      return;
    }
    this.#giveWay(endpointedAtMs);
    this.#conversation.addUser(turn.userText, participant.id);
    void this.#respond(this.#begin(turn, 'model'));
  }

  /** The answer that was begun is the one that is wanted. */
  #adopt(draft: Response, participant: Participant): void {
    this.#draft = undefined;
    this.#response = draft;
    this.#conversation.addUser(draft.turn.userText, participant.id);
    this.#recorder.speculation('used');
    this.#move('response-asked');
    draft.confirm();
  }

  async #respond(response: Response): Promise<TurnRecord> {
    try {
      const end = await response.run();
      this.#finish(response, OUTCOMES[end]);
    } catch (error) {
      await this.#fail(response, error);
    }
    return response.turn.closed;
  }

  #begin(turn: Turn, author: 'model' | 'program', speculation?: Speculation): Response {
    const response = new Response({
      ...this.#parts,
      toolDeclarations: this.#toolDeclarations,
      conversation: this.#conversation,
      turn,
      author,
      speculation,
      onPlayoutStart: () => this.#move('playout-started'),
      onText: (text, final) => this.#caption(text, final),
    });
    if (speculation) {
      this.#move('speculation-started');
    } else {
      this.#response = response;
      this.#move('response-asked');
    }
    return response;
  }

  /** A part of the response failed: what was made before still plays, and the caller is told. */
  async #fail(response: Response, error: unknown): Promise<void> {
    if (response.turn.isClosed || response.speculation?.isConfirmed === false) {
      // A draft that failed is no loss: the turn gets its answer when it is over.
      if (this.#draft === response) this.#discardDraft();
      return;
    }
    this.#parts.events.emit('error', { error });
    const fields = { ...response.turn.logFields, ...errorFields(error) };
    this.#parts.logger.error(fields, 'a response failed');
    await response.apologise(this.#parts.apology);
    response.cut(error);
    this.#finish(response, 'error');
  }

  #finish(response: Response, outcome: TurnOutcome): void {
    if (response.turn.isClosed) return;
    const { playout } = this.#parts;
    if (response.wasHeard) response.turn.mark('playoutEnd', playout.lastFrameAtMs);
    response.remember(outcome === 'interrupted');
    // A listener may have begun another response while this one was about to begin.
    if (this.#response === response) {
      this.#response = undefined;
      this.#move('response-ended');
    }
    this.#closeTurn(response.turn, outcome);
  }

  /** A user speaks: the agent falls silent at once. */
  #giveWay(detectedAtMs: number): void {
    const phase = this.#cutOff();
    if (phase) this.#recorder.interruption(phase, this.#parts.clock.now() - detectedAtMs);
  }

  /** Silences the agent within this very call. Returns what it was doing, if anything. */
  #cutOff(): 'thinking' | 'speaking' | undefined {
    this.#discardDraft();
    const response = this.#response;
    if (!response) return undefined;
    const phase = this.#state === 'speaking' ? 'speaking' : 'thinking';
    this.#response = undefined;
    this.#parts.playout.flush();
    response.cut(new InterruptedError());
    response.turn.interruptedWhile = phase;
    response.turn.mark('interruptedAt', this.#parts.clock.now());
    response.remember(true);
    this.#move('interrupted');
    this.#closeTurn(response.turn, 'interrupted');
    return phase;
  }

  #closeTurn(turn: Turn, outcome: TurnOutcome): void {
    const record = turn.close(outcome);
    if (!record) return;
    this.#deadAir.stop(turn);
    this.#recorder.turn(record);
    this.#parts.events.emit('turn', record);
  }

  #turnOf(participant: Participant): Turn {
    const open = this.#openTurns.get(participant.id);
    if (open) return open;
    const turn = new Turn(this.#nextId(), 'reply', participant, this.#parts.trace);
    this.#openTurns.set(participant.id, turn);
    return turn;
  }

  #promptedTurn(): Turn {
    const isFirst = this.#turnCount === 0;
    const kind: TurnKind = isFirst ? 'greeting' : 'prompted';
    const turn = new Turn(this.#nextId(), kind, undefined, this.#parts.trace);
    if (isFirst) turn.mark('participantJoined', this.#firstJoinedAtMs);
    turn.mark('committed', this.#parts.clock.now());
    return turn;
  }

  #nextId(): string {
    this.#turnCount += 1;
    return `turn-${this.#turnCount}`;
  }

  #caption(text: string, final: boolean): void {
    this.#parts.events.emit('agent-transcript', { text, final });
    this.#parts.showCaption({ speaker: 'agent', text, final });
  }

  #move(event: TurnEvent): void {
    const state = nextState(this.#state, event);
    if (state === undefined || state === this.#state) return;
    this.#state = state;
    this.#parts.events.emit('state', { state });
  }
}
