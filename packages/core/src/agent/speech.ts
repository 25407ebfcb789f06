import type { AudioFrame } from '../audio/audio-frame.ts';
import { frameDurationMs } from '../audio/audio-frame.ts';
import type { Clock } from '../clock/clock.ts';
import { speakableText } from '../conversation/speakable-text.ts';
import type { Utterance } from '../edge/playout.ts';
import type { Voice } from '../tts/tts-stream.ts';
import type { TurnMark } from '../turn/turn-marks.ts';
import type { Turn } from '../turn/turn.ts';
import { heardWords } from './heard-words.ts';

/** Sentences that are synthesised at once: the next is ready when one is over. */
const SENTENCES_AT_ONCE = 2;
/**
 * Audio that is there before the caller hears it, in milliseconds: with this much no more is asked for.
 * Voices are faster than speech, and what is made is paid for, also when it is cut off.
 */
const AHEAD_MS = 20_000;

/** What an answer needs to be heard. */
export interface SpeechParts {
  readonly tts: Voice;
  readonly utterance: Utterance;
  readonly turn: Turn;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether sentences only gather until {@link Speech.release}. @default false */
  readonly isHeld?: boolean;
  /** The audio that the utterance got from others before, in milliseconds. @default 0 */
  readonly afterMs?: number;
}

/**
 * What a sentence is to the caller. A filler passes the time until the answer, an apology takes its
 * place: they are spoken and heard like any other, but no answer begins with them.
 */
export type SentenceKind = 'answer' | 'filler' | 'apology';

const STARTS = { answer: 'playoutStart', filler: 'fillerStart', apology: 'apologyStart' } as const;

interface Sentence {
  readonly text: string;
  readonly kind: SentenceKind;
  /** Audio that came while an earlier sentence was still coming. */
  waiting: AudioFrame[];
  /** The audio that was handed to the edge. */
  audioMs: number;
  isComplete: boolean;
  failure?: { readonly error: unknown };
}

/** What an answer needs of its speech, whether or not anybody hears it. */
export type AnswerSpeech = Pick<
  Speech,
  'say' | 'text' | 'heard' | 'sentenceCount' | 'isIdle' | 'playedMs'
>;

/** Turns the sentences of one answer into audio, in their order, each as soon as it is there. */
export class Speech {
  readonly #parts: SpeechParts;
  readonly #sentences: Sentence[] = [];
  readonly #done = Promise.withResolvers<void>();
  #requested = 0;
  #running = 0;
  #playing = 0;
  /** The newest sentence of which audio was handed to the edge. */
  #begun: Sentence | undefined;
  #hasEnded = false;
  #hasFailed = false;
  #isHeld: boolean;
  /** All audio that has come, in milliseconds, handed to the edge or not. */
  #receivedMs = 0;
  #isAhead = false;

  constructor(parts: SpeechParts) {
    this.#parts = parts;
    this.#isHeld = parts.isHeld ?? false;
    // Whoever awaits `done` or `end` sees a failure; until then it must not count as unhandled.
    this.#done.promise.catch(() => undefined);
  }

  /**
   * Resolves when all audio was handed to the edge and no more comes; rejects once a sentence has
   * failed and all before it were handed over.
   */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** How many sentences were taken. */
  get sentenceCount(): number {
    return this.#sentences.length;
  }

  /** All audio that was handed to the edge, in milliseconds. */
  get audioMs(): number {
    return audioMsOf(this.#sentences);
  }

  /** The words of some sentences, heard or not. */
  text(fromSentence = 0, toSentence: number = this.#sentences.length): string {
    const sentences = this.#sentences.slice(fromSentence, toSentence);
    return sentences.map(({ text }) => text).join(' ');
  }

  /** Whether audio has come that is more than fillers. */
  get hasAnswer(): boolean {
    return this.#sentences.some(({ kind, audioMs }) => kind === 'answer' && audioMs > 0);
  }

  /** Whether everything that was taken has been handed to the edge. */
  get isIdle(): boolean {
    return this.#playing === this.#sentences.length;
  }

  /** How much has left for the caller, in milliseconds. */
  get playedMs(): number {
    return this.#parts.utterance.playedMs;
  }

  /** Lets go of what was held back. */
  release(): void {
    this.#isHeld = false;
    this.#requestNext();
  }

  /** Takes the next sentence. Returns at once. */
  say(text: string, kind: SentenceKind = 'answer'): void {
    const sentence: Sentence = { text, kind, waiting: [], audioMs: 0, isComplete: false };
    this.#sentences.push(sentence);
    this.#mark(sentence, 'firstSentence');
    this.#requestNext();
  }

  /**
   * No more sentences come. Resolves when all audio was handed to the edge.
   * @throws ProviderError when the voice failed
   */
  async end(): Promise<void> {
    this.#hasEnded = true;
    this.#settle();
    await this.#done.promise;
  }

  /**
   * The words of some sentences that have left for the caller, by the edge's clock; cut between two
   * words.
   */
  heard(fromSentence = 0, toSentence: number = this.#sentences.length): string {
    let leftMs = this.#parts.utterance.playedMs - (this.#parts.afterMs ?? 0);
    const heard: string[] = [];
    for (const [index, { text, audioMs, isComplete }] of this.#sentences.entries()) {
      if (leftMs <= 0) break;
      // Nothing of it can be spoken, or nothing of it was.
      if (audioMs === 0) continue;
      const isWanted = index >= fromSentence && index < toSentence;
      if (isWanted) heard.push(heardWords(text, { playedMs: leftMs, audioMs, isComplete }));
      leftMs -= audioMs;
    }
    return heard.join(' ').trim();
  }

  #requestNext(): void {
    while (this.#running < SENTENCES_AT_ONCE && !this.#hasFailed && !this.#isHeld) {
      const sentence = this.#sentences[this.#requested];
      if (sentence === undefined || this.#waitsToBeHeard()) return;
      this.#requested += 1;
      this.#running += 1;
      this.#synthesise(sentence).catch((error: unknown) => {
        this.#hasFailed = true;
        sentence.failure = { error };
        this.#playOn();
      });
    }
  }

  /** Whether enough is there for now; when more is wanted, it is asked for. */
  #waitsToBeHeard(): boolean {
    const { utterance, afterMs = 0 } = this.#parts;
    const wantedAtMs = afterMs + this.#receivedMs - AHEAD_MS;
    if (this.#isAhead || utterance.playedMs >= wantedAtMs) return this.#isAhead;
    this.#isAhead = true;
    utterance.onPlayed(wantedAtMs, () => {
      this.#isAhead = false;
      this.#requestNext();
    });
    return true;
  }

  async #synthesise(sentence: Sentence): Promise<void> {
    const { tts, turn, signal } = this.#parts;
    this.#mark(sentence, 'ttsRequest');
    const text = speakableText(sentence.text);
    for await (const frame of tts.synthesize(text, signal, turn.trace?.scope)) {
      this.#mark(sentence, 'ttsFirstAudio');
      this.#receivedMs += frameDurationMs(frame);
      if (sentence === this.#sentences[this.#playing]) this.#play(sentence, frame);
      else sentence.waiting.push(frame);
    }
    sentence.isComplete = true;
    this.#running -= 1;
    this.#playOn();
    this.#requestNext();
    this.#settle();
  }

  #playOn(): void {
    while (this.#sentences[this.#playing]?.isComplete) {
      this.#playing += 1;
      const next = this.#sentences[this.#playing];
      if (next) for (const frame of next.waiting.splice(0)) this.#play(next, frame);
    }
    const failure = this.#sentences[this.#playing]?.failure;
    if (failure) this.#done.reject(failure.error);
  }

  #play(sentence: Sentence, frame: AudioFrame): void {
    const { turn, utterance, afterMs = 0 } = this.#parts;
    if (sentence !== this.#begun) {
      this.#begun = sentence;
      const beforeMs = afterMs + audioMsOf(this.#sentences.slice(0, this.#playing));
      utterance.onPlayed(beforeMs, (atMs) => turn.mark(STARTS[sentence.kind], atMs));
    }
    utterance.play(frame);
    sentence.audioMs += frameDurationMs(frame);
  }

  /** Notes a moment on the way to the answer. */
  #mark({ kind }: Sentence, mark: TurnMark): void {
    const { turn, clock } = this.#parts;
    if (kind === 'answer') turn.mark(mark, clock.now());
  }

  #settle(): void {
    if (this.#hasEnded && this.isIdle) this.#done.resolve();
  }
}

function audioMsOf(sentences: readonly Sentence[]): number {
  return sentences.reduce((sum, { audioMs }) => sum + audioMs, 0);
}
