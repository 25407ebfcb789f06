import type { ProviderError } from '../errors/provider-error.ts';
import type { LLMUsage } from '../llm/llm-events.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import type { BoundCounter } from '../metrics/recorder.ts';
import { Recorder } from '../metrics/recorder.ts';
import type { RealtimeOutcome } from './realtime-events.ts';

/** Turns the facts of speech-to-speech sessions into measurements. */
export class RealtimeRecorder {
  readonly recorder: Recorder;
  readonly #inputBytes: BoundCounter;
  readonly #inputMs: BoundCounter;
  readonly #outputBytes: BoundCounter;
  readonly #outputMs: BoundCounter;

  constructor(provider: string, model: string, collector?: MetricsCollector) {
    const recorder = new Recorder({ provider, model }, collector);
    this.recorder = recorder;
    this.#inputBytes = recorder.counter('realtimeAudioInputBytes');
    this.#inputMs = recorder.counter('realtimeAudioInputDurationMs');
    this.#outputBytes = recorder.counter('realtimeAudioOutputBytes');
    this.#outputMs = recorder.counter('realtimeAudioOutputDurationMs');
    recorder.openErrors('realtimeErrors');
  }

  opened(): void {
    this.recorder.counter('realtimeSessions').add(1);
  }

  closed(durationMs: number): void {
    this.recorder.counter('realtimeSessions').add(-1);
    this.recorder.histogram('realtimeSessionDurationMs').record(durationMs);
  }

  audioSent(bytes: number, durationMs: number): void {
    this.#inputBytes.add(bytes);
    this.#inputMs.add(durationMs);
  }

  audioReceived(bytes: number, durationMs: number): void {
    this.#outputBytes.add(bytes);
    this.#outputMs.add(durationMs);
  }

  firstAudio(latencyMs: number): void {
    this.recorder.histogram('realtimeTimeToFirstAudioMs').record(latencyMs);
  }

  response(outcome: RealtimeOutcome): void {
    this.recorder.counter('realtimeResponses', { outcome }).add(1);
  }

  usage(usage: LLMUsage): void {
    this.recorder.counter('realtimeInputTokens').add(usage.inputTokens);
    this.recorder.counter('realtimeOutputTokens').add(usage.outputTokens);
  }

  utterance(speaker: 'user' | 'agent'): void {
    const key = speaker === 'user' ? 'realtimeUserTranscriptions' : 'realtimeAgentTranscriptions';
    this.recorder.counter(key).add(1);
  }

  error(error: ProviderError): void {
    this.recorder.countError('realtimeErrors', error);
  }
}
