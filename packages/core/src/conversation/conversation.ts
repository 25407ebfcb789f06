import type { ToolCall } from '../llm/llm-events.ts';
import type { Message, ToolResult } from './message.ts';

/** What was said in a call, in order. It belongs to core: models keep no state. */
export class Conversation {
  readonly #messages: Message[] = [];

  /** A copy of the messages so far. */
  get messages(): readonly Message[] {
    return this.#messages.slice();
  }

  /** What a user said, or what the program wants answered when nobody said it. */
  addUser(text: string, participantId?: string): void {
    this.#messages.push({
      role: 'user',
      text,
      ...(participantId !== undefined && { participantId }),
    });
  }

  /** What the agent said and which tools it asked for. */
  addAssistant(text: string, toolCalls: readonly ToolCall[], interrupted: boolean): void {
    if (text === '' && toolCalls.length === 0) return;
    this.#messages.push({ role: 'assistant', text, toolCalls, interrupted });
  }

  addToolResults(results: readonly ToolResult[]): void {
    this.#messages.push({ role: 'tool', results });
  }
}
