import type { STTFact } from '@vision-agents/core';

import type { FluxTurnInfo } from './flux-wire.ts';
import { parseFluxMessage } from './flux-wire.ts';
import type { ListenProtocol, ListenReading } from './listen-protocol.ts';

/** Tells the facts of one connection's turns from Flux's messages. */
export class FluxTurns implements ListenProtocol {
  /** The text that was last reported of the turn that is open; empty when there is none. */
  #text = '';
  #hasStarted = false;
  /** Of the messages that have come, the latest. */
  #sequence = -1;
  /** Of the turns, the first that is not over. */
  #turnIndex = 0;

  read(message: unknown): ListenReading {
    const parsed = parseFluxMessage(message);
    return parsed.type === 'turn' ? { type: 'facts', facts: this.facts(parsed) } : parsed;
  }

  /** What is new with this message; nothing when only time has passed. */
  facts(info: FluxTurnInfo): STTFact[] {
    if (this.#isOld(info)) return [];
    switch (info.event) {
      case 'StartOfTurn':
        return [...this.#start(info), ...this.#partial(info)];
      case 'Update':
        // Where it has overtaken the start of its turn.
        return [...(info.text === '' ? [] : this.#start(info)), ...this.#partial(info)];
      case 'EagerEndOfTurn':
        return [this.#transcript(info, false), { type: 'turn-end', eager: true }];
      case 'TurnResumed':
        return [{ type: 'turn-resumed' }, ...this.#partial(info)];
      case 'EndOfTurn': {
        const transcript = this.#transcript(info, true);
        this.#text = '';
        this.#hasStarted = false;
        return [transcript, { type: 'turn-end', eager: false }];
      }
    }
  }

  /**
   * The last words of a stream that was closed in the middle of a turn. Flux does not end such a turn;
   * the latest update is its final transcript: https://developers.deepgram.com/docs/flux/close-stream
   */
  unfinished(): STTFact[] {
    const text = this.#text;
    this.#text = '';
    // Without an end of speech: nobody said that the user had finished.
    return text === '' ? [] : [{ type: 'transcript', text, final: true }];
  }

  /**
   * Whether it has come before, or something newer has: the end of a turn alone is news then. It is told
   * once.
   */
  #isOld({ event, text, sequence = Infinity, turnIndex = this.#turnIndex }: FluxTurnInfo): boolean {
    const isOvertaken = sequence <= this.#sequence;
    if (sequence !== Infinity) this.#sequence = Math.max(this.#sequence, sequence);
    if (turnIndex < this.#turnIndex) return true;
    // A silence that is told before the end of the turn before it.
    if (turnIndex > this.#turnIndex && event === 'Update' && text === '') return true;
    if (event === 'EndOfTurn') this.#turnIndex = turnIndex + 1;
    return isOvertaken && event !== 'EndOfTurn';
  }

  #start({ speechStartMs }: FluxTurnInfo): STTFact[] {
    if (this.#hasStarted) return [];
    this.#hasStarted = true;
    return [{ type: 'speech-start', offsetMs: speechStartMs }];
  }

  #partial(info: FluxTurnInfo): STTFact[] {
    return info.text === this.#text ? [] : [this.#transcript(info, false)];
  }

  #transcript(info: FluxTurnInfo, final: boolean): STTFact {
    this.#text = info.text;
    const { text, speechStartMs, speechEndMs, language } = info;
    return { type: 'transcript', text, final, speechStartMs, speechEndMs, language };
  }
}
