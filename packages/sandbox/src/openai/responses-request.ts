import { parseObject } from '../json.ts';
import type { DeclaredFunction, Entry } from './brain-request.ts';

/** A reasoning item as it was given out and has to come back. */
export interface ReasoningItem {
  type: 'reasoning';
  id: string;
  summary: unknown[];
  encrypted_content?: string;
}

/** An item of the input, as far as the sandbox reads it. */
type InputItem =
  | { type?: 'message'; role: string; content: string | { text?: string }[] }
  | { type: 'function_call'; call_id: string; name: string; arguments: string }
  | { type: 'function_call_output'; call_id: string; output: string }
  | ReasoningItem;

/** The body of a request for a response, as far as the sandbox reads it. */
export interface ResponsesRequest {
  model: string;
  input: InputItem[];
  stream: true;
  instructions?: string;
  store?: boolean;
  include?: string[];
  reasoning?: { effort?: string };
  tools?: DeclaredFunction[];
}

/** Reads a body; a text says what is wrong with it. */
export function readResponsesRequest(json: string): ResponsesRequest | string {
  const body: unknown = parseObject(json);
  if (!isRequest(body)) return 'A response was asked for without a model, an input, or streaming.';
  const lax = body.tools?.find(
    ({ strict, parameters }) => strict !== false && parameters?.additionalProperties !== false,
  );
  // `strict` is on where nothing is said, unlike in chat completions.
  if (lax !== undefined) return 'A strict function allows additional properties.';
  const isEncrypted = body.include?.includes('reasoning.encrypted_content') === true;
  if (isEncrypted && !reasons(body)) return 'Encrypted content is not supported with this model.';
  return body;
}

/** Looks no deeper than what the sandbox relies on: the rest is read with care where it is read. */
function isRequest(body: unknown): body is ResponsesRequest {
  return (
    typeof body === 'object' &&
    body !== null &&
    'model' in body &&
    typeof body.model === 'string' &&
    'input' in body &&
    Array.isArray(body.input) &&
    body.input.length > 0 &&
    'stream' in body &&
    body.stream === true
  );
}

/** Whether the model reasons at all. */
export function reasons({ model }: ResponsesRequest): boolean {
  return !/^gpt-[34]/.test(model);
}

/** The input as entries of a conversation; reasoning is for the model's own eyes. */
export function entriesOf({ input }: ResponsesRequest): Entry[] {
  return input.flatMap((item): Entry[] => {
    if (item.type === 'reasoning') return [];
    if (item.type === 'function_call') {
      return [{ role: 'call', id: item.call_id, name: item.name, args: item.arguments }];
    }
    if (item.type === 'function_call_output') {
      return [{ role: 'result', id: item.call_id, output: item.output }];
    }
    return [{ role: item.role === 'assistant' ? 'model' : 'user', text: textOf(item.content) }];
  });
}

function textOf(content: string | { text?: string }[]): string {
  return typeof content === 'string' ? content : content.map(({ text }) => text ?? '').join('');
}
