import type { ProviderError } from '../errors/provider-error.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import { Recorder } from '../metrics/recorder.ts';

/** Turns the facts of one speech-to-text stream into measurements. */
export class STTRecorder {
  readonly recorder: Recorder;
  #unrecordedAudioMs = 0;

  constructor(provider: string, model: string, collector?: MetricsCollector) {
    this.recorder = new Recorder({ provider, model }, collector);
    this.recorder.openErrors('sttErrors');
  }

  audioSent(durationMs: number): void {
    this.#unrecordedAudioMs += durationMs;
  }

  /** A final transcript that is not empty. `latencyMs` undefined: the end of speech is not known. */
  finalTranscript(latencyMs: number | undefined): void {
    this.recorder.counter('sttTranscripts').add(1);
    if (latencyMs !== undefined) this.recorder.histogram('sttLatencyMs').record(latencyMs);
    this.#recordAudio();
  }

  turn(durationMs: number | undefined, trailingSilenceMs: number | undefined): void {
    if (durationMs !== undefined) this.recorder.histogram('turnDurationMs').record(durationMs);
    if (trailingSilenceMs !== undefined) {
      this.recorder.histogram('turnTrailingSilenceMs').record(trailingSilenceMs);
    }
  }

  error(error: ProviderError): void {
    this.recorder.countError('sttErrors', error);
  }

  /** The stream is over: what was sent since the last transcript was paid for too. */
  closed(): void {
    this.#recordAudio();
  }

  #recordAudio(): void {
    if (this.#unrecordedAudioMs === 0) return;
    this.recorder.histogram('sttAudioDurationMs').record(this.#unrecordedAudioMs);
    this.#unrecordedAudioMs = 0;
  }
}
