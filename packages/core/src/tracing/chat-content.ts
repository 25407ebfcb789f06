import type { Message } from '../conversation/message.ts';
import type { LLMEndReason, LLMEvent, ToolCall } from '../llm/llm-events.ts';
import type { LLMRequest } from '../llm/llm-request.ts';

type Part = Readonly<Record<string, unknown>>;

/** What was said to a model and by it, as JSON in the shape of the GenAI conventions. */
export class ChatContent {
  readonly #request: LLMRequest;
  readonly #calls: ToolCall[] = [];
  #text = '';

  constructor(request: LLMRequest) {
    this.#request = request;
  }

  hear(event: LLMEvent): void {
    if (event.type === 'text') this.#text += event.text;
    if (event.type === 'tool-call') this.#calls.push(event.call);
  }

  input(): string {
    return JSON.stringify(this.#request.messages.map(inputMessage));
  }

  output(endReason: LLMEndReason | undefined): string {
    const parts = assistantParts(this.#text, this.#calls);
    return JSON.stringify([{ role: 'assistant', parts, finish_reason: endReason ?? 'error' }]);
  }
}

/** The instructions of a request as JSON. */
export function systemInstructions({ instructions }: LLMRequest): string {
  return JSON.stringify([text(instructions)]);
}

function inputMessage(message: Message): Readonly<Record<string, unknown>> {
  switch (message.role) {
    case 'user':
      return { role: 'user', parts: [text(message.text)] };
    case 'assistant':
      return { role: 'assistant', parts: assistantParts(message.text, message.toolCalls) };
    case 'tool':
      return {
        role: 'tool',
        parts: message.results.map(({ callId, output }) => ({
          type: 'tool_call_response',
          id: callId,
          response: output,
        })),
      };
  }
}

function assistantParts(words: string, calls: readonly ToolCall[]): Part[] {
  const asked = calls.map(({ id, name, arguments: given }) => ({
    type: 'tool_call',
    id,
    name,
    arguments: given,
  }));
  return words === '' ? asked : [text(words), ...asked];
}

function text(content: string): Part {
  return { type: 'text', content };
}
