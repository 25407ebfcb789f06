import type {
  LLMEndReason,
  LLMEvent,
  LLMRequest,
  LLMUsage,
  Message,
  ToolCall,
} from '@vision-agents/core';
import type OpenAI from 'openai';

import { failedAnswer, malformedAnswer, PROVIDER } from './openai-error.ts';
import type { LLMSettings } from './openai-options.ts';
import type { AnswerReader, Json } from './openai-wire.ts';
import {
  encodeArguments,
  encodeToolOutput,
  isCount,
  isObject,
  isString,
  known as knownOf,
  parseArguments,
} from './openai-wire.ts';

type Request = OpenAI.Responses.ResponseCreateParamsStreaming;
type InputItem = OpenAI.Responses.ResponseInputItem;

/**
 * What comes back with a call: the very items that led to it. Reasoning is encrypted, since OpenAI keeps
 * nothing; without it the model would begin its thought again in the next round.
 */
interface CallItems {
  /** Reasoning that led to a message before the call. */
  readonly beforeText: readonly InputItem[];
  /** Reasoning that led to the call, and the call. */
  readonly items: readonly InputItem[];
}

/** A request as the SDK takes it: all of the conversation, since nothing is kept at OpenAI. */
export function encodeRequest(request: LLMRequest, settings: LLMSettings): Request {
  const { instructions, tools = [] } = request;
  const { model, store, temperature, maxOutputTokens, reasoningEffort } = settings;
  return {
    model,
    stream: true,
    store,
    input: request.messages.flatMap(encodeMessage),
    ...(instructions !== '' && { instructions }),
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, inputSchema }) => ({
        type: 'function' as const,
        name,
        description,
        parameters: inputSchema,
        // It is on where nothing is said, and refuses most schemas.
        strict: false,
      })),
    }),
    ...(!store && reasons(settings) && { include: ['reasoning.encrypted_content' as const] }),
    ...(reasoningEffort !== undefined && { reasoning: { effort: reasoningEffort } }),
    ...(temperature !== undefined && { temperature }),
    ...(maxOutputTokens !== undefined && { max_output_tokens: maxOutputTokens }),
  };
}

/** Whether a model reasons: those that do not refuse to encrypt what they think. */
function reasons({ model, reasoningEffort }: LLMSettings): boolean {
  return (
    reasoningEffort !== undefined || !/^(?:ft:)?(?:chatgpt|gpt-[34])|-chat-latest$/.test(model)
  );
}

function encodeMessage(message: Message): InputItem[] {
  switch (message.role) {
    case 'user':
      return [{ role: 'user', content: message.text }];
    case 'tool':
      return message.results.map((result) => ({
        type: 'function_call_output',
        call_id: result.callId,
        output: encodeToolOutput(result),
      }));
    case 'assistant': {
      const { text, toolCalls } = message;
      const calls = toolCalls.map(encodeToolCall);
      return [
        ...calls.flatMap(({ beforeText }) => beforeText),
        ...(text === '' ? [] : [{ role: 'assistant' as const, content: text }]),
        ...calls.flatMap(({ items }) => items),
      ];
    }
  }
}

function encodeToolCall({ id, name, arguments: args, providerData }: ToolCall): CallItems {
  if (isCallItems(providerData)) return providerData;
  const call = {
    type: 'function_call',
    call_id: id,
    name,
    arguments: encodeArguments(args),
  } as const;
  return { beforeText: [], items: [call] };
}

/** Calls that another provider made in the same conversation have something else, or nothing. */
function isCallItems(value: unknown): value is CallItems {
  return isObject(value) && Array.isArray(value['beforeText']) && Array.isArray(value['items']);
}

/** Reads the events of one streamed response. */
export class ResponseReader implements AnswerReader {
  readonly #isStored: boolean;
  #endReason: LLMEndReason | undefined;
  #beforeText: Json[] = [];
  #thoughts: Json[] = [];
  #answer: 'text' | 'tool-calls' | 'refusal' = 'text';
  #lastNumber = 0;

  /** @param isStored whether OpenAI keeps the items of this conversation */
  constructor(isStored: boolean) {
    this.#isStored = isStored;
  }

  get endReason(): LLMEndReason | undefined {
    return this.#endReason;
  }

  get isComplete(): boolean {
    return this.#endReason !== undefined;
  }

  *read(chunk: unknown): Generator<LLMEvent, void, undefined> {
    const event = known(chunk, isObject) ?? {};
    if (this.#hasCome(event['sequence_number'])) return;
    switch (known(event['type'], isString) ?? '') {
      case 'response.refusal.delta':
        // It is made to be read to the user, as any answer is.
        this.#answer = 'refusal';
        yield* textOf(event);
        return;
      case 'response.output_text.delta':
        yield* textOf(event);
        return;
      case 'response.reasoning_text.delta':
      case 'response.reasoning_summary_text.delta':
        yield { type: 'progress', of: 'reasoning' };
        return;
      case 'response.function_call_arguments.delta':
        yield { type: 'progress', of: 'tool-call' };
        return;
      case 'response.output_item.added':
        if (itemOf(event)['type'] === 'function_call') yield { type: 'progress', of: 'tool-call' };
        return;
      case 'response.output_item.done':
        yield* this.#readItem(itemOf(event));
        return;
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
        yield* this.#readEnd(known(event['response'], isObject) ?? {});
        return;
      case 'error':
        throw failedAnswer(PROVIDER, event);
      default:
    }
  }

  /** Events are numbered from 0; not every server that speaks like OpenAI counts. */
  #hasCome(number: unknown): boolean {
    if (!isCount(number) || number === 0) return false;
    const isDuplicate = number === this.#lastNumber;
    this.#lastNumber = number;
    return isDuplicate;
  }

  *#readItem(item: Json): Generator<LLMEvent, void, undefined> {
    switch (known(item['type'], isString) ?? '') {
      case 'reasoning':
        // Without its content OpenAI would look for it, and it keeps none.
        if (this.#isStored || isString(item['encrypted_content'])) this.#thoughts.push(item);
        return;
      case 'message':
        this.#beforeText.push(...this.#thoughts.splice(0));
        return;
      case 'function_call':
        // Of an answer that was cut off in the middle of its arguments.
        if (item['status'] === 'incomplete') return;
        this.#answer = 'tool-calls';
        yield { type: 'tool-call', call: this.#toolCall(item) };
        return;
      default:
    }
  }

  #toolCall(item: Json): ToolCall {
    const name = known(item['name'], isString);
    const id = known(item['call_id'], isString);
    if (!name || !id) throw malformedAnswer(PROVIDER);
    const providerData = {
      beforeText: this.#beforeText.splice(0),
      items: [...this.#thoughts.splice(0), item],
    };
    const args = parseArguments(known(item['arguments'], isString) ?? '');
    return { id, name, arguments: args, providerData };
  }

  *#readEnd(response: Json): Generator<LLMEvent, void, undefined> {
    const usage = known(response['usage'], isObject);
    // First: it was paid for, whatever became of it.
    if (usage) yield { type: 'usage', usage: parseUsage(usage) };
    const status = known(response['status'], isString);
    if (status === 'completed') this.#endReason = REASONS[this.#answer];
    else if (status === 'incomplete') {
      const details = known(response['incomplete_details'], isObject) ?? {};
      this.#endReason = incompleteReason(details['reason']);
    } else throw failedAnswer(PROVIDER, known(response['error'], isObject) ?? {});
  }
}

const REASONS = { text: 'stop', 'tool-calls': 'tool-calls', refusal: 'content-filter' } as const;

function incompleteReason(reason: unknown): LLMEndReason {
  if (reason === 'max_output_tokens') return 'length';
  return reason === 'content_filter' ? 'content-filter' : 'other';
}

function* textOf(event: Json): Generator<LLMEvent, void, undefined> {
  const text = known(event['delta'], isString);
  if (text) yield { type: 'text', text };
}

function itemOf(event: Json): Json {
  return known(event['item'], isObject) ?? {};
}

function parseUsage(usage: Json): LLMUsage {
  const inputDetails = known(usage['input_tokens_details'], isObject) ?? {};
  const outputDetails = known(usage['output_tokens_details'], isObject) ?? {};
  return {
    inputTokens: known(usage['input_tokens'], isCount) ?? 0,
    outputTokens: known(usage['output_tokens'], isCount) ?? 0,
    cachedInputTokens: known(inputDetails['cached_tokens'], isCount) ?? 0,
    reasoningTokens: known(outputDetails['reasoning_tokens'], isCount) ?? 0,
  };
}

function known<T>(value: unknown, isRight: (value: unknown) => value is T): T | undefined {
  return knownOf(PROVIDER, value, isRight);
}
