import type { RealtimeFact, RealtimeOutcome, RealtimeUsage } from '@vision-agents/core';

import type { LiveSignal } from './gemini-live-wire.ts';

/** An utterance as it grows. */
class Utterance {
  readonly #type: 'user-transcript' | 'agent-transcript';
  #text = '';

  constructor(type: 'user-transcript' | 'agent-transcript') {
    this.#type = type;
  }

  get isEmpty(): boolean {
    return this.#text.trim() === '';
  }

  /** Adds what is new of it. */
  grow(text: string): RealtimeFact {
    this.#text += text;
    return { type: this.#type, text: this.#text.trim(), final: false };
  }

  /** No more of it comes. */
  end(): RealtimeFact[] {
    const text = this.#text.trim();
    this.#text = '';
    return text === '' ? [] : [{ type: this.#type, text, final: true }];
  }
}

/** Turns what the service tells into facts, in an order that makes turns of them. */
export class LiveTurns {
  readonly #user = new Utterance('user-transcript');
  readonly #agent = new Utterance('agent-transcript');
  /** `cut`: an answer that goes on at the service, and that nobody wants any more. */
  #answer: 'none' | 'coming' | 'cut' = 'none';
  /** What the end of a turn belongs to: one that was interrupted, or told already, is over. */
  #isOver = false;
  #isUserSpeaking = false;
  /** Whether a user has spoken and nothing was answered yet; words that come later are answered already. */
  #hasJustSpoken = false;
  /** A text of ours is about to stop the model: no user did. */
  #hasSentText = false;
  /** Whether something was said or sent that the model has to answer. */
  #isAwaited = false;
  #usage: RealtimeUsage | undefined;
  readonly #openCalls = new Set<string>();

  /** Whether nobody speaks and nothing is awaited, so that the session can move. */
  get isIdle(): boolean {
    const isAnswered = this.#answer === 'none' && !this.#hasJustSpoken && !this.#isAwaited;
    return isAnswered && !this.#isUserSpeaking && this.#openCalls.size === 0;
  }

  /** Whether the service has to send something next. */
  get isOwed(): boolean {
    const isComing = this.#answer === 'coming' && this.#openCalls.size === 0;
    return isComing || this.#isAwaited;
  }

  /** A text was sent for the model to respond to. */
  textSent(): void {
    this.#hasSentText = true;
    this.#isAwaited = true;
  }

  /** Results of tools were sent. */
  resultsSent(callIds: readonly string[]): void {
    this.#settleCalls(callIds);
    this.#isAwaited = this.#openCalls.size === 0;
  }

  /** The answer is not wanted any more: what still comes of it is dropped. */
  cut(): RealtimeFact[] {
    if (this.#answer !== 'coming') return [];
    const facts = this.#end('interrupted');
    this.#answer = 'cut';
    return facts;
  }

  /** The connection ends: what is known so far is all. */
  finish(): RealtimeFact[] {
    return [...this.#user.end(), ...this.#takeUsage()];
  }

  /** What a signal of the service means. */
  facts(signal: LiveSignal): RealtimeFact[] {
    switch (signal.type) {
      case 'speech-start':
        return this.#speechStarted(signal.offsetMs);
      case 'speech-end':
        this.#isUserSpeaking = false;
        this.#hasJustSpoken = true;
        this.#isAwaited = !this.#user.isEmpty;
        return [{ type: 'user-speech-end', offsetMs: signal.offsetMs }];
      case 'input-transcript':
        return this.#userSaid(signal.text, signal.finished);
      case 'usage':
        // A running total of the turn: the last one counts.
        this.#usage = signal.usage;
        return [];
      case 'audio':
        return this.#isWanted() ? [{ type: 'audio', bytes: signal.bytes }] : [];
      case 'output-transcript':
        return this.#isWanted() ? [this.#agent.grow(signal.text)] : [];
      case 'tool-call':
        if (!this.#isWanted()) return [];
        this.#openCalls.add(signal.call.id);
        return [{ type: 'tool-call', call: signal.call }];
      case 'tool-cancelled':
        this.#settleCalls(signal.callIds);
        return [{ type: 'tool-cancelled', callIds: signal.callIds }];
      case 'interrupted':
        return this.#interrupted();
      case 'generation-complete':
        return this.#completed();
      case 'turn-complete': {
        const facts = this.#completed();
        this.#isOver = false;
        return [...facts, ...this.#takeUsage()];
      }
      case 'go-away':
      case 'resumption':
        return [];
    }
  }

  #userSaid(text: string, finished: boolean): RealtimeFact[] {
    const grown = this.#user.grow(text);
    if (this.#hasJustSpoken) this.#isAwaited = true;
    return finished ? this.#user.end() : [grown];
  }

  #settleCalls(callIds: readonly string[]): void {
    for (const callId of callIds) this.#openCalls.delete(callId);
  }

  #isWanted(): boolean {
    this.#isAwaited = false;
    this.#hasJustSpoken = false;
    if (this.#answer === 'cut') return false;
    this.#answer = 'coming';
    this.#isOver = false;
    this.#hasSentText = false;
    return true;
  }

  #speechStarted(offsetMs: number | undefined): RealtimeFact[] {
    const facts = this.#user.end();
    this.#isUserSpeaking = true;
    this.#hasJustSpoken = false;
    this.#isAwaited = false;
    return [...facts, { type: 'user-speech-start', offsetMs }];
  }

  #interrupted(): RealtimeFact[] {
    const was = this.#answer;
    this.#isOver = true;
    if (was === 'coming') return this.#end('interrupted');
    this.#answer = 'none';
    // It was all generated, but the caller is still hearing it: this is how somebody speaks up.
    const isUser = was === 'none' && !this.#isUserSpeaking && !this.#hasSentText;
    return isUser ? this.#speechStarted(undefined) : [];
  }

  #completed(): RealtimeFact[] {
    const was = this.#answer;
    const isAsked = this.#isAwaited || this.#hasJustSpoken || this.#hasSentText;
    this.#hasSentText = false;
    // The calls are answered first, and then there is more to come.
    if (was === 'coming' && this.#openCalls.size > 0) return [];
    if (was === 'coming') return this.#over('completed');
    this.#answer = 'none';
    // The model had nothing to say; or the end of a turn comes twice.
    return was === 'none' && !this.#isOver && isAsked ? this.#over('completed') : [];
  }

  #over(outcome: RealtimeOutcome): RealtimeFact[] {
    this.#isOver = true;
    return this.#end(outcome);
  }

  #end(outcome: RealtimeOutcome): RealtimeFact[] {
    this.#answer = 'none';
    this.#isAwaited = false;
    this.#hasJustSpoken = false;
    return [...this.#user.end(), ...this.#agent.end(), { type: 'response-end', outcome }];
  }

  #takeUsage(): RealtimeFact[] {
    const usage = this.#usage;
    this.#usage = undefined;
    return usage === undefined ? [] : [{ type: 'usage', usage }];
  }
}
