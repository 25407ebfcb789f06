import { randomUUID } from 'node:crypto';

import type { Content, GenerateContentParameters, Part } from '@google/genai';
import type {
  LLMEndReason,
  LLMEvent,
  LLMRequest,
  LLMUsage,
  Message,
  ToolCall,
  ToolResult,
} from '@vision-agents/core';

import { malformedAnswer, protocolError } from './gemini-error.ts';
import type { LLMSettings } from './gemini-options.ts';
import type { Json } from './json-fields.ts';
import { isCount, isObject, isString, known } from './json-fields.ts';

/** One event of a streamed answer. */
export interface AnswerChunk {
  /** Usage first: whoever stops reading in mid-chunk has been told what it cost. */
  readonly events: readonly LLMEvent[];
  /** Set when the answer is over: the service's word, or `PROMPT_BLOCKED`. */
  readonly finishReason: string | undefined;
}

/** A request as the SDK takes it. */
export function encodeRequest(
  request: LLMRequest,
  settings: LLMSettings,
  abortSignal: AbortSignal,
): GenerateContentParameters {
  const { instructions, tools = [] } = request;
  const { model, temperature, maxOutputTokens, thinkingBudgetTokens } = settings;
  const functionDeclarations = tools.map(({ name, description, inputSchema }) => ({
    name,
    description,
    parametersJsonSchema: inputSchema,
  }));
  return {
    model,
    contents: encodeMessages(request.messages),
    config: {
      abortSignal,
      // It opens further requests behind our back and adds up their usage.
      automaticContinuation: false,
      ...(instructions === '' ? {} : { systemInstruction: instructions }),
      ...(tools.length === 0 ? {} : { tools: [{ functionDeclarations }] }),
      ...(temperature === undefined ? {} : { temperature }),
      ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
      ...(thinkingBudgetTokens === undefined
        ? {}
        : { thinkingConfig: { thinkingBudget: thinkingBudgetTokens } }),
    },
  };
}

/** A conversation as Gemini takes it: turns of `user`, which hold the tools' results too, and `model`. */
export function encodeMessages(messages: readonly Message[]): Content[] {
  const calls = new Map<string, Part>();
  const contents: Content[] = [];
  for (const message of messages) {
    switch (message.role) {
      case 'user':
        contents.push({ role: 'user', parts: [{ text: message.text }] });
        break;
      case 'assistant': {
        const parts: Part[] = message.text === '' ? [] : [{ text: message.text }];
        for (const call of message.toolCalls) {
          const part = encodeToolCall(call);
          calls.set(call.id, part);
          parts.push(part);
        }
        // A turn without parts is refused.
        if (parts.length > 0) contents.push({ role: 'model', parts });
        break;
      }
      case 'tool':
        contents.push({
          role: 'user',
          parts: message.results.map((result) => encodeToolResult(result, calls)),
        });
        break;
    }
  }
  // A conversation has to begin with the user, and an agent may have said hello first.
  if (contents[0]?.role === 'model') contents.unshift({ role: 'user', parts: [{ text: '.' }] });
  return contents;
}

/** The very part that the service sent, with its thought signature, where there is one. */
function encodeToolCall({ id, name, arguments: args, providerData }: ToolCall): Part {
  if (isObject(providerData) && isObject(providerData['functionCall'])) return providerData;
  return { functionCall: { id, name, args: isObject(args) ? args : {} } };
}

/** Under the id that the call has on the wire: none where the service sent none. */
function encodeToolResult(result: ToolResult, calls: ReadonlyMap<string, Part>): Part {
  const call = calls.get(result.callId);
  const id = call ? call.functionCall?.id : result.callId;
  const response = result.success ? { output: result.output } : { error: result.output };
  return { functionResponse: { ...(id === undefined ? {} : { id }), name: result.name, response } };
}

/**
 * One event of a streamed answer. What is not known is left alone: the API grows.
 * @throws ProviderError when something that is known has another type than it must have
 */
export function parseChunk(chunk: unknown): AnswerChunk {
  const { usageMetadata, candidates, promptFeedback } = known(chunk, isObject) ?? {};
  const usage = known(usageMetadata, isObject);
  const candidate = known(known(candidates, Array.isArray)?.[0], isObject);
  const parts = known(known(candidate?.['content'], isObject)?.['parts'], Array.isArray) ?? [];
  const isBlocked = known(known(promptFeedback, isObject)?.['blockReason'], isString) !== undefined;
  return {
    events: [
      ...(usage ? [{ type: 'usage', usage: parseUsage(usage) } as const] : []),
      ...parts.flatMap((part: unknown) => parsePart(known(part, isObject) ?? {})),
    ],
    finishReason: isBlocked
      ? 'PROMPT_BLOCKED'
      : known(candidate?.['finishReason'], isString) || undefined,
  };
}

function parsePart(part: Json): LLMEvent[] {
  const text = known(part['text'], isString);
  const call = known(part['functionCall'], isObject);
  if (call) return [{ type: 'tool-call', call: parseToolCall(call, part) }];
  // A thought is not for the caller's ears.
  return text && part['thought'] !== true ? [{ type: 'text', text }] : [];
}

/** @throws ProviderError when it has no name */
export function parseToolCall(call: Json, part: Json): ToolCall {
  const name = known(call['name'], isString);
  if (!name) throw malformedAnswer();
  return {
    id: known(call['id'], isString) || randomUUID(),
    name,
    arguments: known(call['args'], isObject) ?? {},
    providerData: part,
  };
}

/** The running totals of a request. Thoughts are billed as output but are not among the candidates' tokens. */
function parseUsage(usage: Json): LLMUsage {
  const tokens = (name: string): number | undefined => known(usage[name], isCount);
  const reasoningTokens = tokens('thoughtsTokenCount');
  const cachedInputTokens = tokens('cachedContentTokenCount');
  return {
    inputTokens: (tokens('promptTokenCount') ?? 0) + (tokens('toolUsePromptTokenCount') ?? 0),
    outputTokens: (tokens('candidatesTokenCount') ?? 0) + (reasoningTokens ?? 0),
    ...(cachedInputTokens === undefined ? {} : { cachedInputTokens }),
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
  };
}

const FILTERED = new Set([
  'PROMPT_BLOCKED',
  'SAFETY',
  'RECITATION',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_RECITATION',
]);

/** The model produced what the API itself cannot read: another try may help, there is no answer. */
const BROKEN = new Set([
  'MALFORMED_FUNCTION_CALL',
  'MALFORMED_RESPONSE',
  'MISSING_THOUGHT_SIGNATURE',
  'TOO_MANY_TOOL_CALLS',
  'UNEXPECTED_TOOL_CALL',
]);

/**
 * Why the model stopped, in core's words.
 * @throws ProviderError when it stopped because what it made is broken
 */
export function endReasonOf(finishReason: string, hasToolCalls: boolean): LLMEndReason {
  if (finishReason === 'STOP') return hasToolCalls ? 'tool-calls' : 'stop';
  if (finishReason === 'MAX_TOKENS') return 'length';
  if (FILTERED.has(finishReason)) return 'content-filter';
  if (BROKEN.has(finishReason)) {
    throw protocolError(finishReason, 'the model made an answer that the service refuses');
  }
  return 'other';
}
