import { setImmediate as turn } from 'node:timers/promises';

import type { AudioFrame } from '../audio/audio-frame.ts';
import { frameDurationMs } from '../audio/audio-frame.ts';
import { PcmAssembler } from '../audio/pcm-assembler.ts';
import { InterruptedError, outcomeOfAbort } from '../errors/interrupted-error.ts';
import { ProviderError } from '../errors/provider-error.ts';
import type { Outcome } from '../metrics/attributes.ts';
import { guardedStream } from '../stream/guarded-stream.ts';
import type { StreamLife } from '../stream/open-stream.ts';
import { SpeechSpan } from '../tracing/speech-span.ts';
import type { TraceScope } from '../tracing/trace-scope.ts';
import { activeScope } from '../tracing/trace-scope.ts';
import { ReceivedAudio } from './received-audio.ts';
import type { TTSRecorder } from './tts-recorder.ts';
import type { TTSConnection, TTSTimeouts } from './tts.ts';

/** What a stream is made of. */
interface TTSStreamParts extends StreamLife {
  readonly provider: string;
  readonly model: string;
  readonly connection: TTSConnection;
  readonly recorder: TTSRecorder;
  readonly timeouts: Required<TTSTimeouts>;
}

/** What speaks texts in a call: one voice, or several of which one does. */
export type Voice = Pick<TTSStream, 'synthesize' | 'close'>;

/** The voice of one call. Texts go in one at a time or side by side, audio comes out of each. */
export class TTSStream implements AsyncDisposable {
  readonly #parts: TTSStreamParts;
  readonly #abort = (): void => void this.close();
  /** Texts of which audio may still come. */
  readonly #unfinished = new Set<ReceivedAudio>();
  #closing: Promise<void> | undefined;

  constructor(parts: TTSStreamParts) {
    this.#parts = parts;
    parts.controller.signal.addEventListener('abort', this.#abort, { once: true });
  }

  /**
   * Speaks a text; a blank one yields nothing. Every text handed over is counted, whatever becomes
   * of its audio. Its span belongs in `trace`, by default within the span that is active.
   * @throws ProviderError when the provider fails, stalls, or sends no or broken audio
   * @throws the reason of `signal` or of the call's once that is aborted, an {@link InterruptedError}
   * once the stream is closed
   */
  async *synthesize(
    text: string,
    signal?: AbortSignal,
    trace?: TraceScope,
  ): AsyncGenerator<AudioFrame, void, undefined> {
    if (text.trim() === '') return;
    const { clock, recorder, provider, connection, controller } = this.#parts;
    const wanted = AbortSignal.any([controller.signal, ...(signal ? [signal] : [])]);
    wanted.throwIfAborted();
    const handedOverAtMs = clock.now();
    const span = SpeechSpan.start(trace ?? activeScope(clock), this.#parts, text, handedOverAtMs);
    const assembler = new PcmAssembler();
    let outcome: Outcome = 'interrupted';
    let audioDurationMs = 0;
    let timeToFirstAudioMs: number | undefined;
    let lastAudioMs: number | undefined;
    let latencyMs: number | undefined;
    let failure: ProviderError | undefined;
    try {
      for await (const bytes of this.#guarded(text, wanted, span?.scope)) {
        const frame = { samples: assembler.push(bytes), sampleRateHz: connection.sampleRateHz };
        if (frame.samples.length === 0) continue;
        lastAudioMs = clock.now() - handedOverAtMs;
        timeToFirstAudioMs ??= lastAudioMs;
        audioDurationMs += frameDurationMs(frame);
        yield frame;
      }
      if (lastAudioMs === undefined) throw this.#broken('no_audio', 'the answer has no audio');
      if (assembler.incomplete) throw this.#broken('odd_audio', 'the audio ends in half a sample');
      outcome = 'completed';
      latencyMs = lastAudioMs;
    } catch (error) {
      if (wanted.aborted) {
        outcome = outcomeOfAbort(wanted.reason);
        throw error;
      }
      outcome = 'error';
      failure = ProviderError.from(provider, error);
      recorder.error(failure);
      throw failure;
    } finally {
      const characters = Array.from(text).length;
      const durationMs = clock.now() - handedOverAtMs;
      const times = { latencyMs, timeToFirstAudioMs, audioDurationMs, durationMs };
      const facts = { outcome, characters, error: failure, ...times };
      recorder.synthesis(facts);
      span?.end(facts);
    }
  }

  /** Idempotent; never throws. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #guarded(
    text: string,
    signal: AbortSignal,
    trace: TraceScope | undefined,
  ): AsyncIterable<Uint8Array> {
    const { clock, provider, timeouts } = this.#parts;
    return guardedStream((requestSignal) => this.#receive(text, requestSignal), {
      signal,
      clock,
      trace,
      firstTimeoutMs: timeouts.firstAudioTimeoutMs,
      stallTimeoutMs: timeouts.stallTimeoutMs,
      timeoutError: (awaited, timeoutMs) =>
        new ProviderError({
          provider,
          type: 'timeout',
          message: `no ${awaited} audio within ${timeoutMs} ms`,
        }),
    });
  }

  #receive(text: string, signal: AbortSignal): ReceivedAudio {
    const { connection, recorder } = this.#parts;
    const samplesAMs = connection.sampleRateHz / 1000;
    const audio = new ReceivedAudio(connection.synthesize(text, signal), (byteCount) => {
      this.#unfinished.delete(audio);
      // Half a sample sounds for no time at all.
      recorder.audio(Math.floor(byteCount / 2) / samplesAMs);
    });
    this.#unfinished.add(audio);
    return audio;
  }

  #broken(code: string, message: string): ProviderError {
    return new ProviderError({ provider: this.#parts.provider, type: 'protocol', code, message });
  }

  async #close(): Promise<void> {
    const { connection, controller, onClosed } = this.#parts;
    onClosed();
    controller.signal.removeEventListener('abort', this.#abort);
    controller.abort(new InterruptedError());
    await connection.close();
    if (this.#unfinished.size === 0) return;
    // What came last is on its way through the streams in between; nothing comes after it.
    await turn();
    for (const audio of this.#unfinished) audio.complete();
  }
}
