import { randomUUID } from 'node:crypto';

import type {
  LLMEndReason,
  LLMEvent,
  LLMRequest,
  LLMUsage,
  Message,
  ToolCall,
} from '@vision-agents/core';
import type OpenAI from 'openai';

import { malformedAnswer } from './openai-error.ts';
import type { ChatCompletionsLLMSettings } from './openai-options.ts';
import type { AnswerReader, Json } from './openai-wire.ts';
import {
  encodeArguments,
  encodeToolOutput,
  isCount,
  isObject,
  isString,
  known,
  parseArguments,
} from './openai-wire.ts';
import { ThinkFilter } from './think-filter.ts';

type Request = OpenAI.Chat.ChatCompletionCreateParamsStreaming;
type ChatMessage = OpenAI.Chat.ChatCompletionMessageParam;

/** A request as the SDK takes it. */
export function encodeCompletionRequest(
  request: LLMRequest,
  settings: ChatCompletionsLLMSettings,
): Request {
  const { instructions, tools = [] } = request;
  const { model, isOpenAI, temperature, maxOutputTokens, reasoningEffort } = settings;
  const system = { role: 'system', content: instructions } as const;
  // OpenAI's models that reason know the new name alone, other servers often only the old one.
  const limit = isOpenAI ? 'max_completion_tokens' : 'max_tokens';
  return {
    model,
    stream: true,
    // Without it there is no usage at all.
    stream_options: { include_usage: true },
    messages: [
      ...(instructions === '' ? [] : [system]),
      ...request.messages.flatMap(encodeMessage),
    ],
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, inputSchema }) => ({
        type: 'function' as const,
        function: { name, description, parameters: inputSchema },
      })),
    }),
    ...(reasoningEffort !== undefined && { reasoning_effort: reasoningEffort }),
    ...(temperature !== undefined && { temperature }),
    ...(maxOutputTokens !== undefined && { [limit]: maxOutputTokens }),
  };
}

function encodeMessage(message: Message): ChatMessage[] {
  switch (message.role) {
    case 'user':
      return [{ role: 'user', content: message.text }];
    case 'tool':
      return message.results.map((result) => ({
        role: 'tool',
        tool_call_id: result.callId,
        content: encodeToolOutput(result),
      }));
    case 'assistant': {
      const { text, toolCalls } = message;
      // A message without anything is refused.
      if (text === '' && toolCalls.length === 0) return [];
      return [
        {
          role: 'assistant',
          content: text === '' ? null : text,
          ...(toolCalls.length > 0 && { tool_calls: toolCalls.map(encodeToolCall) }),
        },
      ];
    }
  }
}

function encodeToolCall({
  id,
  name,
  arguments: args,
}: ToolCall): OpenAI.Chat.ChatCompletionMessageFunctionToolCall {
  return { id, type: 'function', function: { name, arguments: encodeArguments(args) } };
}

/** A call that comes in pieces. */
interface PartialCall {
  readonly index: number;
  id: string;
  name: string;
  arguments: string;
}

/** Reads the chunks of one streamed completion. */
export class CompletionReader implements AnswerReader {
  readonly #provider: string;
  readonly #thinkFilter = new ThinkFilter();
  readonly #calls: PartialCall[] = [];
  #isRefused = false;
  #endReason: LLMEndReason | undefined;
  #isComplete = false;

  constructor(provider: string) {
    this.#provider = provider;
  }

  get endReason(): LLMEndReason | undefined {
    return this.#endReason;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  *read(chunk: unknown): Generator<LLMEvent, void, undefined> {
    const fields = this.#known(chunk, isObject) ?? {};
    const usage = this.#known(fields['usage'], isObject);
    if (usage) yield { type: 'usage', usage: this.#usage(usage) };
    const choice = this.#known(this.#known(fields['choices'], Array.isArray)?.[0], isObject);
    if (choice) yield* this.#readChoice(choice);
    // The usage comes last, in a chunk of its own; some servers send it with every chunk as well.
    this.#isComplete = this.#endReason !== undefined && usage !== undefined && !choice;
  }

  *#readChoice(choice: Json): Generator<LLMEvent, void, undefined> {
    yield* this.#readDelta(this.#known(choice['delta'], isObject) ?? {});
    const finishReason = this.#known(choice['finish_reason'], isString);
    if (!finishReason || this.#endReason !== undefined) return;
    const rest = this.#thinkFilter.flush();
    if (rest !== '') yield { type: 'text', text: rest };
    const endReason = this.#endReasonOf(finishReason);
    if (endReason === 'tool-calls') {
      for (const call of this.#calls) yield { type: 'tool-call', call: this.#toolCall(call) };
    }
    this.#endReason = endReason;
  }

  *#readDelta(delta: Json): Generator<LLMEvent, void, undefined> {
    // Servers of open models have one of two names for it.
    if (delta['reasoning_content'] || delta['reasoning'])
      yield { type: 'progress', of: 'reasoning' };
    const content = this.#known(delta['content'], isString);
    if (content) {
      const text = this.#thinkFilter.push(content);
      yield text === '' ? { type: 'progress', of: 'reasoning' } : { type: 'text', text };
    }
    const refusal = this.#known(delta['refusal'], isString);
    if (refusal) {
      // It is made to be read to the user, as any answer is.
      this.#isRefused = true;
      yield { type: 'text', text: refusal };
    }
    for (const piece of this.#known(delta['tool_calls'], Array.isArray) ?? []) {
      this.#readCall(this.#known(piece, isObject) ?? {});
      yield { type: 'progress', of: 'tool-call' };
    }
  }

  #readCall(piece: Json): void {
    const index = this.#known(piece['index'], isCount) ?? 0;
    const id = this.#known(piece['id'], isString) ?? '';
    const called = this.#known(piece['function'], isObject) ?? {};
    let call = this.#calls.findLast((one) => one.index === index);
    // Some servers give every call the same index: then the id tells them apart.
    if (call === undefined || (id !== '' && call.id !== '' && id !== call.id)) {
      call = { index, id: '', name: '', arguments: '' };
      this.#calls.push(call);
    }
    call.id ||= id;
    call.name ||= this.#known(called['name'], isString) ?? '';
    call.arguments += this.#known(called['arguments'], isString) ?? '';
  }

  #toolCall({ id, name, arguments: args }: PartialCall): ToolCall {
    if (name === '') throw malformedAnswer(this.#provider);
    return { id: id || randomUUID(), name, arguments: parseArguments(args) };
  }

  #endReasonOf(finishReason: string): LLMEndReason {
    switch (finishReason) {
      case 'stop':
      case 'tool_calls':
        // Some servers say `stop` after calls as well.
        if (this.#calls.length > 0) return 'tool-calls';
        return this.#isRefused ? 'content-filter' : 'stop';
      case 'length':
        return 'length';
      case 'content_filter':
        return 'content-filter';
      default:
        return 'other';
    }
  }

  #usage(usage: Json): LLMUsage {
    const tokens = (from: unknown, name: string): number | undefined =>
      this.#known(this.#known(from, isObject)?.[name], isCount);
    const cachedInputTokens = tokens(usage['prompt_tokens_details'], 'cached_tokens');
    const reasoningTokens = tokens(usage['completion_tokens_details'], 'reasoning_tokens');
    return {
      inputTokens: tokens(usage, 'prompt_tokens') ?? 0,
      outputTokens: tokens(usage, 'completion_tokens') ?? 0,
      ...(cachedInputTokens !== undefined && { cachedInputTokens }),
      ...(reasoningTokens !== undefined && { reasoningTokens }),
    };
  }

  #known<T>(value: unknown, isRight: (value: unknown) => value is T): T | undefined {
    return known(this.#provider, value, isRight);
  }
}
