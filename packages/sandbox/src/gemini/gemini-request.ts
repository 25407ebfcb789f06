import { parseObject } from '../json.ts';

/** A part of a message, as far as the sandbox reads it. */
export interface GeminiPart {
  text?: string;
  thought?: boolean;
  thoughtSignature?: string;
  functionCall?: { id?: string; name: string; args?: Record<string, unknown> };
  functionResponse?: { id?: string; name: string; response?: Record<string, unknown> };
}

/** A function that the model may call. */
export interface GeminiFunction {
  name: string;
  parameters?: { properties?: Record<string, unknown> };
  parametersJsonSchema?: { properties?: Record<string, unknown> };
}

/** The body of a request, as far as the sandbox reads it. */
export interface GeminiRequest {
  contents: { role?: string; parts?: GeminiPart[] }[];
  systemInstruction?: { parts?: GeminiPart[] };
  tools?: { functionDeclarations?: GeminiFunction[] }[];
  generationConfig?: { thinkingConfig?: { thinkingBudget?: number; includeThoughts?: boolean } };
}

/** Reads a body; undefined when it is not a request. */
export function readGeminiRequest(json: string): GeminiRequest | undefined {
  const body: unknown = parseObject(json);
  return isRequest(body) ? body : undefined;
}

/** Looks no deeper than what the sandbox relies on: the rest is read with care where it is read. */
function isRequest(body: unknown): body is GeminiRequest {
  return (
    typeof body === 'object' &&
    body !== null &&
    'contents' in body &&
    Array.isArray(body.contents) &&
    body.contents.length > 0
  );
}

/** The text of a message's parts, thoughts left out. */
export function textOfParts(parts: readonly GeminiPart[] = []): string {
  return parts
    .filter((part) => part.thought !== true)
    .map((part) => part.text ?? '')
    .join('');
}

/** All parts of all messages, in order. */
export function partsOf(request: GeminiRequest): GeminiPart[] {
  return request.contents.flatMap((content) => content.parts ?? []);
}
