import type { ProviderError } from '../errors/provider-error.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import type { Outcome } from '../metrics/attributes.ts';
import { Recorder } from '../metrics/recorder.ts';

/** What is known of a synthesis that is over. What is unknown stays undefined. */
export interface SynthesisFacts {
  readonly outcome: Outcome;
  readonly characters: number;
  /** Audio that was read by then. Of an interrupted synthesis more may come, which is told apart. */
  readonly audioDurationMs: number;
  /** Text handed over to the last audio; undefined when the audio did not all come. */
  readonly latencyMs: number | undefined;
  readonly timeToFirstAudioMs: number | undefined;
  /** Text handed over to over, in whatever way. */
  readonly durationMs: number;
  /** Why it failed; undefined where it did not. */
  readonly error: ProviderError | undefined;
}

/** Turns the facts of text to speech into measurements: one for each synthesis, however it ended. */
export class TTSRecorder {
  readonly recorder: Recorder;

  constructor(provider: string, model: string, collector?: MetricsCollector) {
    this.recorder = new Recorder({ provider, model }, collector);
    this.recorder.openErrors('ttsErrors');
  }

  synthesis(facts: SynthesisFacts): void {
    const { recorder } = this;
    recorder.counter('ttsRequests', { outcome: facts.outcome }).add(1);
    recorder.counter('ttsCharacters').add(facts.characters);
    if (facts.latencyMs !== undefined) recorder.histogram('ttsLatencyMs').record(facts.latencyMs);
    if (facts.timeToFirstAudioMs !== undefined) {
      recorder.histogram('ttsTimeToFirstAudioMs').record(facts.timeToFirstAudioMs);
    }
  }

  /** All the audio that came for one text, heard or not. */
  audio(durationMs: number): void {
    if (durationMs > 0) this.recorder.histogram('ttsAudioDurationMs').record(durationMs);
  }

  error(error: ProviderError): void {
    this.recorder.countError('ttsErrors', error);
  }
}
