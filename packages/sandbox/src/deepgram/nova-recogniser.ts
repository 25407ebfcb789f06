import type { Backstage } from '../backstage.ts';
import { Listener } from '../voice/listener.ts';
import { WordCollector, type HeardWord } from '../voice/words.ts';
import type { NovaQuery } from './nova-query.ts';
import { resultsMessage } from './nova-result.ts';

/** Nova sends interim results about once a second of audio, of silence too. */
const interimEveryMs = 1000;
/** What is as old as that is made final at the end of a word, though the utterance goes on. */
const segmentMs = 3000;
/** Audio is looked at in pieces of this size, however large the messages are. */
const pieceMs = 20;

/** What was heard between two ends of speech. */
interface Utterance {
  startMs: number;
  endMs: number;
  /** Words in final results of which no end was told yet. */
  hasUntoldEnd: boolean;
}

/** Nova's results, driven by the audio received: it has no clock. */
export class NovaRecogniser {
  readonly #backstage: Backstage;
  readonly #query: NovaQuery;
  readonly #emit: (message: Record<string, unknown>) => void;
  readonly #listener: Listener;
  readonly #words = new WordCollector();
  readonly #pieceBytes: number;
  #utterance: Utterance | undefined;
  #segmentStartMs = 0;
  #nextInterimMs = interimEveryMs;
  /** The silence that goes on was noticed by the endpointing. */
  #isEndpointed = true;
  /** Where the last word ended, until `UtteranceEnd` has told it. */
  #untoldWordEndMs: number | undefined;

  constructor(
    backstage: Backstage,
    query: NovaQuery,
    emit: (message: Record<string, unknown>) => void,
  ) {
    this.#backstage = backstage;
    this.#query = query;
    this.#emit = emit;
    this.#pieceBytes = Math.max(2, Math.round((query.sampleRateHz * pieceMs) / 1000) * 2);
    this.#listener = new Listener({
      sampleRateHz: query.sampleRateHz,
      chordMs: backstage.chordMs,
      onSpeechStart: (offsetMs) => {
        this.#words.breakWord();
        if (!query.vadEvents) return;
        emit({ type: 'SpeechStarted', channel: [0, 1], timestamp: Math.round(offsetMs) / 1000 });
      },
      onCharacter: (character) => {
        if (this.#words.add(character)) {
          this.#isEndpointed = false;
          this.#untoldWordEndMs = character.endMs;
        } else if (character.endMs - this.#segmentStartMs >= segmentMs) this.#finalise();
      },
    });
  }

  /** Milliseconds of audio received. */
  get audioMs(): number {
    return this.#listener.audioMs;
  }

  /** Takes s16le audio in pieces of any size. */
  write(audio: Uint8Array): void {
    for (let at = 0; at < audio.length; at += this.#pieceBytes) {
      this.#listener.write(audio.subarray(at, at + this.#pieceBytes));
      this.#afterPiece();
    }
  }

  /** `Finalize`: what was heard is told as it is. */
  finalize(): void {
    this.#finalise({ fromFinalize: true });
    this.#countTranscript();
  }

  /** No more audio will come. */
  end(): void {
    if (this.#words.words.length > 0) this.#finalise();
    this.#countTranscript();
  }

  #afterPiece(): void {
    const { endpointingMs, utteranceEndMs, interimResults } = this.#query;
    const silenceMs = this.#listener.speaking ? 0 : this.audioMs - (this.#untoldWordEndMs ?? 0);
    if (!this.#isEndpointed && endpointingMs !== undefined && silenceMs >= endpointingMs) {
      this.#endpoint(endpointingMs);
    }
    const isUtteranceEnd = utteranceEndMs !== undefined && silenceMs >= utteranceEndMs;
    if (isUtteranceEnd && this.#untoldWordEndMs !== undefined) {
      this.#emit({
        type: 'UtteranceEnd',
        channel: [0, 1],
        last_word_end: Math.round(this.#untoldWordEndMs) / 1000,
      });
      this.#untoldWordEndMs = undefined;
      this.#endUtterance(utteranceEndMs);
    }
    if (this.audioMs < this.#nextInterimMs) return;
    this.#nextInterimMs += interimEveryMs;
    if (interimResults) this.#tell(this.#words.words, {});
  }

  #endpoint(endpointingMs: number): void {
    // Half a chord after the last one it is known that no more comes.
    if (this.#listener.speaking) return;
    this.#isEndpointed = true;
    const { faults } = this.#backstage;
    if (faults.take('deepgram', ['empty-transcript']) !== undefined) this.#words.take();
    if (faults.take('deepgram', ['no-speech-final']) !== undefined) {
      this.#finalise();
      return;
    }
    this.#finalise({ speechFinal: true });
    this.#endUtterance(endpointingMs);
  }

  #endUtterance(silenceMs: number): void {
    if (this.#utterance === undefined) return;
    const { truth } = this.#backstage;
    const { startMs, endMs, hasUntoldEnd } = this.#utterance;
    if (hasUntoldEnd) truth.latency('stt.latency.ms', silenceMs);
    this.#countTranscript();
    truth.latency('turn.trailing_silence.ms', silenceMs);
    truth.latency('turn.duration.ms', endMs - startMs);
    this.#utterance = undefined;
  }

  #countTranscript(): void {
    if (this.#utterance?.hasUntoldEnd !== true) return;
    this.#utterance.hasUntoldEnd = false;
    this.#backstage.truth.count('stt.transcripts');
  }

  #finalise(how: { speechFinal?: boolean; fromFinalize?: boolean } = {}): void {
    const words = this.#words.take();
    this.#tell(words, { isFinal: true, ...how });
    this.#segmentStartMs = this.audioMs;
    const [first] = words;
    if (first === undefined) return;
    this.#utterance ??= { startMs: first.startMs, endMs: 0, hasUntoldEnd: true };
    this.#utterance.endMs = words.at(-1)?.endMs ?? 0;
    this.#utterance.hasUntoldEnd = true;
    // Without endpointing nobody tells what belongs together: each result stands for itself.
    if (this.#query.endpointingMs !== undefined) return;
    this.#countTranscript();
    this.#utterance = undefined;
  }

  #tell(
    words: readonly HeardWord[],
    how: { isFinal?: boolean; speechFinal?: boolean; fromFinalize?: boolean },
  ): void {
    const { isFinal = false, speechFinal = false, fromFinalize = false } = how;
    this.#emit(
      resultsMessage({
        startMs: this.#segmentStartMs,
        endMs: this.audioMs,
        words,
        isFinal,
        speechFinal,
        fromFinalize,
        ...(this.#query.isMultilingual ? { languages: words.length === 0 ? [] : ['en'] } : {}),
      }),
    );
  }
}
