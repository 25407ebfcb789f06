import type { LLMEvent, Message, ToolCall, ToolDeclaration } from '@vision-agents/core';

/** Tools as core declares them. */
export const tools: readonly ToolDeclaration[] = [
  {
    name: 'get_weather',
    description: 'The weather in a city.',
    inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
];

/** The calls in an answer. */
export function toolCallsOf(answer: readonly LLMEvent[]): ToolCall[] {
  return answer.flatMap((event) => (event.type === 'tool-call' ? [event.call] : []));
}

/** What an agent said. */
export function assistant(text: string, toolCalls: readonly ToolCall[] = []): Message {
  return { role: 'assistant', text, toolCalls, interrupted: false };
}

/** Calls that were made, with the same output each, as they go into a conversation. */
export function roundOf(calls: readonly ToolCall[], output: string, text = ''): Message[] {
  const results = calls.map(({ id, name }) => ({ callId: id, name, output, success: true }));
  return [assistant(text, calls), { role: 'tool', results }];
}
