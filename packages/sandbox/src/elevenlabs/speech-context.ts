import type { Backstage } from '../backstage.ts';
import type { Fault, FaultOf } from '../faults.ts';
import { onSchedule } from '../schedule.ts';
import type { RequestOutcome } from '../truth.ts';
import { speak } from '../voice/speak.ts';
import { bytesOf, cut, pieceCount } from './output-format.ts';

/** Without `auto_mode` or a flush nothing is spoken until so many characters have come. */
const bufferSchedule = [120, 160, 250, 290];

const contextFaults = [
  'error-message',
  'malformed-json',
  'wrong-types',
  'unknown-type',
  'empty-audio',
  'reset',
  'clean-close',
  'provider-close',
  'stall',
  'giant-message',
  'slow-reader',
  'duplicate-messages',
] as const;

/** What a context is told at its opening. */
export interface ContextOptions {
  contextId: string;
  sampleRateHz: number;
  autoMode: boolean;
  /** Sends a message to the client. False when the client is gone. */
  send: (message: Record<string, unknown>) => boolean;
  /** A fault that concerns the whole connection. */
  fail: (fault: FaultOf<'elevenlabs'>) => void;
  /** The context has said everything, and this is final. */
  done: () => void;
}

/** One context of a multi-context socket: gathers text, speaks it in order, ends. */
export class SpeechContext {
  readonly #backstage: Backstage;
  readonly #options: ContextOptions;
  readonly #abort = new AbortController();
  readonly #struck = new Set<Fault>();
  readonly #firstMs: number;
  readonly #lastMs: number;
  #buffered = '';
  #generations = 0;
  #flushed = false;
  #closed = false;
  #told = false;
  #ended = false;
  #outcome: RequestOutcome | undefined;
  #hasText = false;
  /** All that comes of it is that it is final. */
  #isSilent = false;
  #queue: Promise<void> = Promise.resolve();

  constructor(backstage: Backstage, options: ContextOptions) {
    this.#backstage = backstage;
    this.#options = options;
    [this.#firstMs, this.#lastMs] = backstage.delays.drawPair('firstAudioMs', 'lastAudioMs');
  }

  /** Takes text, and speaks it as soon as the buffering rules allow. */
  add(text: string, flush: boolean): void {
    const { truth } = this.#backstage;
    // A piece of text ends with a space that separates it from the next; it is not spoken.
    truth.count('tts.characters', Array.from(text.replace(/ $/, '')).length);
    if (!this.#hasText && text.trim() !== '') {
      this.#hasText = true;
      truth.count('tts.requests');
    }
    this.#buffered += text;
    this.#flushed ||= flush;
    const ready = flush ? this.#buffered : this.#ready();
    this.#buffered = this.#buffered.slice(ready.length);
    if (ready.trim() !== '') this.#speak(ready.trim());
  }

  /**
   * The client wants no more of it: what was flushed is spoken to its end ("If it has already been
   * set to flush it will continue flushing", says the API reference), and `isFinal` follows, which
   * does not come without a close. Whoever closes at once, to have it final, and closes again has
   * changed its mind. Returns whether there is an end to wait for.
   */
  end(): boolean {
    if (!this.#flushed) return false;
    if (this.#closed) this.#settle('aborted');
    this.#closed = true;
    this.#queue = this.#queue.then(() => this.#finish());
    return true;
  }

  /** Stops at once. Idempotent. */
  close(): void {
    this.#settle('aborted');
    this.#abort.abort();
  }

  /** The first thing that happens to a request decides, but a client may have gone before it knew of the end. */
  #settle(outcome: RequestOutcome): void {
    const { truth } = this.#backstage;
    const wasTooLate = this.#outcome === 'completed' && outcome === 'aborted';
    if (!this.#hasText || (this.#outcome !== undefined && !wasTooLate)) return;
    if (wasTooLate) truth.outcome('tts.requests', 'completed', -1);
    this.#outcome = outcome;
    truth.outcome('tts.requests', outcome);
  }

  /** Resolves when everything handed over has been spoken. */
  settled(): Promise<void> {
    return this.#queue;
  }

  /** The part of the buffer that may be spoken without a flush. */
  #ready(): string {
    if (this.#options.autoMode) {
      // Auto mode speaks whole sentences or phrases, never half a word.
      return /^.*[.!?,;:…。！？](?=\s|$)/su.exec(this.#buffered)?.[0] ?? '';
    }
    const needed = bufferSchedule[Math.min(this.#generations, bufferSchedule.length - 1)] ?? 0;
    if (this.#buffered.length < needed) return '';
    return /^.*\s/su.exec(this.#buffered)?.[0] ?? this.#buffered;
  }

  #speak(text: string): void {
    const startedAt = performance.now();
    this.#generations += 1;
    this.#queue = this.#queue.then(() => this.#generate(text, startedAt));
  }

  async #generate(text: string, startedAt: number): Promise<void> {
    const { contextId, sampleRateHz, send, fail } = this.#options;
    const { truth, faults, chordMs } = this.#backstage;
    const isFirst = !this.#told;
    const audio = bytesOf(speak(text, { sampleRateHz, chordMs }));
    const odd = faults.take('elevenlabs', ['odd-sized-audio'], 0, this.#struck) !== undefined;
    this.#isSilent ||= faults.take('elevenlabs', ['no-audio'], 0, this.#struck) !== undefined;
    const pieces = cut(audio, pieceCount(audio, sampleRateHz), odd ? 'odd' : 'even');
    const schedule = {
      startedAt,
      firstMs: this.#firstMs,
      lastMs: this.#lastMs,
      count: this.#isSilent ? 0 : pieces.length,
      signal: this.#abort.signal,
    };
    for await (const index of onSchedule(schedule)) {
      const fault = faults.take('elevenlabs', contextFaults, index, this.#struck);
      if (fault?.fault === 'empty-audio') send({ audio: '', contextId });
      else if (fault?.fault === 'unknown-type' || fault?.fault === 'duplicate-messages')
        fail(fault);
      else if (fault !== undefined) {
        this.#settle('failed');
        fail(fault);
        if (fault.fault !== 'malformed-json' && fault.fault !== 'wrong-types') {
          this.close();
          return;
        }
      }
      const piece = pieces[index] ?? Buffer.alloc(0);
      const isSent = send({
        audio: piece.toString('base64'),
        alignment: index === 0 ? alignmentOf(text, audio.length / (sampleRateHz * 0.002)) : null,
        normalizedAlignment: null,
        contextId,
      });
      if (!isSent) {
        this.close();
        return;
      }
      truth.count('tts.audio_duration.ms', piece.length / (sampleRateHz * 0.002));
      if (isFirst && index === 0) truth.latency('tts.time_to_first_audio.ms', this.#firstMs);
      this.#told = true;
    }
  }

  #finish(): void {
    const { contextId, send, done } = this.#options;
    if (this.#ended || this.#abort.signal.aborted || !this.#closed) return;
    const { truth, faults } = this.#backstage;
    this.#ended = true;
    const isNeverFinal = faults.take('elevenlabs', ['never-final'], 0, this.#struck) !== undefined;
    this.#settle(isNeverFinal || this.#isSilent ? 'failed' : 'completed');
    if (this.#told && this.#outcome !== 'aborted') truth.latency('tts.latency.ms', this.#lastMs);
    if (isNeverFinal) return;
    send({ audio: null, isFinal: true, contextId });
    done();
  }
}

function alignmentOf(text: string, durationMs: number): Record<string, unknown> {
  const chars = Array.from(text);
  const eachMs = durationMs / chars.length;
  return {
    chars,
    charStartTimesMs: chars.map((_, index) => Math.round(index * eachMs)),
    charsDurationsMs: chars.map(() => Math.round(eachMs)),
  };
}
