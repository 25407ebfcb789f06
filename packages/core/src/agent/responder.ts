import type { Clock } from '../clock/clock.ts';
import type { Conversation } from '../conversation/conversation.ts';
import type { Caption } from '../edge/edge.ts';
import type { Playout } from '../edge/playout.ts';
import { InterruptedError } from '../errors/interrupted-error.ts';
import type { LanguageModel } from '../llm/llm.ts';
import { errorFields } from '../logging/error-fields.ts';
import type { Logger } from '../logging/logger.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import type { Voice } from '../tts/tts-stream.ts';
import type { TurnRecorder } from '../turn/turn-recorder.ts';
import type { AgentState, TurnEvent } from '../turn/turn-state.ts';
import { nextState } from '../turn/turn-state.ts';
import type { Turn, TurnOutcome, TurnRecord } from '../turn/turn.ts';
import type { AgentEvents } from './agent-events.ts';
import type { ToolFiller } from './agent-options.ts';
import type { EventEmitter } from './event-emitter.ts';
import { Response } from './response.ts';
import type { Speculation } from './speculation.ts';
import type { TurnBook } from './turn-book.ts';

/** What responses are made with. */
export interface ResponderParts {
  readonly llm: LanguageModel;
  readonly tts: Voice;
  readonly playout: Playout;
  readonly instructions: string;
  readonly toolbox: Toolbox;
  readonly toolFiller: ToolFiller | undefined;
  readonly maxToolRounds: number;
  /** What is said when an answer fails; empty for nothing. */
  readonly apology: string;
  readonly conversation: Conversation;
  readonly turns: TurnBook;
  readonly recorder: TurnRecorder;
  readonly metrics: MetricsCollector;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventEmitter<AgentEvents>;
  readonly showCaption: (caption: Caption) => void;
  /** A response is over that was not cut off. */
  readonly onFree: () => void;
}

/** What a response is asked for with. */
export interface ResponseRequest {
  readonly turn: Turn;
  /** The program's words; without them the model is asked. */
  readonly text?: string;
  /** Whether users may cut it off. */
  readonly isInterruptible: boolean;
}

const OUTCOMES = { played: 'completed', flushed: 'interrupted', silent: 'no_response' } as const;

/** What the agent says and in which state it is: one response at a time, and one draft of another at most. */
export class Responder {
  readonly #parts: ResponderParts;
  #state: AgentState = 'listening';
  /** What the agent is about to say or saying. */
  #response: Response | undefined;
  /** An answer to a turn that is probably over. It becomes the response when it is. */
  #draft: Response | undefined;
  /** How long the caller went on hearing the agent after it was known that somebody speaks. */
  #silencedAfterMs: number | undefined;

  constructor(parts: ResponderParts) {
    this.#parts = parts;
  }

  get state(): AgentState {
    return this.#state;
  }

  /** The turn that the agent is responding to. */
  get turn(): Turn | undefined {
    return this.#response?.turn;
  }

  /** Whether the agent is responding with something that users may cut off. */
  get isInterruptible(): boolean {
    return this.#response?.isInterruptible === true;
  }

  /** What the draft was begun for. */
  get speculation(): Speculation | undefined {
    return this.#draft?.speculation;
  }

  /** Whether the draft answers these words of this turn. */
  hasDraft(turn: Turn, text: string): boolean {
    return this.#draft?.turn === turn && this.#draft.speculation?.text === text;
  }

  /** Responds to a turn; what the agent was saying is cut off. Resolves when the response is over. */
  respond(request: ResponseRequest): Promise<TurnRecord> {
    this.cutOff();
    // A listener may have answered that with words of its own: these here take their place.
    this.#response?.cut(new InterruptedError());
    const response = this.#newResponse(request);
    this.#response = response;
    this.#move('response-asked');
    if (request.text !== undefined) response.say(request.text);
    return this.#run(response);
  }

  /** Begins with an answer to a turn that is probably over, but nothing of it leaves. */
  speculate(request: ResponseRequest, speculation: Speculation): void {
    const draft = this.#newResponse(request, speculation);
    this.#draft = draft;
    // A listener may have the agent say something, which discards it.
    this.#move('speculation-started');
    void this.#run(draft);
  }

  /** The turn is over with the words that the draft answers: it is the response. */
  adoptDraft(): void {
    const draft = this.#draft;
    if (!draft) return;
    this.#draft = undefined;
    this.#response = draft;
    this.#parts.recorder.speculation('used');
    this.#move('response-asked');
    draft.confirm();
  }

  /** The draft is not wanted, if there is one. */
  discardDraft(): void {
    const draft = this.#draft;
    if (!draft) return;
    this.#draft = undefined;
    draft.cut(new InterruptedError('discarded'));
    draft.turn.withdrawAnswer();
    this.#parts.playout.flush();
    this.#parts.recorder.speculation('discarded');
    this.#move('speculation-discarded');
  }

  /** Somebody speaks: the agent falls silent within this very call, and forgets nothing. */
  pause(detectedAtMs: number): void {
    if (!this.isInterruptible) return;
    const { playout, clock } = this.#parts;
    playout.hold();
    this.#silencedAfterMs = clock.now() - detectedAtMs;
    this.#response?.held(clock.now());
    this.#move('playout-paused');
  }

  /** It was nothing: the agent goes on where it stopped. */
  resume(): void {
    this.#silencedAfterMs = undefined;
    this.#response?.released(this.#parts.clock.now());
    this.#move('playout-resumed');
    this.#parts.playout.resume();
  }

  /** A user interrupts: the agent gives way. */
  giveWay(detectedAtMs: number): void {
    if (!this.isInterruptible) return;
    const { playout, recorder, clock } = this.#parts;
    // What the caller hears ends here, and so does the latency: the rest is bookkeeping.
    playout.hold();
    const silencedAfterMs = this.#silencedAfterMs ?? clock.now() - detectedAtMs;
    const phase = this.cutOff();
    if (phase) recorder.interruption(phase, silencedAfterMs);
  }

  /** Silences the agent within this very call. Returns what it was doing, if anything. */
  cutOff(): 'thinking' | 'speaking' | undefined {
    this.discardDraft();
    const response = this.#response;
    if (!response) return undefined;
    const { playout, clock, turns } = this.#parts;
    const phase = this.#state === 'thinking' ? 'thinking' : 'speaking';
    this.#response = undefined;
    this.#silencedAfterMs = undefined;
    playout.flush();
    response.turn.mark('interruptedAt', clock.now());
    response.turn.interruptedWhile = phase;
    response.cut(new InterruptedError());
    response.remember(true);
    this.#move('interrupted');
    turns.close(response.turn, 'interrupted');
    return phase;
  }

  /** The call is over: cuts off what is under way, for good. */
  close(): void {
    this.cutOff();
    this.#move('call-ended');
  }

  #newResponse(request: ResponseRequest, speculation?: Speculation): Response {
    const { turn, text, isInterruptible } = request;
    return new Response({
      ...this.#parts,
      turn,
      author: text === undefined ? 'model' : 'program',
      isInterruptible,
      speculation,
      onPlayoutStart: () => this.#move('playout-started'),
      onText: (written, final) => this.#caption(written, final),
    });
  }

  async #run(response: Response): Promise<TurnRecord> {
    try {
      const end = await response.run();
      this.#finish(response, OUTCOMES[end]);
    } catch (error) {
      await this.#fail(response, error);
    }
    return response.turn.closed;
  }

  /** A part of the response failed: what was made before still plays, and the caller is told. */
  async #fail(response: Response, error: unknown): Promise<void> {
    if (response.turn.isClosed || response.speculation?.isConfirmed === false) {
      // A draft that failed is no loss: the turn gets its answer when it is over.
      if (this.#draft === response) this.discardDraft();
      return;
    }
    if (error instanceof InterruptedError) return this.#finish(response, 'interrupted');
    this.#parts.events.emit('error', { error });
    const fields = { ...response.turn.logFields, ...errorFields(error) };
    this.#parts.logger.error(fields, 'a response failed');
    await response.apologise(this.#parts.apology);
    response.cut(error);
    this.#finish(response, 'error');
  }

  #finish(response: Response, outcome: TurnOutcome): void {
    if (response.turn.isClosed) return;
    const { playout, turns, onFree } = this.#parts;
    if (response.wasHeard) response.turn.mark('playoutEnd', playout.lastFrameAtMs);
    response.remember(outcome === 'interrupted');
    // A listener may have begun another response while this one was about to begin.
    const isPresent = this.#response === response;
    if (isPresent) {
      this.#response = undefined;
      this.#move('response-ended');
    }
    turns.close(response.turn, outcome);
    if (isPresent) onFree();
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
