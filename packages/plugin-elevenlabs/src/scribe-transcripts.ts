import type { STTFact } from '@vision-agents/core';

import type { ScribeDetails } from './scribe-wire.ts';

/** A transcript that is over, with what is known of it. */
type Transcript = Pick<ScribeDetails, 'text'> & Partial<ScribeDetails>;

/** What a segment's transcript waits for. */
type Awaited =
  | { readonly name: 'words' }
  /** Its text is there, its details are not. */
  | { readonly name: 'details'; readonly text: string }
  /** It was told, with or without them: when they come now, they are too late, or come twice. */
  | { readonly name: 'more-words'; readonly told: string };

/** Tells the facts of one session from Scribe's messages. */
export class ScribeTranscripts {
  readonly #detectsTurns: boolean;
  readonly #hasDetails: boolean;
  #awaited: Awaited = { name: 'words' };
  /** What was last told of the segment that goes on; empty when there is nothing. */
  #text = '';
  #isTurnOpen = false;
  /** Where in the conversation a question is that is not answered. */
  #question: 'none' | 'between-turns' | 'in-turn' = 'none';
  #endsTurn = true;

  constructor(options: { readonly detectsTurns: boolean; readonly hasDetails: boolean }) {
    this.#detectsTurns = options.detectsTurns;
    this.#hasDetails = options.hasDetails;
  }

  /** Whether a text is held back until its details come. */
  get awaitsDetails(): boolean {
    return this.#awaited.name === 'details';
  }

  /** Whether words were heard of a segment that is not over. */
  get isUnfinished(): boolean {
    return this.#text !== '';
  }

  /** Whether the end of a turn is due. */
  get isTurnOpen(): boolean {
    return this.#isTurnOpen;
  }

  /**
   * Scribe is asked to commit what it hears, for it has said nothing for long. When it has not told a word
   * of it yet, it may be in the middle of one: that does not end the turn.
   */
  asked(): void {
    this.#question = this.#isTurnOpen ? 'in-turn' : 'between-turns';
  }

  /** There was too little to commit. Returns whether it was asked by {@link asked}. */
  throttled(): boolean {
    return this.#takeQuestion() !== 'none';
  }

  /** The segment that goes on, as far as it was heard. */
  partial(text: string): STTFact[] {
    // The transcript before has the floor: what is partial will be told again, and more of it.
    if (this.awaitsDetails || text === this.#text) return [];
    this.#awaited = { name: 'words' };
    this.#text = text;
    return [...this.#startTurn(text, undefined), { type: 'transcript', text, final: false }];
  }

  /** The segment is over; what is known beside its text may follow. */
  committed(text: string): STTFact[] {
    // It comes twice: nobody says the same again before the details of the first are here.
    if (this.#awaited.name === 'details' && this.#awaited.text === text) return [];
    const isBetweenTurns = this.#takeQuestion() === 'between-turns';
    // There was a sound, and no words. Those that have come meanwhile go on.
    if (isBetweenTurns && text === '') return [];
    const before = this.withoutDetails();
    this.#endsTurn = !isBetweenTurns;
    if (!this.#hasDetails || text === '') return [...before, ...this.#final({ text })];
    this.#awaited = { name: 'details', text };
    return before;
  }

  /** The text of the segment once more, with its details. */
  details(details: ScribeDetails): STTFact[] {
    const isTold = this.#awaited.name === 'more-words' && this.#awaited.told === details.text;
    // An empty text waits for nothing.
    return isTold || details.text === '' ? [] : this.#final(details);
  }

  /** The details are not waited for any longer. */
  withoutDetails(): STTFact[] {
    if (this.#awaited.name !== 'details') return [];
    return this.#final({ text: this.#awaited.text });
  }

  /** The last words of a session that was closed before they were committed. */
  unfinished(): STTFact[] {
    if (this.awaitsDetails) return this.withoutDetails();
    const text = this.#text;
    this.#text = '';
    // Without an end of speech: nobody said that the user had finished.
    return text === '' ? [] : [{ type: 'transcript', text, final: true }];
  }

  #takeQuestion(): 'none' | 'between-turns' | 'in-turn' {
    const question = this.#question;
    this.#question = 'none';
    return question;
  }

  #final({ text, speechStartMs, speechEndMs, language }: Transcript): STTFact[] {
    const start = this.#startTurn(text, speechStartMs);
    const wasTurn = this.#isTurnOpen;
    const isEnd = this.#detectsTurns && this.#endsTurn;
    this.#awaited = { name: 'more-words', told: text };
    this.#text = '';
    this.#isTurnOpen &&= !isEnd;
    this.#endsTurn = true;
    if (this.#detectsTurns && !wasTurn) return [];
    return [
      ...start,
      { type: 'transcript', text, final: true, speechStartMs, speechEndMs, language },
      ...(isEnd ? [{ type: 'turn-end', eager: false } as const] : []),
    ];
  }

  /** Scribe's own detection of speech says nothing: its first words do. */
  #startTurn(text: string, offsetMs: number | undefined): STTFact[] {
    if (!this.#detectsTurns || this.#isTurnOpen || text === '') return [];
    this.#isTurnOpen = true;
    return [{ type: 'speech-start', offsetMs }];
  }
}
