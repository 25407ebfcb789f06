import type { LLMEvent, LLMRequest } from '@vision-agents/core';
import { LLM as CoreLLM } from '@vision-agents/core';
import type OpenAI from 'openai';

import { streamAnswer } from './openai-answer.ts';
import { CompletionReader, encodeCompletionRequest } from './openai-chat-completions-wire.ts';
import { createClient } from './openai-client.ts';
import type { ChatCompletionsLLMOptions, ChatCompletionsLLMSettings } from './openai-options.ts';
import { resolveChatCompletionsLLMOptions } from './openai-options.ts';

/**
 * A language model behind chat completions, OpenAI's or those of any server that speaks like it, streamed
 * over HTTP. One object serves any number of calls and keeps its connections open between turns.
 * @throws ConfigurationError when an option cannot work, or there is no key or no model
 */
export class ChatCompletionsLLM extends CoreLLM {
  override readonly provider: string;
  override readonly model: string;
  readonly #settings: ChatCompletionsLLMSettings;
  readonly #client: Promise<OpenAI>;

  constructor(options: ChatCompletionsLLMOptions = {}) {
    super(options);
    this.#settings = resolveChatCompletionsLLMOptions(options);
    this.provider = this.#settings.provider;
    this.model = this.#settings.model;
    // Loading the SDK takes longer than a first token may: it is begun before there is a call.
    this.#client = createClient(this.#settings);
    // The first request says so; until then it is nobody's unhandled rejection.
    this.#client.catch(() => undefined);
  }

  protected override async *stream(
    request: LLMRequest,
    signal: AbortSignal,
  ): AsyncGenerator<LLMEvent, void, undefined> {
    const { chat } = await this.#client;
    const body = encodeCompletionRequest(request, this.#settings);
    yield* streamAnswer(
      this.provider,
      (httpSignal) => chat.completions.create(body, { signal: httpSignal }),
      new CompletionReader(this.provider),
      signal,
    );
  }
}
