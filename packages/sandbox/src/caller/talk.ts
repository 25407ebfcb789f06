import { setTimeout as sleep } from 'node:timers/promises';

import { speak } from '../voice/speak.ts';
import type { Answer } from './answer.ts';
import type { CallAct, TurnAct } from './call-act.ts';
import type { CallTurn } from './call-report.ts';
import type { Ear } from './ear.ts';
import type { Microphone } from './microphone.ts';

/** Whoever still sends audio this shortly before the last word of an interruption has not given way. */
const stillTalkingMs = 100;
/** An answer that ends so shortly after a back-channel was ended by it. */
const goesOnMs = 500;

/** What talking needs. */
export interface TalkParts {
  ear: Ear;
  microphone: Microphone;
  sampleRateHz: number;
  chordMs: number;
  answerTimeoutMs: number;
  /** Aborted when the line is closed. */
  line: AbortSignal;
  onTurn: (turn: CallTurn) => void;
  onProblem: (problem: string) => void;
}

/** Something that was said, whose answer is not known to its end. */
interface OpenTurn {
  turn: CallTurn;
  number: number;
  answer: Answer;
  spokenAt: number;
  /** When the caller had said the last back-channel. */
  backChannelAt: number | undefined;
}

type ActOf<Type extends CallAct['type']> = Extract<CallAct, { type: Type }>;

/** A caller's side of a conversation, act by act. */
export class Talk {
  readonly #parts: TalkParts;
  #open: OpenTurn | undefined;
  #count = 0;

  constructor(parts: TalkParts) {
    this.#parts = parts;
  }

  /** Does one thing. Resolves when it is done, which may be before it is answered. */
  async perform(act: CallAct): Promise<void> {
    switch (act.type) {
      case 'say':
      case 'hesitate':
        return this.#take(act);
      case 'farewell':
        await this.#take(act);
        return this.#awaitHangUp();
      case 'interrupt':
        return this.#interrupt(act);
      case 'back-channel':
        return this.#backChannel(act);
      case 'hang-up':
        return this.#hangUp(act);
    }
  }

  /** Hears the present answer to its end, if there is one. */
  async hearOut(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    const { answer, backChannelAt, number } = open;
    const isWhole = await answer.over(this.#parts.answerTimeoutMs);
    if (isWhole && answer.firstFrameAt !== undefined) this.#close(open, 'heard');
    else {
      this.#parts.onProblem(`no complete answer to line ${number}`);
      this.#close(open, 'missing');
    }
    if (backChannelAt !== undefined && (answer.lastFrameAt ?? 0) < backChannelAt + goesOnMs) {
      this.#parts.onProblem(`the answer to line ${number} ended with a back-channel`);
    }
  }

  /** Says something that is to be answered. */
  async #take(act: TurnAct): Promise<void> {
    const answer = this.#parts.ear.listen();
    const spokenAt = await this.#parts.microphone.say(this.#voice(act)).ended;
    this.#opened(act, answer, spokenAt);
  }

  async #interrupt(act: ActOf<'interrupt'>): Promise<void> {
    const open = this.#open;
    const isInTime = open !== undefined && (await this.#moment(open, act.phase, act.afterMs));
    if (!isInTime) return this.#tooLate(act);
    const { ear, microphone, onProblem } = this.#parts;
    const { started, ended } = microphone.say(this.#voice(act));
    const startedAt = (await started) ?? 0;
    const spokenAt = await ended;
    const answer = ear.listen();
    const { firstFrameAt, lastFrameAt } = open.answer;
    const phase = firstFrameAt === undefined ? 'thinking' : 'speaking';
    if (phase !== act.phase) onProblem(`line ${open.number} was interrupted while ${phase}`);
    if (spokenAt !== undefined && spokenAt - (lastFrameAt ?? 0) < stillTalkingMs) {
      onProblem(`the agent did not give way to line ${open.number + 1}`);
    }
    open.turn.interruption = {
      phase,
      timeToSilenceMs: lastFrameAt === undefined ? undefined : lastFrameAt - startedAt,
    };
    this.#close(open, 'interrupted');
    this.#opened(act, answer, spokenAt);
  }

  async #backChannel(act: ActOf<'back-channel'>): Promise<void> {
    const open = this.#open;
    if (open === undefined || !(await this.#moment(open, 'speaking', act.afterMs))) {
      this.#parts.onProblem(`it was too late for a back-channel to line ${this.#count}`);
      return;
    }
    open.turn.backChannels.push(act.text);
    open.backChannelAt = await this.#parts.microphone.say(this.#voice(act)).ended;
  }

  async #hangUp({ afterMs }: ActOf<'hang-up'>): Promise<void> {
    const open = this.#open;
    if (open === undefined || !(await this.#moment(open, 'speaking', afterMs))) {
      this.#parts.onProblem(`it was too late to hang up on the answer to line ${this.#count}`);
      return;
    }
    this.#parts.ear.close();
    this.#close(open, 'hung-up');
  }

  async #awaitHangUp(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    const { line, answerTimeoutMs, onProblem } = this.#parts;
    try {
      if (!line.aborted) await sleep(answerTimeoutMs, undefined, { signal: line });
      onProblem('the agent did not hang up');
    } catch {
      // The line was closed, as it should be.
    }
    const wasHeard = open.answer.firstFrameAt !== undefined;
    if (!wasHeard) onProblem(`no answer to line ${open.number}`);
    this.#close(open, wasHeard ? 'heard' : 'missing');
  }

  /** It is said all the same, once the answer is over. */
  async #tooLate(act: ActOf<'interrupt'>): Promise<void> {
    this.#parts.onProblem(`it was too late to interrupt the answer to line ${this.#count}`);
    await this.hearOut();
    if (!this.#parts.line.aborted) await this.#take(act);
  }

  /** Waits for a moment of an answer; false when the answer is over by then, or does not come. */
  async #moment(open: OpenTurn, phase: 'thinking' | 'speaking', afterMs: number): Promise<boolean> {
    const { line, answerTimeoutMs } = this.#parts;
    const { answer } = open;
    if (phase === 'speaking' && !(await answer.started(answerTimeoutMs))) return false;
    const from = phase === 'speaking' ? (answer.firstFrameAt ?? 0) : open.spokenAt;
    try {
      await sleep(Math.max(0, from + afterMs - performance.now()), undefined, { signal: line });
    } catch {
      // The line was closed, and with it the answer is over.
    }
    return !answer.isOver;
  }

  #opened(act: TurnAct, answer: Answer, spokenAt: number | undefined): void {
    this.#count += 1;
    this.#open = {
      turn: {
        act: act.type,
        said: wordsOf(act),
        heard: '',
        answer: 'missing',
        responseLatencyMs: undefined,
        interruption: undefined,
        backChannels: [],
      },
      number: this.#count,
      answer,
      spokenAt: spokenAt ?? performance.now(),
      backChannelAt: undefined,
    };
  }

  #close(open: OpenTurn, how: CallTurn['answer']): void {
    const { turn, answer, spokenAt, number } = open;
    this.#open = undefined;
    turn.answer = how;
    turn.heard = how === 'missing' ? '' : answer.words.text;
    if (how !== 'missing' && answer.firstFrameAt !== undefined) {
      turn.responseLatencyMs = answer.firstFrameAt - spokenAt;
      if (turn.responseLatencyMs < 0) {
        this.#parts.onProblem(`line ${number} was answered before it was said`);
      }
    }
    this.#parts.onTurn(turn);
  }

  #voice(act: Exclude<CallAct, ActOf<'hang-up'>>): Int16Array {
    const { sampleRateHz, chordMs } = this.#parts;
    const first = speak(act.text, { sampleRateHz, chordMs });
    if (act.type !== 'hesitate') return first;
    const pause = new Int16Array(Math.round((act.pauseMs * sampleRateHz) / 1000));
    return Int16Array.of(...first, ...pause, ...speak(act.rest, { sampleRateHz, chordMs }));
  }
}

function wordsOf(act: TurnAct): string {
  return act.type === 'hesitate' ? `${act.text} ${act.rest}` : act.text;
}
