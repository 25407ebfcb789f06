import type { Backstage } from '../backstage.ts';
import { Listener } from '../voice/listener.ts';
import { WordCollector, type HeardWord } from '../voice/words.ts';
import type { SessionVad } from './transcription-settings.ts';

/** What such a session takes: samples a second, of 16 bits. */
const sampleRateHz = 24_000;
/** Audio is looked at in pieces of this size, however large the messages are. */
const pieceMs = 20;
/** The shortest wait of `semantic_vad`, after words that sound complete. */
const shortestWaitMs = 300;
/** After these there will be more. */
const unfinishedWord = /(?:^(?:and|but|or|so|because|um|uh|the|a|to)|[,:-])$/i;

/** What a recogniser tells, in ms of the audio of its session. */
export interface RecogniserListener {
  /**
   * Speech was detected. What is transcribed begins before it, so that nothing is cut off, or where the
   * buffer does: then nobody is told where the speech began.
   */
  onSpeechStarted: (audioStartMs: number, toldStartMs: number | undefined) => void;
  /** Speech has ended, the silence by which that was noticed included. */
  onSpeechStopped: (audioEndMs: number) => void;
  /** Another piece was heard. */
  onPiece: () => void;
}

/** The ears of a session: what is in its buffer, and where speech is. Driven by the audio alone. */
export class TranscriptionRecogniser {
  readonly #vad: SessionVad | undefined;
  readonly #tell: RecogniserListener;
  readonly #listener: Listener;
  readonly #words = new WordCollector();
  #bufferStartMs = 0;
  #speechStartMs: number | undefined;
  /** Whether the speech in the buffer was told. */
  #isTold = false;

  constructor({ chordMs }: Backstage, vad: SessionVad | undefined, tell: RecogniserListener) {
    this.#vad = vad;
    this.#tell = tell;
    this.#listener = new Listener({
      sampleRateHz,
      chordMs,
      onSpeechStart: (offsetMs) => {
        this.#words.breakWord();
        this.#speechStartMs ??= offsetMs;
      },
      onCharacter: (character) => void this.#words.add(character),
    });
  }

  /** Milliseconds of audio heard. */
  get audioMs(): number {
    return this.#listener.audioMs;
  }

  /** Milliseconds of audio in the buffer. */
  get bufferedMs(): number {
    return this.#listener.audioMs - this.#bufferStartMs;
  }

  /** The words in the buffer, the last one possibly unfinished. */
  get words(): readonly HeardWord[] {
    return this.#words.words;
  }

  /** Takes s16le audio in pieces of any size. */
  write(audio: Uint8Array): void {
    const pieceBytes = (sampleRateHz * pieceMs) / 500;
    for (let at = 0; at < audio.length; at += pieceBytes) {
      this.#listener.write(audio.subarray(at, at + pieceBytes));
      this.#detect();
      this.#tell.onPiece();
    }
  }

  /** What is in the buffer is a turn, or nothing any more: hands over its words, and begins another. */
  take(): HeardWord[] {
    this.#bufferStartMs = this.#listener.audioMs;
    this.#isTold = false;
    // Whoever speaks on does so in the next turn.
    this.#speechStartMs = this.#listener.speaking ? this.#listener.audioMs : undefined;
    return this.#words.take();
  }

  #detect(): void {
    if (this.#vad === undefined || this.#speechStartMs === undefined) return;
    if (!this.#isTold) {
      this.#isTold = true;
      const paddedMs = this.#speechStartMs - this.#vad.prefixMs;
      const isCut = paddedMs <= this.#bufferStartMs;
      this.#tell.onSpeechStarted(
        Math.round(Math.max(this.#bufferStartMs, paddedMs)),
        isCut ? undefined : this.#speechStartMs,
      );
    }
    const { speaking, silenceMs } = this.#listener;
    const waitMs = this.#waitMs(this.#vad);
    if (speaking || silenceMs < waitMs) return;
    const endMs = this.#words.words.at(-1)?.endMs ?? this.audioMs - silenceMs;
    this.#tell.onSpeechStopped(Math.round(endMs + waitMs));
  }

  #waitMs(vad: SessionVad): number {
    if (vad.type === 'server_vad') return vad.silenceMs;
    const last = this.#words.words.at(-1)?.word ?? '';
    return unfinishedWord.test(last) ? vad.longestMs : shortestWaitMs;
  }
}
