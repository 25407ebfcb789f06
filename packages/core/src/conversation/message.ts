import type { ToolCall } from '../llm/llm-events.ts';

/**
 * What came out of a tool call, as text for the model. While a tool is still at work that an
 * interrupted answer had begun, it says so; a later request has the true result in the same place.
 */
export interface ToolResult {
  readonly callId: string;
  readonly name: string;
  readonly output: string;
  /** False where the tool failed. */
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
