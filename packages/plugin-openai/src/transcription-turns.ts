import type { STTFact } from '@vision-agents/core';

import { sessionError } from './openai-error.ts';
import type { TranscriptionEvent } from './transcription-wire.ts';

/** The events that turns are made of. */
type TurnEvent = Exclude<
  TranscriptionEvent,
  { type: 'error' | 'ignored' | 'malformed' | 'updated' }
>;
type EventOf<Type extends TurnEvent['type']> = Extract<TurnEvent, { type: Type }>;

/** How OpenAI finds the ends of turns, and what of it is in the offsets that it tells. */
export interface VoiceDetection {
  /** Audio before the speech; undefined where it is not known. */
  readonly prefixMs: number | undefined;
  /** The silence after it; undefined where it is not known. */
  readonly silenceMs: number | undefined;
}

/** A stretch of audio that is, or will be, written down. */
interface Item {
  readonly id: string;
  /** `open`: grows; `committed`: is being written down; `done`: no more words come. */
  state: 'open' | 'committed' | 'done';
  previousId: string | undefined;
  /** The words so far. */
  text: string;
  speechStartMs: number | undefined;
  speechEndMs: number | undefined;
  /** Where its audio ends. */
  audioEndMs: number | undefined;
  language: string | undefined;
}

/** Items follow each other with a second between them at least: a late event is about one of these. */
const REMEMBERED_ITEMS = 64;

/**
 * Tells the facts of one session from its events. Transcripts are told in the order in which the items
 * were spoken, whichever is there first; a turn is over when nothing of what was said is waited for, so
 * that who speaks on while the words before are written down is in the same turn still.
 */
export class TranscriptionTurns {
  readonly #detection: VoiceDetection | undefined;
  /** The items that were told last. */
  readonly #told: string[] = [];
  /** What is not told yet, in the order in which it was spoken. */
  #items: Item[] = [];
  #isTurnOpen = false;
  /** Where the audio begins that is not in an item yet. */
  #bufferStartMs = 0;

  /** Without a detection of speech there are no turns, only transcripts. */
  constructor(detection?: VoiceDetection) {
    this.#detection = detection;
  }

  /** Whether words are waited for. */
  get isAwaited(): boolean {
    return this.#items.some(({ state }) => state !== 'open');
  }

  /** Whether something is being said, or was, that is not committed. */
  get isUnfinished(): boolean {
    return this.#items.some(({ state }) => state === 'open');
  }

  /** An item was committed that has all audio until then. */
  endsAt(itemId: string, audioEndMs: number): void {
    const item = this.#items.find(({ id }) => id === itemId);
    if (item) item.audioEndMs ??= audioEndMs;
  }

  /** What is new with an event. */
  read(event: TurnEvent): STTFact[] {
    // It comes a second time, or too late.
    if (this.#told.includes(event.itemId)) return [];
    switch (event.type) {
      case 'speech-started':
        return this.#speechStarted(event);
      case 'speech-stopped':
        this.#speechStopped(event);
        return [];
      case 'committed':
        this.#commit(event);
        return this.#tellDone();
      case 'delta':
        return this.#grow(event);
      case 'completed': {
        const item = this.#itemOf(event.itemId);
        item.text = event.text;
        item.language = event.language;
        return this.#finish(item);
      }
      case 'failed':
        return [
          { type: 'error', error: sessionError(event.error, 'speech could not be transcribed') },
          ...this.#finish(this.#itemOf(event.itemId)),
        ];
    }
  }

  /** The last words of a session that was closed before they were complete. */
  unfinished(): STTFact[] {
    const texts = this.#items.map(({ text }) => text.trim()).filter((text) => text !== '');
    this.#items = [];
    // Without an end of speech: nobody said that the user had finished.
    return texts.map((text) => ({ type: 'transcript', text, final: true }));
  }

  #speechStarted({ itemId, audioStartMs }: EventOf<'speech-started'>): STTFact[] {
    if (this.#items.some(({ id }) => id === itemId)) return [];
    const item = this.#itemOf(itemId);
    const prefixMs = this.#detection?.prefixMs;
    // At the beginning of the buffer there may be less before the speech than was asked for.
    const isWhole = audioStartMs > this.#bufferStartMs;
    item.speechStartMs = isWhole && prefixMs !== undefined ? audioStartMs + prefixMs : undefined;
    return this.#startTurn(item);
  }

  #speechStopped({ itemId, audioEndMs }: EventOf<'speech-stopped'>): void {
    const item = this.#itemOf(itemId);
    const silenceMs = this.#detection?.silenceMs;
    const endMs = silenceMs === undefined ? undefined : audioEndMs - silenceMs;
    const isPossible = endMs !== undefined && endMs >= (item.speechStartMs ?? 0);
    item.speechEndMs = isPossible ? endMs : undefined;
    item.audioEndMs = audioEndMs;
    this.#bufferStartMs = audioEndMs;
  }

  #commit({ itemId, previousItemId }: EventOf<'committed'>): void {
    const item = this.#itemOf(itemId);
    if (item.state === 'open') item.state = 'committed';
    item.previousId = previousItemId;
    const place = this.#items.indexOf(item);
    this.#items = this.#items.filter((other, index) => {
      // There is one buffer: what is older and still grows will never be committed.
      const isStale = index < place && other.state === 'open' && other.id !== previousItemId;
      return other !== item && !isStale;
    });
    this.#items.splice(this.#placeOf(item), 0, item);
  }

  #placeOf({ id, previousId }: Item): number {
    const previous = this.#items.findIndex((other) => other.id === previousId);
    if (previous !== -1) return previous + 1;
    const next = this.#items.findIndex((other) => other.previousId === id);
    if (next !== -1) return next;
    const open = this.#items.findIndex(({ state }) => state === 'open');
    return open === -1 ? this.#items.length : open;
  }

  #grow({ itemId, text }: EventOf<'delta'>): STTFact[] {
    const item = this.#itemOf(itemId);
    if (item.state === 'done' || text === '') return [];
    item.text += text;
    // What was said before has the floor.
    return item === this.#items[0] ? this.#partial(item) : [];
  }

  #finish(item: Item): STTFact[] {
    item.state = 'done';
    return this.#tellDone();
  }

  /** All that is complete and has nothing before it that is not. */
  #tellDone(): STTFact[] {
    const waiting = this.#items.findIndex(({ state }) => state !== 'done');
    const done = this.#items.splice(0, waiting === -1 ? this.#items.length : waiting);
    if (done.length === 0) return [];
    this.#told.push(...done.map(({ id }) => id));
    this.#told.splice(0, this.#told.length - REMEMBERED_ITEMS);
    const facts = done.flatMap((item) => this.#final(item));
    const [next] = this.#items;
    if (next) return [...facts, ...this.#partial(next)];
    if (this.#isTurnOpen) facts.push({ type: 'turn-end', eager: false });
    this.#isTurnOpen = false;
    return facts;
  }

  #final(item: Item): STTFact[] {
    const text = item.text.trim();
    // Silence that was committed is no turn.
    if (text === '' && this.#detection && !this.#isTurnOpen) return [];
    const words = { ...this.#wordsOf(item), text, final: true, settledMs: item.audioEndMs };
    return [...this.#startUnannounced(item), words];
  }

  #partial(item: Item): STTFact[] {
    const text = item.text.trim();
    if (text === '') return [];
    return [...this.#startUnannounced(item), { ...this.#wordsOf(item), text, final: false }];
  }

  #wordsOf({ speechStartMs, speechEndMs, language }: Item) {
    return { type: 'transcript', speechStartMs, speechEndMs, language } as const;
  }

  #startUnannounced(item: Item): STTFact[] {
    return this.#isTurnOpen ? [] : this.#startTurn(item);
  }

  #startTurn({ speechStartMs }: Item): STTFact[] {
    if (!this.#detection) return [];
    this.#isTurnOpen = true;
    return [{ type: 'speech-start', offsetMs: speechStartMs }];
  }

  #itemOf(id: string): Item {
    const known = this.#items.find((item) => item.id === id);
    if (known) return known;
    const item: Item = {
      id,
      state: 'open',
      previousId: undefined,
      text: '',
      speechStartMs: undefined,
      speechEndMs: undefined,
      audioEndMs: undefined,
      language: undefined,
    };
    this.#items.push(item);
    return item;
  }
}
