import type { Backstage } from '../backstage.ts';
import { Listener } from '../voice/listener.ts';
import { WordCollector } from '../voice/words.ts';
import type { FluxQuery } from './flux-query.ts';
import type { FluxTurnInfo } from './flux-turn.ts';

/** Flux sends an `Update` about every quarter of a second of audio. */
const updateEveryMs = 250;
/** Audio is looked at in pieces of this size, however large the messages are. */
const pieceMs = 20;

/** Flux's state machine. Everything in it is driven by the audio received: it has no clock. */
export class FluxRecogniser {
  readonly #backstage: Backstage;
  readonly #query: FluxQuery;
  readonly #emit: (info: FluxTurnInfo) => void;
  readonly #listener: Listener;
  readonly #words = new WordCollector();
  readonly #pieceBytes: number;
  #state: 'waiting' | 'speaking' | 'silent' | 'eager' = 'waiting';
  #turnIndex = 0;
  #windowStartMs = 0;
  #nextUpdateMs = updateEveryMs;
  #eagerMs = 0;
  #endMs = 0;

  constructor(backstage: Backstage, query: FluxQuery, emit: (info: FluxTurnInfo) => void) {
    this.#backstage = backstage;
    this.#query = query;
    this.#emit = emit;
    this.#pieceBytes = Math.max(2, Math.round((query.sampleRateHz * pieceMs) / 1000) * 2);
    this.#listener = new Listener({
      sampleRateHz: query.sampleRateHz,
      chordMs: backstage.chordMs,
      onSpeechStart: () => {
        this.#words.breakWord();
        this.#resume();
      },
      onCharacter: (character) => {
        if (!this.#words.add(character) || this.#state !== 'waiting') return;
        this.#state = 'speaking';
        this.#drawDelays();
        this.#tell('StartOfTurn');
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

  /** No more audio will come: the transcript so far is told as it is. Flux ends no turn for that. */
  flush(): void {
    if (this.#words.words.length === 0) return;
    this.#backstage.truth.count('stt.transcripts');
    this.#tell('Update');
    this.#words.take();
  }

  #drawDelays(): void {
    const [eagerMs, endMs] = this.#backstage.delays.drawPair('eagerEndOfTurnMs', 'endOfTurnMs');
    this.#eagerMs = eagerMs;
    this.#endMs = endMs;
  }

  #resume(): void {
    if (this.#state === 'waiting') return;
    const told = this.#state === 'eager';
    this.#state = 'speaking';
    if (told) this.#tell('TurnResumed');
  }

  #afterPiece(): void {
    const { audioMs } = this;
    if (this.#state === 'speaking' && !this.#listener.speaking) this.#state = 'silent';
    const silenceMs = audioMs - this.#lastWordEndMs;
    const { eagerThreshold, endThreshold, timeoutMs } = this.#query;
    if (this.#state === 'silent' && eagerThreshold !== undefined && silenceMs >= this.#eagerMs) {
      this.#state = 'eager';
      this.#tell('EagerEndOfTurn');
    }
    if (this.#state === 'silent' || this.#state === 'eager') {
      const timedOut = endThreshold === 1 || timeoutMs < this.#endMs;
      if (timedOut) this.#endMs = timeoutMs;
      if (silenceMs >= this.#endMs) this.#endTurn(timedOut ? 'timeout' : 'model');
    }
    if (audioMs >= this.#nextUpdateMs) {
      this.#nextUpdateMs += updateEveryMs;
      this.#tell('Update');
    }
  }

  #endTurn(trigger: 'model' | 'timeout'): void {
    const { truth, faults } = this.#backstage;
    if (faults.take('deepgram', ['empty-transcript']) !== undefined) this.#words.take();
    const [first] = this.#words.words;
    if (first !== undefined) {
      truth.count('stt.transcripts');
      truth.latency('stt.latency.ms', this.#endMs);
      truth.latency('turn.trailing_silence.ms', this.#endMs);
      truth.latency('turn.duration.ms', this.#lastWordEndMs - first.startMs);
    }
    this.#tell('EndOfTurn', trigger);
    this.#words.take();
    this.#state = 'waiting';
    this.#turnIndex += 1;
    this.#windowStartMs = this.audioMs;
  }

  get #lastWordEndMs(): number {
    return this.#words.words.at(-1)?.endMs ?? 0;
  }

  #tell(event: FluxTurnInfo['event'], trigger?: 'model' | 'timeout'): void {
    this.#emit({
      event,
      turnIndex: this.#turnIndex,
      windowStartMs: this.#windowStartMs,
      windowEndMs: this.audioMs,
      words: this.#words.words,
      ...(trigger === undefined ? {} : { trigger }),
    });
  }
}
