import type { RealtimeUsage } from '../realtime/realtime-usage.ts';

/** What a realtime model used, as attributes of a span. */
export function usageAttributes(usage: RealtimeUsage): Record<string, number | undefined> {
  const { inputByModality, cachedInputByModality, outputByModality } = usage;
  return {
    'gen_ai.usage.input_tokens': usage.inputTokens,
    'gen_ai.usage.output_tokens': usage.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': usage.cachedInputTokens,
    'gen_ai.usage.reasoning.output_tokens': usage.reasoningTokens,
    'vision_agents.usage.input.text_tokens': inputByModality?.text,
    'vision_agents.usage.input.audio_tokens': inputByModality?.audio,
    'vision_agents.usage.input.image_tokens': inputByModality?.image,
    'vision_agents.usage.cached_input.text_tokens': cachedInputByModality?.text,
    'vision_agents.usage.cached_input.audio_tokens': cachedInputByModality?.audio,
    'vision_agents.usage.cached_input.image_tokens': cachedInputByModality?.image,
    'vision_agents.usage.output.text_tokens': outputByModality?.text,
    'vision_agents.usage.output.audio_tokens': outputByModality?.audio,
    'vision_agents.usage.output.image_tokens': outputByModality?.image,
  };
}
