import type { LLMEvent, LLMRequest } from '@vision-agents/core';
import { LLM as CoreLLM } from '@vision-agents/core';
import type OpenAI from 'openai';

import { streamAnswer } from './openai-answer.ts';
import { createClient } from './openai-client.ts';
import { PROVIDER } from './openai-error.ts';
import type { LLMOptions, LLMSettings } from './openai-options.ts';
import { resolveLLMOptions } from './openai-options.ts';
import { encodeRequest, ResponseReader } from './openai-responses-wire.ts';

/**
 * A language model of OpenAI, by the Responses API, streamed over HTTP. One object serves any number of
 * calls and keeps its connections open between turns.
 * @throws ConfigurationError when an option cannot work or there is no key
 */
export class LLM extends CoreLLM {
  override readonly provider: string = PROVIDER;
  override readonly model: string;
  readonly #settings: LLMSettings;
  readonly #client: Promise<OpenAI>;

  constructor(options: LLMOptions = {}) {
    super(options);
    this.#settings = resolveLLMOptions(options);
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
    const { responses } = await this.#client;
    const body = encodeRequest(request, this.#settings);
    yield* streamAnswer(
      PROVIDER,
      (httpSignal) => responses.create(body, { signal: httpSignal }),
      new ResponseReader(this.#settings.store),
      signal,
    );
  }
}
