import { genAIAttributes } from '../metrics/gen-ai-names.ts';
import type { SynthesisFacts } from '../tts/tts-recorder.ts';
import { OperationSpan } from './operation-span.ts';
import type { TraceScope } from './trace-scope.ts';

/** The span of one text that is spoken, from the facts that its metrics come from. */
export class SpeechSpan {
  readonly scope: TraceScope;
  readonly #span: OperationSpan;
  readonly #startedAtMs: number;

  private constructor(span: OperationSpan, startedAtMs: number) {
    this.#span = span;
    this.scope = span.scope;
    this.#startedAtMs = startedAtMs;
  }

  /** Begins it; undefined where nobody traces. */
  static start(
    scope: TraceScope,
    voice: { readonly provider: string; readonly model: string },
    text: string,
    startedAtMs: number,
  ): SpeechSpan | undefined {
    const name = `text_to_speech ${voice.model}`;
    const span = OperationSpan.start(scope, { name, startedAtMs, isRequest: true });
    if (span === undefined) return undefined;
    span.set(genAIAttributes('text_to_speech', voice.provider, voice.model));
    if (scope.capturesContent) span.set({ 'vision_agents.tts.text': text });
    return new SpeechSpan(span, startedAtMs);
  }

  /** The synthesis is over, and why where it failed. */
  end(facts: SynthesisFacts): void {
    this.#span.set({
      'vision_agents.outcome': facts.outcome,
      'vision_agents.tts.characters': facts.characters,
      'vision_agents.tts.audio_duration_ms': facts.audioDurationMs,
      'vision_agents.tts.time_to_first_audio_ms': facts.timeToFirstAudioMs,
    });
    const endedAtMs = this.#startedAtMs + (facts.latencyMs ?? facts.durationMs);
    if (facts.error !== undefined) this.#span.fail(facts.error, endedAtMs);
    this.#span.end(endedAtMs);
  }
}
