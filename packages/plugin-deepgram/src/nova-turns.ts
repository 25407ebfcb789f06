import type { STTFact } from '@vision-agents/core';

import type { ListenProtocol, ListenReading } from './listen-protocol.ts';
import type { NovaResults } from './nova-wire.ts';
import { parseNovaMessage } from './nova-wire.ts';

/** Words that are final to Nova and were not told as a final transcript yet. */
interface Pending {
  readonly texts: readonly string[];
  readonly startMs?: number | undefined;
  readonly endMs?: number | undefined;
  readonly language?: string | undefined;
}

/** Seconds with two or three digits. */
const ROUNDING_MS = 10;

const NOTHING: Pending = { texts: [] };

/**
 * Tells the facts of one connection's turns from Nova's results. A turn's text is what is final of it,
 * and then what is not; it ends where Nova says that speech has, or else where no words come.
 */
export class NovaTurns implements ListenProtocol {
  readonly #endsTurns: boolean;
  /**
   * `sounding`: speech without words yet. `worded`: words. `ending`: the turn is over, but some of its
   * words are not final.
   */
  #state: 'idle' | 'sounding' | 'worded' | 'ending' = 'idle';
  #pending = NOTHING;
  /** What was told last of the words that are not final. */
  #shown = '';
  #turnStartMs: number | undefined;
  #hasTranscript = false;
  /** So far all is final. */
  #finalMs = 0;
  #lastSpeechStartMs: number | undefined;

  /** Without ends of turns each result that is final is a transcript. */
  constructor({ endsTurns }: { readonly endsTurns: boolean }) {
    this.#endsTurns = endsTurns;
  }

  read(message: unknown): ListenReading {
    const parsed = parseNovaMessage(message);
    switch (parsed.type) {
      case 'results':
        if (this.#isOld(parsed)) return { type: 'facts', facts: [] };
        return { type: 'facts', facts: [...this.#begin(parsed), ...this.#results(parsed)] };
      case 'speech-started':
        if (this.#isOldStart(parsed.offsetMs)) return { type: 'facts', facts: [] };
        if (this.#state === 'idle') this.#state = 'sounding';
        return { type: 'facts', facts: [{ type: 'speech-start', offsetMs: parsed.offsetMs }] };
      case 'utterance-end':
        return { type: 'facts', facts: this.#wordsStopped(parsed.lastWordEndMs) };
      case 'error':
      case 'ignored':
      case 'malformed':
        return parsed;
    }
  }

  unfinished(): STTFact[] {
    // Without an end of speech: nobody said that the user had finished.
    return this.#pending.texts.length === 0 ? [] : [this.#final(undefined)];
  }

  /** Whether the stretch is final already: the message comes again, or too late. */
  #isOld({ startMs, endMs, isFinal }: NovaResults): boolean {
    if (startMs === undefined || endMs === undefined) return false;
    if (startMs < this.#finalMs - ROUNDING_MS) return true;
    if (isFinal) this.#finalMs = endMs;
    return false;
  }

  #isOldStart(offsetMs: number | undefined): boolean {
    const isOld = offsetMs !== undefined && offsetMs === this.#lastSpeechStartMs;
    this.#lastSpeechStartMs = offsetMs;
    return isOld;
  }

  /** Words begin a turn, whether or not they were announced. */
  #begin({ text, speechStartMs }: NovaResults): STTFact[] {
    if (text === '' || this.#state === 'worded' || this.#state === 'ending') return [];
    const wasAnnounced = this.#state === 'sounding';
    this.#state = 'worded';
    this.#turnStartMs = speechStartMs;
    return wasAnnounced || !this.#endsTurns
      ? []
      : [{ type: 'speech-start', offsetMs: speechStartMs }];
  }

  #results(results: NovaResults): STTFact[] {
    if (!results.isFinal) return this.#partial(results);
    this.#keep(results);
    const { endMs } = this.#pending;
    if (this.#endsTurns && (results.speechFinal || this.#state === 'ending')) return this.#end();
    if (this.#endsTurns && !results.fromFinalize) return this.#partial({ text: '' });
    // A result that was not asked for may be in the middle of speech.
    const speechEndMs = results.fromFinalize ? endMs : undefined;
    return this.#pending.texts.length === 0 ? [] : [this.#final(speechEndMs)];
  }

  #keep({ text, speechStartMs, speechEndMs, language }: NovaResults): void {
    if (text === '') return;
    const { texts, startMs, language: before } = this.#pending;
    this.#pending = {
      texts: [...texts, text],
      startMs: texts.length === 0 ? speechStartMs : startMs,
      endMs: speechEndMs,
      language: language ?? before,
    };
  }

  /** `UtteranceEnd`, which also comes when the end was told before, of words before those of now. */
  #wordsStopped(lastWordEndMs: number | undefined): STTFact[] {
    const isOfThisTurn =
      lastWordEndMs === undefined || lastWordEndMs > (this.#turnStartMs ?? -Infinity);
    if (this.#state !== 'worded' || !isOfThisTurn || !this.#endsTurns) return [];
    const allAreFinal = this.#shown === this.#pending.texts.join(' ');
    if (allAreFinal) return this.#end();
    this.#state = 'ending';
    return [];
  }

  #end(): STTFact[] {
    // An end without a beginning is one of silence.
    if (this.#state === 'idle') return [];
    const hasWords = this.#pending.texts.length > 0;
    const transcript = hasWords || !this.#hasTranscript ? [this.#final(this.#pending.endMs)] : [];
    this.#state = 'idle';
    this.#hasTranscript = false;
    return [...transcript, { type: 'turn-end', eager: false }];
  }

  #final(speechEndMs: number | undefined): STTFact {
    const { texts, startMs: speechStartMs, endMs: settledMs, language } = this.#pending;
    this.#pending = NOTHING;
    this.#shown = '';
    this.#hasTranscript = true;
    const words = { type: 'transcript', text: texts.join(' '), final: true } as const;
    return { ...words, speechStartMs, speechEndMs, settledMs, language };
  }

  #partial(results: Pick<NovaResults, 'text'> & Partial<NovaResults>): STTFact[] {
    const { texts, startMs, endMs, language } = this.#pending;
    const text = [...texts, ...(results.text === '' ? [] : [results.text])].join(' ');
    if (text === this.#shown) return [];
    this.#shown = text;
    return [
      {
        type: 'transcript',
        text,
        final: false,
        speechStartMs: texts.length === 0 ? results.speechStartMs : startMs,
        speechEndMs: results.speechEndMs ?? endMs,
        language: results.language ?? language,
      },
    ];
  }
}
