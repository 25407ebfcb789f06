import { parseObject } from '../json.ts';
import type { DeclaredFunction, Entry } from './brain-request.ts';

/** A message, as far as the sandbox reads it. */
type ChatMessage =
  | { role: 'system' | 'developer' | 'user'; content: string }
  | {
      role: 'assistant';
      content?: string | null;
      tool_calls?: { id: string; function: { name: string; arguments: string } }[];
    }
  | { role: 'tool'; tool_call_id: string; content: string };

/** The body of a request for a completion, as far as the sandbox reads it. */
export interface ChatRequest {
  model: string;
  messages: ChatMessage[];
  stream: true;
  stream_options?: { include_usage?: boolean };
  reasoning_effort?: string;
  tools?: { function: DeclaredFunction }[];
}

/** Reads a body; a text says what is wrong with it. */
export function readChatRequest(json: string): ChatRequest | string {
  const body: unknown = parseObject(json);
  return isRequest(body)
    ? body
    : 'A completion was asked for without a model, messages, or streaming.';
}

/** Looks no deeper than what the sandbox relies on: the rest is read with care where it is read. */
function isRequest(body: unknown): body is ChatRequest {
  return (
    typeof body === 'object' &&
    body !== null &&
    'model' in body &&
    typeof body.model === 'string' &&
    'messages' in body &&
    Array.isArray(body.messages) &&
    body.messages.length > 0 &&
    'stream' in body &&
    body.stream === true
  );
}

/** What the model is told to be. */
export function instructionsOf({ messages }: ChatRequest): string {
  return messages
    .map((message) =>
      message.role === 'system' || message.role === 'developer' ? message.content : '',
    )
    .join('');
}

/** The messages as entries of a conversation. */
export function chatEntriesOf({ messages }: ChatRequest): Entry[] {
  return messages.flatMap((message): Entry[] => {
    switch (message.role) {
      case 'system':
      case 'developer':
        return [];
      case 'user':
        return [{ role: 'user', text: message.content }];
      case 'tool':
        return [{ role: 'result', id: message.tool_call_id, output: message.content }];
      case 'assistant':
        return [
          ...(message.content ? [{ role: 'model' as const, text: message.content }] : []),
          ...(message.tool_calls ?? []).map(({ id, function: { name, arguments: args } }) => ({
            role: 'call' as const,
            id,
            name,
            args,
          })),
        ];
    }
  });
}
