import { Listener } from '../voice/listener.ts';
import { WordCollector } from '../voice/words.ts';

/** Audio is looked at in pieces of this size, however large the messages are. */
const pieceMs = 20;

/** How a Live session listens. */
export interface LiveEarOptions {
  sampleRateHz: number;
  chordMs: number;
  /** How long a silence ends a turn, in ms of audio; asked once a turn. */
  silenceMs: () => number;
  /** Somebody began to speak, so many ms into the audio. */
  onStart: (offsetMs: number) => void;
  /** Their turn is over: when the last word ended, what was said, and the silence that ended it. */
  onEnd: (offsetMs: number, text: string, silenceMs: number) => void;
}

/** Finds turns in audio and hears what is said in them. Driven by the audio alone: it has no clock. */
export class LiveEar {
  readonly #options: LiveEarOptions;
  readonly #listener: Listener;
  readonly #words = new WordCollector();
  readonly #pieceBytes: number;
  #turn: { silenceMs: number } | undefined;

  constructor(options: LiveEarOptions) {
    this.#options = options;
    this.#pieceBytes = Math.round((options.sampleRateHz * pieceMs) / 1000) * 2;
    this.#listener = new Listener({
      sampleRateHz: options.sampleRateHz,
      chordMs: options.chordMs,
      onSpeechStart: () => this.#words.breakWord(),
      onCharacter: (character) => {
        if (!this.#words.add(character) || this.#turn !== undefined) return;
        this.#turn = { silenceMs: options.silenceMs() };
        options.onStart(character.startMs);
      },
    });
  }

  /** Takes s16le audio in pieces of any size. */
  write(audio: Uint8Array): void {
    for (let at = 0; at < audio.length; at += this.#pieceBytes) {
      this.#listener.write(audio.subarray(at, at + this.#pieceBytes));
      this.#afterPiece();
    }
  }

  #afterPiece(): void {
    if (this.#turn === undefined || this.#listener.speaking) return;
    const endMs = this.#words.words.at(-1)?.endMs ?? 0;
    const { silenceMs } = this.#turn;
    if (this.#listener.audioMs - endMs < silenceMs) return;
    const { text } = this.#words;
    this.#words.take();
    this.#turn = undefined;
    this.#options.onEnd(endMs, text, silenceMs);
  }
}
