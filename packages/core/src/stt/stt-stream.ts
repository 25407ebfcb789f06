import type { AudioFrame } from '../audio/audio-frame.ts';
import { Resampler } from '../audio/resampler.ts';
import type { Clock } from '../clock/clock.ts';
import { ProviderError } from '../errors/provider-error.ts';
import { AudioLedger } from './audio-ledger.ts';
import type { STTEvent, STTFact } from './stt-events.ts';
import type { STTRecorder } from './stt-recorder.ts';
import type { STTConnection } from './stt.ts';

/** What a stream is made of. */
interface STTStreamParts {
  readonly provider: string;
  readonly connection: STTConnection;
  readonly recorder: STTRecorder;
  readonly sampleRateHz: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onClosed: () => void;
}

/** One participant's speech on its way to text. Frames go in, events come out, once each. */
export class STTStream implements AsyncIterable<STTEvent>, AsyncDisposable {
  readonly #parts: STTStreamParts;
  readonly #ledger = new AudioLedger();
  #resampler: { readonly rateHz: number; readonly resampler: Resampler } | undefined;
  #speechStartMs: number | undefined;
  #speechEndMs: number | undefined;
  #hasWords = false;
  #closing: Promise<void> | undefined;

  constructor(parts: STTStreamParts) {
    this.#parts = parts;
    parts.signal.addEventListener('abort', () => void this.close(), { once: true });
  }

  /**
   * Sends a frame of any rate; `heardAtMs` says when it ended to be heard where that is not now.
   * Does nothing once the stream is closed.
   */
  write(frame: AudioFrame, heardAtMs: number = this.#parts.clock.now()): void {
    if (this.#closing || frame.samples.length === 0) return;
    const samples = this.#resample(frame);
    if (samples.length === 0) return;
    const durationMs = (samples.length / this.#parts.sampleRateHz) * 1000;
    this.#ledger.append(durationMs, heardAtMs);
    this.#parts.recorder.audioSent(durationMs);
    this.#parts.connection.send(samples);
  }

  /** Asks for the transcript of what was written, without waiting for the end of the turn. */
  flush(): void {
    if (!this.#closing) this.#parts.connection.flush();
  }

  /** Lets the last results come, then closes. Idempotent; never throws. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * The events, for one consumer. Ends when the stream is closed.
   * @throws ProviderError when the connection is lost
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<STTEvent, void, undefined> {
    const { connection, provider, recorder, signal } = this.#parts;
    try {
      for await (const fact of connection) yield this.#recorded(fact);
    } catch (error) {
      if (signal.aborted) return;
      const failure = ProviderError.from(provider, error);
      recorder.error(failure);
      throw failure;
    } finally {
      // Not awaited: whoever listens shall know at once that nothing more comes.
      void this.close();
    }
  }

  #recorded(fact: STTFact): STTEvent {
    const atMs = this.#parts.clock.now();
    switch (fact.type) {
      case 'speech-start':
        // A noise may start "speech" that never was, and speech goes on after a pause within a turn.
        if (!this.#hasWords) this.#speechStartMs = fact.offsetMs;
        return { type: 'speech-start', atMs, startedAtMs: this.#timeOf(fact.offsetMs) };
      case 'transcript':
        return this.#transcript(fact, atMs);
      case 'turn-end':
        return this.#turnEnd(fact.eager, atMs);
      case 'turn-resumed':
        return { type: 'turn-resumed', atMs };
      case 'error':
        this.#parts.recorder.error(fact.error);
        return { type: 'error', atMs, error: fact.error };
    }
  }

  #transcript(fact: Extract<STTFact, { type: 'transcript' }>, atMs: number): STTEvent {
    const speechEndedAtMs = this.#timeOf(fact.speechEndMs);
    if (!this.#hasWords) this.#speechStartMs = fact.speechStartMs ?? this.#speechStartMs;
    this.#hasWords ||= fact.text !== '';
    // A final transcript without an end leaves the end unknown: an earlier one would be wrong.
    this.#speechEndMs = fact.speechEndMs ?? (fact.final ? undefined : this.#speechEndMs);
    if (fact.final && fact.text !== '') {
      this.#parts.recorder.finalTranscript(elapsed(speechEndedAtMs, atMs));
    }
    return {
      type: 'transcript',
      atMs,
      text: fact.text,
      final: fact.final,
      speechStartedAtMs: this.#timeOf(fact.speechStartMs ?? this.#speechStartMs),
      speechEndedAtMs,
      language: fact.language,
    };
  }

  #turnEnd(eager: boolean, atMs: number): STTEvent {
    const speechEndedAtMs = this.#timeOf(this.#speechEndMs);
    if (!eager) this.#recordTurn(atMs);
    return { type: 'turn-end', atMs, eager, speechEndedAtMs };
  }

  #recordTurn(atMs: number): void {
    this.#parts.recorder.turn(
      elapsed(this.#speechStartMs, this.#speechEndMs),
      elapsed(this.#timeOf(this.#speechEndMs), atMs),
    );
    this.#speechStartMs = undefined;
    this.#speechEndMs = undefined;
    this.#hasWords = false;
  }

  #timeOf(offsetMs: number | undefined): number | undefined {
    return offsetMs === undefined ? undefined : this.#ledger.timeOf(offsetMs);
  }

  #resample(frame: AudioFrame): Int16Array {
    if (frame.sampleRateHz === this.#parts.sampleRateHz) return frame.samples;
    if (this.#resampler?.rateHz !== frame.sampleRateHz) {
      const resampler = new Resampler(frame.sampleRateHz, this.#parts.sampleRateHz);
      this.#resampler = { rateHz: frame.sampleRateHz, resampler };
    }
    return this.#resampler.resampler.push(frame.samples);
  }

  async #close(): Promise<void> {
    const { connection, recorder, onClosed } = this.#parts;
    recorder.closed();
    onClosed();
    await connection.close();
  }
}

function elapsed(startMs: number | undefined, endMs: number | undefined): number | undefined {
  return startMs === undefined || endMs === undefined ? undefined : endMs - startMs;
}
