import type { Backstage } from '../backstage.ts';
import { Listener } from '../voice/listener.ts';
import { WordCollector, type HeardWord } from '../voice/words.ts';
import type { ScribeQuery } from './scribe-query.ts';

/** Audio is looked at in pieces of this size, however large the messages are. */
const pieceMs = 20;
/** Partial transcripts come about so often, where there is something new to tell. */
const partialEveryMs = 200;

/** What a recogniser tells. */
export interface ScribeListener {
  onPartial: (text: string) => void;
  /** Scribe's own voice detection found the end of a segment. */
  onCommitted: (words: readonly HeardWord[]) => void;
}

/** Scribe's ears: words of the segment that is not committed yet. Driven by the audio alone. */
export class ScribeRecogniser {
  readonly #backstage: Backstage;
  readonly #query: ScribeQuery;
  readonly #tell: ScribeListener;
  readonly #listener: Listener;
  readonly #words = new WordCollector();
  readonly #pieceBytes: number;
  #told = '';
  #nextPartialMs = partialEveryMs;
  #committedMs = 0;
  #delayMs = 0;

  constructor(backstage: Backstage, query: ScribeQuery, tell: ScribeListener) {
    this.#backstage = backstage;
    this.#query = query;
    this.#tell = tell;
    this.#pieceBytes = Math.max(2, Math.round((query.sampleRateHz * pieceMs) / 1000) * 2);
    this.#listener = new Listener({
      sampleRateHz: query.sampleRateHz,
      chordMs: backstage.chordMs,
      onSpeechStart: () => this.#words.breakWord(),
      onCharacter: (character) => {
        if (this.#words.words.length === 0) this.#delayMs = this.#backstage.delays.draw('commitMs');
        this.#words.add(character);
      },
    });
  }

  /** Milliseconds of audio heard. */
  get audioMs(): number {
    return this.#listener.audioMs;
  }

  /** Milliseconds of audio since the last commit. */
  get uncommittedMs(): number {
    return this.#listener.audioMs - this.#committedMs;
  }

  /** Milliseconds of audio since the end of the last word of the segment; 0 where there is none. */
  get silenceMs(): number {
    const last = this.#words.words.at(-1);
    return last === undefined ? 0 : this.#listener.audioMs - last.endMs;
  }

  /** Takes s16le audio in pieces of any size. */
  write(audio: Uint8Array): void {
    for (let at = 0; at < audio.length; at += this.#pieceBytes) {
      this.#listener.write(audio.subarray(at, at + this.#pieceBytes));
      this.#afterPiece();
    }
  }

  /** The client ends the segment: hands over its words, and begins another. */
  take(): HeardWord[] {
    this.#committedMs = this.#listener.audioMs;
    this.#told = '';
    return this.#words.take();
  }

  #afterPiece(): void {
    const { audioMs, speaking } = this.#listener;
    if (audioMs >= this.#nextPartialMs) {
      this.#nextPartialMs += partialEveryMs;
      const { text } = this.#words;
      if (text !== this.#told) this.#tell.onPartial(text);
      this.#told = text;
    }
    if (this.#query.strategy !== 'vad' || speaking || this.#words.words.length === 0) return;
    if (this.silenceMs < this.#query.vadSilenceMs + this.#delayMs) return;
    this.#tell.onCommitted(this.take());
  }
}
