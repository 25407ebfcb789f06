/**
 * The providers that the GenAI conventions of OpenTelemetry call otherwise than we do. A provider that
 * they do not know keeps our name, which they allow.
 */
const PROVIDER_NAMES: Readonly<Record<string, string>> = { gemini: 'gcp.gemini' };

/** What was done, in the words of the conventions; they have none yet for speech. */
export type GenAIOperation = 'chat' | 'execute_tool' | 'text_to_speech';

/** The attributes that every operation of a provider has in the GenAI conventions. */
export function genAIAttributes(
  operation: GenAIOperation,
  provider: string,
  model: string,
): Readonly<Record<string, string>> {
  return {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': PROVIDER_NAMES[provider] ?? provider,
    'gen_ai.request.model': model,
  };
}
