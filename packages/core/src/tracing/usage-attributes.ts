import type { RealtimeUsage } from '../realtime/realtime-usage.ts';
import { MODALITIES } from '../realtime/realtime-usage.ts';

/** What a realtime model used, as attributes of a span. */
export function usageAttributes(usage: RealtimeUsage): Record<string, number | undefined> {
  const attributes: Record<string, number | undefined> = {
    'gen_ai.usage.input_tokens': usage.inputTokens,
    'gen_ai.usage.output_tokens': usage.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': usage.cachedInputTokens,
    'gen_ai.usage.reasoning.output_tokens': usage.reasoningTokens,
  };
  for (const modality of MODALITIES) {
    const name = `${modality}_tokens`;
    attributes[`vision_agents.usage.input.${name}`] = usage.inputByModality?.[modality];
    attributes[`vision_agents.usage.cached_input.${name}`] =
      usage.cachedInputByModality?.[modality];
    attributes[`vision_agents.usage.output.${name}`] = usage.outputByModality?.[modality];
  }
  return attributes;
}
