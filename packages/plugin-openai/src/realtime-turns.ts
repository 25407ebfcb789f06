import type { RealtimeFact, RealtimeOutcome } from '@vision-agents/core';

import type { RealtimeSignal, ResponseEnd } from './realtime-signals.ts';
import type { Forgetting } from './spoken-items.ts';
import { SpokenItems } from './spoken-items.ts';
import { Words } from './words.ts';

/** What the service is making. */
interface Response {
  readonly id: string;
  /** Whether anybody waits for what comes of it. */
  isWanted: boolean;
  /** The service was told to stop it, or does by itself, since a user spoke up. */
  isStopping: boolean;
  hasCalled: boolean;
}

/**
 * Turns what the service tells into facts. An answer can take several responses: one that calls tools is
 * gone on with in the next.
 */
export class RealtimeTurns {
  readonly #user = new Words();
  readonly #agent = new Words();
  readonly #spoken: SpokenItems;
  readonly #openCalls = new Set<string>();
  #response: Response | undefined;
  /** `tools`: the answer goes on when its calls are answered. `resuming`: it was asked to. */
  #answer: 'none' | 'coming' | 'tools' | 'resuming' = 'none';
  #isUserSpeaking = false;
  /** Whether a user has spoken, and no response has begun. */
  #isAwaited = false;
  /** Whether the response that begins next is not wanted any more, and its end was told already. */
  #withdrawn: 'no' | 'not-told' | 'told' = 'no';
  #unheard: Forgetting[] = [];

  /** @param bytesPerMs how much a millisecond of the model's audio is */
  constructor(bytesPerMs: number) {
    this.#spoken = new SpokenItems(bytesPerMs);
  }

  /** Whether the service has to send something next, whatever it was asked for. */
  get isOwed(): boolean {
    return this.#isAwaited || this.#response !== undefined;
  }

  /** The response that is to be cancelled, since nobody wants what comes of it. Told once. */
  takeUnwanted(): string | undefined {
    const response = this.#response;
    if (!response || response.isWanted || response.isStopping) return undefined;
    response.isStopping = true;
    return response.id;
  }

  /** Results of tools were sent. */
  resultsSent(callIds: readonly string[]): void {
    for (const callId of callIds) this.#openCalls.delete(callId);
  }

  /** Whether the answer has to be asked for what it makes of the results of its tools. True once. */
  resumes(): boolean {
    if (this.#answer !== 'tools' || this.#openCalls.size > 0) return false;
    this.#answer = 'resuming';
    return true;
  }

  /**
   * The answer is not wanted any more: what still comes of it is dropped.
   * @param isAsked whether a response was asked for that has not begun
   */
  cut(isAsked: boolean): RealtimeFact[] {
    if (!isAsked) this.#withdrawn = 'no';
    else if (this.#answer === 'resuming') this.#withdrawn = 'told';
    else if (this.#withdrawn === 'no') this.#withdrawn = 'not-told';
    this.#isAwaited = false;
    if (this.#response) this.#response.isWanted = false;
    return this.#answer === 'none' ? [] : this.#end('interrupted');
  }

  /** What the session has to forget of the answer, of which this much was heard. */
  forget(playedMs: number): Forgetting[] {
    return this.#spoken.cut(playedMs, this.#response === undefined);
  }

  /** What the session has to forget of answers that went on when they were not wanted any more. */
  takeUnheard(): Forgetting[] {
    return this.#unheard.splice(0);
  }

  /** The service does not begin what it was asked for. */
  refused(): RealtimeFact[] {
    const withdrawn = this.#withdrawn;
    this.#withdrawn = 'no';
    // What it says instead has an end of its own.
    if (this.#response || withdrawn === 'told') return [];
    return this.#end(withdrawn === 'no' ? 'error' : 'interrupted');
  }

  /** The connection ends: what is known so far is all. */
  finish(): RealtimeFact[] {
    const words = this.#user.take();
    return words.map((text) => ({ type: 'user-transcript', text, final: true }));
  }

  /** What a signal of the service means. */
  facts(signal: RealtimeSignal): RealtimeFact[] {
    switch (signal.type) {
      case 'speech-start':
        return this.#speechStarted(signal.offsetMs);
      case 'speech-end':
        return this.#speechEnded(signal.offsetMs);
      case 'user-words': {
        const text = this.#user.grow(signal.itemId, signal.text);
        return [{ type: 'user-transcript', text, final: false }];
      }
      case 'user-transcript':
        this.#user.drop(signal.itemId);
        return [{ type: 'user-transcript', text: signal.text, final: true }];
      case 'user-unheard':
        this.#user.drop(signal.itemId);
        return [{ type: 'error', error: signal.error }];
      case 'response-start':
        return this.#responseStarted(signal.responseId);
      case 'item-start':
        if (signal.responseId === this.#response?.id) this.#spoken.started(signal.itemId);
        return [];
      case 'audio':
        if (!this.#isWanted(signal.responseId)) return [];
        this.#spoken.received(signal.itemId, signal.bytes.byteLength);
        return [{ type: 'audio', bytes: signal.bytes }];
      case 'agent-words':
        if (!this.#isWanted(signal.responseId)) return [];
        this.#agent.grow(signal.itemId, signal.text);
        return [{ type: 'agent-transcript', text: this.#agent.text, final: false }];
      case 'agent-transcript':
        if (this.#isWanted(signal.responseId)) this.#agent.settle(signal.itemId, signal.text);
        return [];
      case 'tool-call':
        if (!this.#response || !this.#isWanted(signal.responseId)) return [];
        this.#response.hasCalled = true;
        this.#openCalls.add(signal.call.id);
        return [{ type: 'tool-call', call: signal.call }];
      case 'response-end':
        return this.#responseEnded(signal);
      case 'error':
      case 'rate-limits':
      case 'ignored':
        return [];
    }
  }

  #speechStarted(offsetMs: number | undefined): RealtimeFact[] {
    this.#isUserSpeaking = true;
    this.#isAwaited = false;
    if (this.#response) this.#response.isStopping = true;
    return [{ type: 'user-speech-start', offsetMs }];
  }

  /** Told twice by one kind of turn detection, and once by the other. */
  #speechEnded(offsetMs: number | undefined): RealtimeFact[] {
    if (!this.#isUserSpeaking) return [];
    this.#isUserSpeaking = false;
    this.#isAwaited = true;
    return [{ type: 'user-speech-end', offsetMs }];
  }

  #responseStarted(id: string): RealtimeFact[] {
    // One that nothing was heard of since has ended; with calls that are open, since somebody spoke.
    const outcome = this.#answer === 'tools' ? 'interrupted' : 'error';
    const isNew = this.#answer !== 'resuming';
    const facts = isNew && this.#answer !== 'none' ? this.#end(outcome) : [];
    if (isNew) this.#spoken.clear();
    const isWanted = this.#withdrawn === 'no';
    this.#response = { id, isWanted, isStopping: false, hasCalled: false };
    this.#answer = this.#withdrawn === 'told' ? 'none' : 'coming';
    this.#withdrawn = 'no';
    this.#isAwaited = false;
    return facts;
  }

  #responseEnded({ responseId, status, error, usage }: ResponseEnd): RealtimeFact[] {
    const response = this.#response;
    if (response?.id !== responseId) return [];
    this.#response = undefined;
    const facts: RealtimeFact[] = usage ? [{ type: 'usage', usage }] : [];
    if (!response.isWanted) this.#unheard = this.#spoken.cut(0, true);
    if (this.#answer === 'none') return facts;
    if (error) facts.push({ type: 'error', error });
    if (status === 'completed' && response.isWanted && response.hasCalled) this.#answer = 'tools';
    else facts.push(...this.#end(response.isWanted ? OUTCOMES[status] : 'interrupted'));
    return facts;
  }

  #isWanted(responseId: string): boolean {
    return this.#response?.id === responseId && this.#response.isWanted;
  }

  #end(outcome: RealtimeOutcome): RealtimeFact[] {
    this.#answer = 'none';
    this.#openCalls.clear();
    const text = this.#agent.take().join(' ');
    const said: RealtimeFact[] =
      text === '' ? [] : [{ type: 'agent-transcript', text, final: true }];
    return [...said, { type: 'response-end', outcome }];
  }
}

const OUTCOMES: Readonly<Record<ResponseEnd['status'], RealtimeOutcome>> = {
  completed: 'completed',
  cancelled: 'interrupted',
  failed: 'error',
};
