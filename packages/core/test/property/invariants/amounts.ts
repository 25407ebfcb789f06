import { SAMPLES_A_MS } from '../generative-tts.ts';
import type { Invariant } from './invariant.ts';
import { differences } from './invariant.ts';

/** Tokens, characters and audio are what the components served, whatever was cut off. */
export const amountsAreWhatWasServed: Invariant = ({ llm, tts, stt, metrics }) => {
  const sentSamples = stt.connections.map(({ sampleCount }) => sampleCount);
  return differences(
    'the call counted',
    {
      'llm.tokens.input': metrics.llmInputTokens.total,
      'llm.tokens.output': metrics.llmOutputTokens.total,
      'tts.characters': metrics.ttsCharacters.total,
      'tts.audio_duration.ms': metrics.ttsAudioDurationMs.sum,
      'stt.audio_duration.ms': metrics.sttAudioDurationMs.sum,
    },
    {
      'llm.tokens.input': sum(llm.requests.map(({ usage }) => usage?.inputTokens ?? 0)),
      'llm.tokens.output': sum(llm.requests.map(({ usage }) => usage?.outputTokens ?? 0)),
      'tts.characters': sum(tts.speeches.map(({ text }) => text.length)),
      'tts.audio_duration.ms': sum(tts.speeches.map(({ samples }) => samples)) / SAMPLES_A_MS,
      'stt.audio_duration.ms': sum(sentSamples) / SAMPLES_A_MS,
    },
  );
};

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
