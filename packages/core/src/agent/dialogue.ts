import type { Clock } from '../clock/clock.ts';
import { Conversation } from '../conversation/conversation.ts';
import type { Caption, Participant } from '../edge/edge.ts';
import type { Playout } from '../edge/playout.ts';
import type { LanguageModel } from '../llm/llm.ts';
import type { Logger } from '../logging/logger.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import type { STTEvent } from '../stt/stt-events.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import type { CallTrace } from '../tracing/call-trace.ts';
import type { Voice } from '../tts/tts-stream.ts';
import { TurnLog } from '../turn/turn-log.ts';
import { TurnRecorder } from '../turn/turn-recorder.ts';
import type { AgentState } from '../turn/turn-state.ts';
import type { Turn, TurnRecord } from '../turn/turn.ts';
import type { AgentEvents } from './agent-events.ts';
import type { ToolFiller } from './agent-options.ts';
import { BargeIn } from './barge-in.ts';
import type { EventEmitter } from './event-emitter.ts';
import type { CrossTalk } from './floor.ts';
import { Floor } from './floor.ts';
import type { InterruptionOptions } from './interruption-options.ts';
import { MissingWords } from './missing-words.ts';
import { Responder } from './responder.ts';
import { Speculation } from './speculation.ts';
import { TurnBook } from './turn-book.ts';

/** What a dialogue is made with. */
export interface DialogueParts {
  readonly llm: LanguageModel;
  readonly tts: Voice;
  readonly playout: Playout;
  readonly instructions: string;
  readonly toolbox: Toolbox;
  readonly toolFiller: ToolFiller | undefined;
  readonly maxToolRounds: number;
  /** Who says that a user's turn is over; without anybody else each final transcript does. */
  readonly turnEnds: 'stt' | 'detector' | 'transcripts';
  /** Whether to begin with an answer when a turn is probably over. */
  readonly speculates: boolean;
  /** When users may cut the agent off; undefined for never. */
  readonly interruption: Required<InterruptionOptions> | undefined;
  readonly crossTalk: CrossTalk;
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
  /** What was heard of a participant's turn is taken for all of it. */
  readonly onSettled: (participant: Participant) => void;
}

/** How the program has the agent speak. */
export interface SpeakOptions {
  /**
   * Whether users may cut it off. Otherwise what they say meanwhile is answered after it.
   * @default true
   */
  readonly interruptible?: boolean;
}

type STTEventOf<Type extends STTEvent['type']> = Extract<STTEvent, { type: Type }>;

/** Who speaks when: turns users' words into turns, has turns answered, and gives way to users. */
export class Dialogue {
  readonly #parts: DialogueParts;
  readonly #conversation = new Conversation();
  readonly #turns: TurnBook;
  readonly #responder: Responder;
  readonly #bargeIn: BargeIn | undefined;
  readonly #floor: Floor;
  readonly #missing: MissingWords;
  /** Turns that came while the agent said something that must not be cut off. */
  readonly #waiting: Turn[] = [];
  #cancelAnswer: (() => void) | undefined;

  constructor(parts: DialogueParts) {
    this.#parts = parts;
    const { clock, interruption, turnEnds } = parts;
    const log = new TurnLog(parts.logger, parts.trace.scope.capturesContent);
    const recorder = new TurnRecorder(parts.metrics, log);
    const turns = new TurnBook({ ...parts, recorder, onClosed: (turn) => this.#turnClosed(turn) });
    const responder = new Responder({
      ...parts,
      conversation: this.#conversation,
      turns,
      recorder,
      onFree: () => this.#answerWaitingSoon(),
    });
    this.#turns = turns;
    this.#responder = responder;
    this.#floor = new Floor(parts.crossTalk, clock);
    this.#missing = new MissingWords(clock, (turn) => this.#goOnWithout(turn));
    this.#bargeIn =
      interruption &&
      new BargeIn({
        clock,
        options: interruption,
        hearsSilence: turnEnds === 'detector',
        onPause: (detectedAtMs) => responder.pause(detectedAtMs),
        onResume: () => responder.resume(),
        onInterrupt: (detectedAtMs) => responder.giveWay(detectedAtMs),
      });
  }

  get conversation(): Conversation {
    return this.#conversation;
  }

  get state(): AgentState {
    return this.#responder.state;
  }

  /** Somebody joined: the wait for the greeting begins with the first. */
  participantJoined(atMs: number): void {
    this.#turns.participantJoined(atMs);
  }

  participantLeft(participant: Participant): void {
    this.#discardDraftOf(participant);
    this.#bargeIn?.turnEnded(participant.id);
    this.#turns.abandon(participant.id);
    this.#missing.forget(participant.id);
    for (const turn of this.#waiting.splice(0)) {
      if (turn.participant?.id === participant.id) this.#turns.close(turn, 'no_response');
      else this.#waiting.push(turn);
    }
    this.#floor.release(participant.id);
    this.#answerWaiting();
  }

  /**
   * The speech to text of one participant broke, and forgot the turn that it was in. The next one is sent
   * it again. `wordsAreDue`: perhaps they said something that was not understood.
   */
  listenerLost(participant: Participant, wordsAreDue: boolean): void {
    this.#missing.listenerLost(participant.id);
    if (!wordsAreDue) return;
    this.#discardDraftOf(participant);
    this.#bargeIn?.soundEnded(participant.id);
    const turn = this.#turns.openTurn(participant);
    turn?.missWords();
    // A sound may prove to be none: whatever is said next begins by itself.
    if (this.#parts.turnEnds !== 'detector' && turn?.heardText === '')
      turn.remark('speechStart', undefined);
    this.#awaitWordsOfLost(turn);
  }

  /** The speech to text listens again, and has been sent all that was said. */
  listenerLive(participant: Participant): void {
    this.#missing.listenerLive(participant.id);
    this.#awaitWordsOfLost(this.#turns.openTurn(participant));
  }

  /** Takes what the speech to text of one participant reports. */
  hear(participant: Participant, event: STTEvent): void {
    if (this.state === 'closed') return;
    if (event.type === 'error') {
      this.#parts.events.emit('error', { error: event.error });
      return;
    }
    if (!this.#floor.admits(participant.id, this.#responder.turn?.participant?.id)) return;
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
        this.#discardDraftOf(participant);
        this.#soundStarted(this.#turns.of(participant), participant, event);
        break;
    }
  }

  /** Has the model respond to words of the program. Resolves when the response is over. */
  simpleResponse(text: string, { interruptible = true }: SpeakOptions = {}): Promise<TurnRecord> {
    const turn = this.#turns.prompted();
    this.#responder.cutOff();
    this.#conversation.addUser(text);
    return this.#responder.respond({ turn, isInterruptible: this.#mayInterrupt(interruptible) });
  }

  /** Says words of the program as they are. Resolves when they are over. */
  say(text: string, { interruptible = true }: SpeakOptions = {}): Promise<TurnRecord> {
    const turn = this.#turns.prompted();
    const isInterruptible = this.#mayInterrupt(interruptible);
    return this.#responder.respond({ turn, text, isInterruptible });
  }

  /** The call is over: cuts off what is under way. */
  close(): void {
    if (this.state === 'closed') return;
    this.#responder.close();
    this.#bargeIn?.reset();
    this.#cancelAnswer?.();
    for (const turn of this.#waiting.splice(0)) this.#turns.close(turn, 'no_response');
    this.#turns.abandonAll();
  }

  #speechStarted(participant: Participant, event: STTEventOf<'speech-start'>): void {
    const turn = this.#turns.of(participant);
    // A sound that came to nothing is no beginning of what is said now.
    if (turn.isOver && turn.heardText === '') {
      turn.remark('speechStart', undefined);
      turn.timing = undefined;
    }
    turn.mark('speechStart', event.startedAtMs);
    turn.isOver = false;
    // Who listens since an outage knows nothing of the turn's words before it: of a noise it tells no end.
    if (turn.timing === 'late' && this.#parts.turnEnds !== 'detector')
      this.#missing.awaitAfterSound(turn);
    else this.#missing.stop(turn);
    this.#discardDraftOf(participant);
    this.#soundStarted(turn, participant, event);
  }

  #soundStarted(
    turn: Turn,
    { id }: Participant,
    { atMs, startedAtMs }: { readonly atMs: number; readonly startedAtMs?: number | undefined },
  ): void {
    if (this.#missing.isUnheard(id)) turn.missWords();
    else if (!this.#missing.areLate(id, startedAtMs)) turn.timing = 'live';
    else turn.timing ??= 'late';
    if (this.#mayCutOff(turn)) this.#bargeIn?.soundStarted(id, startedAtMs ?? atMs);
  }

  #transcript(participant: Participant, event: STTEventOf<'transcript'>): void {
    const { text, final, language } = event;
    if (text === '') return;
    const turn = this.#turns.of(participant);
    turn.mark('speechStart', event.speechStartedAtMs);
    turn.heard(text, final, language);
    if (this.#missing.areLate(participant.id, event.speechStartedAtMs)) turn.timing ??= 'late';
    this.#missing.stop(turn);
    if (turn.isOver) this.#missing.await(turn);
    if (final) {
      // Words without a time take nothing back that a detector has told.
      const isTold = turn.isOver && event.speechEndedAtMs === undefined;
      if (!isTold) turn.remark('speechEnd', event.speechEndedAtMs);
      turn.remark('transcriptFinal', event.atMs);
    }
    const { speculation } = this.#responder;
    if (speculation && speculation.text !== turn.heardText) this.#discardDraftOf(participant);
    if (this.#mayCutOff(turn)) {
      const words = { text: turn.heardText, final, language, startedAtMs: turn.marks.speechStart };
      this.#bargeIn?.heard(participant.id, words);
    }
    this.#parts.events.emit('user-transcript', { participant, text, final });
    this.#parts.showCaption({ speaker: 'user', text, final });
    const endsTurn = turn.isOver || this.#parts.turnEnds === 'transcripts';
    if (final && endsTurn) this.#commit(participant, event.atMs);
  }

  /** The turn is probably over: an answer is begun, but nothing of it leaves. */
  #speculate(participant: Participant): void {
    this.#bargeIn?.soundEnded(participant.id);
    if (!this.#parts.speculates || this.state !== 'listening') return;
    const turn = this.#turns.of(participant);
    if (turn.heardText === '') return;
    const request = { turn, isInterruptible: this.#mayInterrupt(true) };
    this.#responder.speculate(request, new Speculation(participant, turn.heardText));
  }

  #discardDraftOf({ id }: Participant): void {
    if (this.#responder.speculation?.participant.id === id) this.#responder.discardDraft();
  }

  #turnEnded(participant: Participant, event: STTEventOf<'turn-end'>): void {
    const turn = this.#turns.of(participant);
    this.#bargeIn?.soundEnded(participant.id);
    if (this.#parts.turnEnds === 'detector') {
      turn.remark('speechEnd', event.speechEndedAtMs);
      turn.isOver = true;
      // A detector knows no words: the last of them may still be on their way.
      if (turn.isMissingText) return this.#missing.await(turn);
    }
    this.#commit(participant, event.atMs);
  }

  /** A detector still hears whose words were lost, and will say when their turn is over. */
  #awaitWordsOfLost(turn: Turn | undefined): void {
    if (!turn) return;
    if (turn.isOver || this.#parts.turnEnds !== 'detector') this.#missing.awaitAgain(turn);
    else this.#missing.stop(turn);
  }

  /** Words that were only probable are all that there will be. */
  #goOnWithout(turn: Turn): void {
    const { participant } = turn;
    if (!participant || this.#turns.openTurn(participant) !== turn) return;
    turn.settle();
    this.#parts.onSettled(participant);
    this.#commit(participant, this.#parts.clock.now());
  }

  /** The user's turn is over and wants an answer, if it was meant for one. */
  #commit(participant: Participant, endpointedAtMs: number): void {
    const turn = this.#turns.commit(participant, endpointedAtMs);
    this.#missing.stop(turn);
    if (turn.userText === '' || this.#isOnlyListening(turn)) {
      this.#bargeIn?.turnEnded(participant.id);
      this.#discardDraftOf(participant);
      this.#turns.close(turn, 'no_response');
      this.#answerWaiting();
      return;
    }
    if (this.#responder.hasDraft(turn, turn.userText)) {
      this.#turns.awaitAnswer(turn);
      this.#conversation.addUser(turn.userText, participant.id);
      this.#responder.adoptDraft();
    } else if (this.#responder.turn && !this.#mayCutOff(turn)) {
      this.#bargeIn?.turnEnded(participant.id);
      this.#waiting.push(turn);
    } else {
      this.#responder.giveWay(endpointedAtMs);
      this.#answer(turn);
    }
  }

  /** Whether a turn was only somebody's way to show that they listen to the agent. */
  #isOnlyListening(turn: Turn): boolean {
    if (!this.#mayCutOff(turn)) return false;
    return this.#bargeIn?.isMeant(turn.userText, turn.language) === false;
  }

  #answer(turn: Turn): void {
    this.#turns.awaitAnswer(turn);
    for (const earlier of this.#waiting.splice(0)) {
      this.#conversation.addUser(earlier.userText, earlier.participant?.id);
      this.#turns.close(earlier, 'no_response');
    }
    this.#conversation.addUser(turn.userText, turn.participant?.id);
    void this.#responder.respond({ turn, isInterruptible: this.#mayInterrupt(true) });
  }

  /** A program that waited for the end of its words may have more of them, which come first. */
  #answerWaitingSoon(): void {
    this.#cancelAnswer?.();
    if (this.#waiting.length === 0) return;
    this.#cancelAnswer = this.#parts.clock.after(0, () => this.#answerWaiting());
  }

  /** The agent is free: all that was said while it must not be cut off is answered as one. */
  #answerWaiting(): void {
    const turn = this.#responder.turn ? undefined : this.#waiting.pop();
    if (!turn) return;
    const now = this.#parts.clock.now();
    turn.waited({ queuedMs: now - (turn.marks.committed ?? now) });
    this.#answer(turn);
  }

  /**
   * Whether a turn can be meant to interrupt the agent. One that became known late, because nobody could
   * hear it, cannot if it began before what the agent is saying.
   */
  #mayCutOff({ timing, marks }: Turn): boolean {
    if (!this.#responder.isInterruptible) return false;
    const { fillerStart, playoutStart } = this.#responder.turn?.marks ?? {};
    const spokenSinceMs = fillerStart ?? playoutStart;
    if (timing !== 'late' || spokenSinceMs === undefined) return true;
    return marks.speechStart !== undefined && marks.speechStart >= spokenSinceMs;
  }

  #mayInterrupt(interruptible: boolean): boolean {
    return interruptible && this.#bargeIn !== undefined;
  }

  #turnClosed(turn: Turn): void {
    const { participant } = turn;
    this.#missing.stop(turn);
    const answered = this.#responder.turn;
    if (!answered) this.#bargeIn?.reset();
    if (!participant || answered?.participant?.id === participant.id) return;
    if (!this.#turns.openTurn(participant)) this.#floor.release(participant.id);
  }
}
