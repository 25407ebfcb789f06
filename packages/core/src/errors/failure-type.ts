import { AgentError } from './agent-error.ts';
import { ProviderError } from './provider-error.ts';

/**
 * What kind of failure an error is, in one word for `error.type`: the type of a provider's error, the
 * code of one of ours, the class of any other. Never a message.
 */
export function failureType(error: unknown): string {
  if (error instanceof ProviderError) return error.type;
  if (error instanceof AgentError) return error.code;
  return error instanceof Error && error.name !== '' ? error.name : '_OTHER';
}
