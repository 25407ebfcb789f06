import type { STTFact } from '@vision-agents/core';

import type { FluxTurnInfo } from './flux-wire.ts';
import { parseFluxMessage } from './flux-wire.ts';
import type { ListenProtocol, ListenReading } from './listen-protocol.ts';

/** Tells the facts of one connection's turns from Flux's messages. */
export class FluxTurns implements ListenProtocol {
  /** The text that was last reported of the turn that is open; empty when there is none. */
  #text = '';

  read(message: unknown): ListenReading {
    const parsed = parseFluxMessage(message);
    return parsed.type === 'turn' ? { type: 'facts', facts: this.facts(parsed) } : parsed;
  }

  /** What is new with this message; nothing when only time has passed. */
  facts(info: FluxTurnInfo): STTFact[] {
    switch (info.event) {
      case 'StartOfTurn':
        return [{ type: 'speech-start', offsetMs: info.speechStartMs }, ...this.#partial(info)];
      case 'Update':
        return this.#partial(info);
      case 'EagerEndOfTurn':
        return [this.#transcript(info, false), { type: 'turn-end', eager: true }];
      case 'TurnResumed':
        return [{ type: 'turn-resumed' }, ...this.#partial(info)];
      case 'EndOfTurn': {
        const transcript = this.#transcript(info, true);
        this.#text = '';
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

  #partial(info: FluxTurnInfo): STTFact[] {
    return info.text === this.#text ? [] : [this.#transcript(info, false)];
  }

  #transcript(info: FluxTurnInfo, final: boolean): STTFact {
    this.#text = info.text;
    const { text, speechStartMs, speechEndMs, language } = info;
    return { type: 'transcript', text, final, speechStartMs, speechEndMs, language };
  }
}
