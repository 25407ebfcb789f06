import type { AudioFrame } from '../audio/audio-frame.ts';
import { AudioInlet } from '../audio/audio-inlet.ts';
import { ProviderError } from '../errors/provider-error.ts';
import type { StreamLife } from '../stream/open-stream.ts';
import type { STTEvent, STTFact } from './stt-events.ts';
import type { STTRecorder } from './stt-recorder.ts';
import type { STTConnection } from './stt.ts';

/** What a stream is made of. */
interface STTStreamParts extends StreamLife {
  readonly provider: string;
  readonly connection: STTConnection;
  readonly recorder: STTRecorder;
  readonly sampleRateHz: number;
  readonly onLost: ((error: ProviderError) => void) | undefined;
}

/** One participant's speech on its way to text. Frames go in, events come out, once each. */
export class STTStream implements AsyncIterable<STTEvent>, AsyncDisposable {
  readonly #parts: STTStreamParts;
  readonly #inlet: AudioInlet;
  #speechStartMs: number | undefined;
  #speechEndMs: number | undefined;
  /** How far the words of the turn are: once some are final, where they started is settled. */
  #words: 'none' | 'partial' | 'final' = 'none';
  #closing: Promise<void> | undefined;

  constructor(parts: STTStreamParts) {
    this.#parts = parts;
    this.#inlet = new AudioInlet(parts.sampleRateHz);
    parts.controller.signal.addEventListener('abort', () => void this.close(), { once: true });
  }

  /** The vendor that listens. */
  get provider(): string {
    return this.#parts.provider;
  }

  /**
   * Sends a frame of any rate; `heardAtMs` says when it ended to be heard where that is not now.
   * Does nothing once the stream is closed.
   */
  write(frame: AudioFrame, heardAtMs: number = this.#parts.clock.now()): void {
    if (this.#closing) return;
    const samples = this.#inlet.write(frame, heardAtMs);
    if (samples.length === 0) return;
    const isSent = this.#parts.connection.send(samples);
    if (isSent) this.#parts.recorder.audioSent(this.#inlet.durationMs(samples));
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
    const { connection, provider, recorder, controller, onLost } = this.#parts;
    try {
      for await (const fact of connection) {
        if (fact.type === 'audio-added') recorder.audioSent(fact.durationMs);
        else yield this.#recorded(fact);
      }
    } catch (error) {
      if (controller.signal.aborted) return;
      const failure = ProviderError.from(provider, error);
      recorder.error(failure);
      onLost?.(failure);
      throw failure;
    } finally {
      // Not awaited: whoever listens shall know at once that nothing more comes.
      void this.close();
    }
  }

  #recorded(fact: Exclude<STTFact, { type: 'audio-added' }>): STTEvent {
    const atMs = this.#parts.clock.now();
    switch (fact.type) {
      case 'speech-start':
        // A noise may start "speech" that never was, and speech goes on after a pause within a turn.
        if (this.#words === 'none') this.#speechStartMs = fact.offsetMs;
        return { type: 'speech-start', atMs, startedAtMs: this.#inlet.timeOf(fact.offsetMs) };
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
    const speechEndedAtMs = this.#inlet.timeOf(fact.speechEndMs);
    const settledAtMs = this.#inlet.timeOf(fact.settledMs ?? fact.speechEndMs);
    this.#noteStart(fact);
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
      speechStartedAtMs: this.#inlet.timeOf(fact.speechStartMs ?? this.#speechStartMs),
      speechEndedAtMs,
      settledAtMs: fact.final ? settledAtMs : undefined,
      language: fact.language,
    };
  }

  #noteStart({ text, final, speechStartMs }: Extract<STTFact, { type: 'transcript' }>): void {
    // Words are where speech started; not every provider tells it with the first that may change.
    if (this.#words === 'none') this.#speechStartMs = speechStartMs ?? this.#speechStartMs;
    else if (this.#words === 'partial') this.#speechStartMs ??= speechStartMs;
    if (text === '') return;
    if (final) this.#words = 'final';
    else if (this.#words === 'none') this.#words = 'partial';
  }

  #turnEnd(eager: boolean, atMs: number): STTEvent {
    const speechEndedAtMs = this.#inlet.timeOf(this.#speechEndMs);
    if (!eager) this.#recordTurn(atMs);
    return { type: 'turn-end', atMs, eager, speechEndedAtMs };
  }

  #recordTurn(atMs: number): void {
    this.#parts.recorder.turn(
      elapsed(this.#speechStartMs, this.#speechEndMs),
      elapsed(this.#inlet.timeOf(this.#speechEndMs), atMs),
    );
    this.#speechStartMs = undefined;
    this.#speechEndMs = undefined;
    this.#words = 'none';
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
