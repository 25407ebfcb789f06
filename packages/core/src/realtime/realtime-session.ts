import type { AudioFrame } from '../audio/audio-frame.ts';
import { AudioInlet } from '../audio/audio-inlet.ts';
import { PcmAssembler } from '../audio/pcm-assembler.ts';
import type { ToolResult } from '../conversation/message.ts';
import { ProviderError } from '../errors/provider-error.ts';
import type { StreamLife } from '../stream/open-stream.ts';
import type { RealtimeEvent, RealtimeFact } from './realtime-events.ts';
import type { RealtimeRecorder } from './realtime-recorder.ts';
import type { RealtimeConnection } from './realtime.ts';

/** What a session is made of. */
interface RealtimeSessionParts extends StreamLife {
  readonly provider: string;
  readonly connection: RealtimeConnection;
  readonly recorder: RealtimeRecorder;
}

/** A call with a model that hears and speaks by itself. Frames go in, events come out, once each. */
export class RealtimeSession implements AsyncIterable<RealtimeEvent>, AsyncDisposable {
  readonly #parts: RealtimeSessionParts;
  readonly #inlet: AudioInlet;
  readonly #openedAtMs: number;
  #assembler = new PcmAssembler();
  /** The end of the user's speech that nothing has answered yet. */
  #unansweredSinceMs: number | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: RealtimeSessionParts) {
    this.#parts = parts;
    this.#inlet = new AudioInlet(parts.connection.inputSampleRateHz);
    this.#openedAtMs = parts.clock.now();
    parts.recorder.opened();
    parts.controller.signal.addEventListener('abort', () => void this.close(), { once: true });
  }

  /** What another session needs to go on where this one is; undefined where nothing would help. */
  get resumption(): string | undefined {
    return this.#parts.connection.resumption;
  }

  /** Sends a frame of any rate. Does nothing once the session is closed. */
  write(frame: AudioFrame, heardAtMs: number = this.#parts.clock.now()): void {
    if (this.#closing) return;
    const samples = this.#inlet.write(frame, heardAtMs);
    if (samples.length === 0) return;
    if (!this.#parts.connection.send(samples)) return;
    this.#parts.recorder.audioSent(samples.byteLength, this.#inlet.durationMs(samples));
  }

  /** Has the model respond to a text. */
  sendText(text: string): void {
    if (this.#closing) return;
    this.#unansweredSinceMs = undefined;
    this.#parts.connection.sendText(text);
  }

  sendToolResults(results: readonly ToolResult[]): void {
    if (!this.#closing) this.#parts.connection.sendToolResults(results);
  }

  /** Stops the answer, of which the caller heard `playedMs`. */
  interrupt(playedMs: number): void {
    if (this.#closing) return;
    this.#unansweredSinceMs = undefined;
    this.#parts.connection.interrupt(playedMs);
  }

  /** Idempotent; never throws. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * The events, for one consumer. Ends when the session is closed.
   * @throws ProviderError when the connection is lost
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<RealtimeEvent, void, undefined> {
    const { connection, provider, recorder, controller } = this.#parts;
    try {
      for await (const fact of connection) yield this.#recorded(fact);
      if (!this.#closing) throw endedByItself(provider);
    } catch (error) {
      if (controller.signal.aborted) return;
      const failure = ProviderError.from(provider, error);
      recorder.error(failure);
      throw failure;
    } finally {
      // Not awaited: whoever listens shall know at once that nothing more comes.
      void this.close();
    }
  }

  #recorded(fact: RealtimeFact): RealtimeEvent {
    const { recorder, clock } = this.#parts;
    const atMs = clock.now();
    switch (fact.type) {
      case 'user-speech-start':
      case 'user-speech-end': {
        const heardAtMs = this.#inlet.timeOf(fact.offsetMs);
        this.#unansweredSinceMs = fact.type === 'user-speech-end' ? heardAtMs : undefined;
        return { type: fact.type, atMs, heardAtMs };
      }
      case 'audio':
        return this.#audio(fact.bytes, atMs);
      case 'user-transcript':
        if (fact.final && fact.text !== '') recorder.utterance('user');
        break;
      case 'agent-transcript':
        if (fact.final && fact.text !== '') recorder.utterance('agent');
        break;
      case 'usage':
        recorder.usage(fact.usage);
        break;
      case 'response-end':
        this.#assembler = new PcmAssembler();
        this.#unansweredSinceMs = undefined;
        recorder.response(fact.outcome);
        break;
      case 'error':
        recorder.error(fact.error);
        break;
      case 'tool-call':
      case 'tool-cancelled':
        break;
    }
    return { ...fact, atMs };
  }

  #audio(bytes: Uint8Array, atMs: number): RealtimeEvent {
    const { recorder, connection } = this.#parts;
    const samples = this.#assembler.push(bytes);
    const sampleRateHz = connection.outputSampleRateHz;
    recorder.audioReceived(bytes.byteLength, (samples.length / sampleRateHz) * 1000);
    if (samples.length > 0 && this.#unansweredSinceMs !== undefined) {
      recorder.firstAudio(atMs - this.#unansweredSinceMs);
      this.#unansweredSinceMs = undefined;
    }
    return { type: 'audio', atMs, frame: { samples, sampleRateHz } };
  }

  async #close(): Promise<void> {
    const { recorder, clock, connection, onClosed } = this.#parts;
    recorder.closed(clock.now() - this.#openedAtMs);
    onClosed();
    await connection.close();
  }
}

function endedByItself(provider: string): ProviderError {
  const message = 'the session ended by itself';
  return new ProviderError({ provider, type: 'aborted_by_provider', message });
}
