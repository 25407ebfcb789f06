import type { ToolCall } from '../llm/llm-events.ts';

/** The same for two calls of the same tool with the same input, in whatever order its keys are. */
export function callKey({ name, arguments: input }: ToolCall): string {
  return `${name} ${JSON.stringify(input, sortKeys)}`;
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
