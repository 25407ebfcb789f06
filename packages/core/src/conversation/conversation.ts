import type { ToolCall } from '../llm/llm-events.ts';
import type { Message, ToolResult } from './message.ts';

/** A round of an answer in which the model asked for tools. */
export interface ToolRound {
  /** What it said before it asked, and what was said while they were at work. */
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  /** One for each call; where there is none yet, what the model is told until it is there. */
  readonly results: readonly ToolResult[];
  readonly interrupted: boolean;
}

/** A round of tools in the conversation, as far as it can still change. */
export interface ToolRoundEntry {
  /** No more than this reached the caller, because the user cut it off or the voice failed. */
  cutTo(heard: string, interrupted: boolean): void;
  /** The result of a call is there, and takes its place. */
  settle(result: ToolResult): void;
}

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

  /** What the agent said. */
  addAssistant(text: string, interrupted: boolean): void {
    if (text !== '') this.#messages.push({ role: 'assistant', text, toolCalls: [], interrupted });
  }

  /**
   * What the agent said and which tools it asked for, and what came of each. They are added as one,
   * since providers refuse a call that is not followed by its result.
   */
  addToolRound({ text, toolCalls, results, interrupted }: ToolRound): ToolRoundEntry {
    let said = { role: 'assistant' as const, text, toolCalls, interrupted };
    let came = { role: 'tool' as const, results };
    const index = this.#messages.push(said, came) - 2;
    return {
      cutTo: (heard, wasInterrupted) => {
        said = { ...said, text: heard, interrupted: wasInterrupted };
        this.#messages[index] = said;
      },
      settle: (result) => {
        const settled = came.results.map((one) => (one.callId === result.callId ? result : one));
        came = { role: 'tool', results: settled };
        this.#messages[index + 1] = came;
      },
    };
  }
}
