import type { ToolCall } from '../llm/llm-events.ts';

/** What came out of a tool call, as text for the model. */
export interface ToolResult {
  readonly callId: string;
  readonly name: string;
  readonly output: string;
  readonly success: boolean;
}

/** One entry of a conversation, in the order in which they were said. */
export type Message =
  | {
      readonly role: 'user';
      readonly text: string;
      /** Who said it; absent where the program put the words in. */
      readonly participantId?: string;
    }
  | {
      readonly role: 'assistant';
      readonly text: string;
      readonly toolCalls: readonly ToolCall[];
      /** True when the user cut it off. */
      readonly interrupted: boolean;
    }
  | { readonly role: 'tool'; readonly results: readonly ToolResult[] };
