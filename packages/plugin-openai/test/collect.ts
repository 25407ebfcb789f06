import type { LLMEvent, LLMRequest } from '@vision-agents/core';
import { ProviderError } from '@vision-agents/core';

/** A request of one sentence. */
export function ask(text: string): LLMRequest {
  return { instructions: 'Be brief.', messages: [{ role: 'user', text }] };
}

/** All events of an answer. */
export async function collect(answer: AsyncIterable<LLMEvent>): Promise<LLMEvent[]> {
  const collected: LLMEvent[] = [];
  for await (const event of answer) collected.push(event);
  return collected;
}

/** What was said in an answer. */
export function said(events: readonly LLMEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('');
}

/** The error that an answer ends with. */
export async function failure(answer: AsyncIterable<LLMEvent>): Promise<ProviderError> {
  const error: unknown = await collect(answer).then(
    () => new Error('the answer did not fail'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ProviderError) return error;
  throw error;
}
