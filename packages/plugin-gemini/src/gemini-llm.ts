import type { GoogleGenAI } from '@google/genai';
import type { LLMEvent, LLMRequest } from '@vision-agents/core';
import { LLM as CoreLLM } from '@vision-agents/core';

import { PROVIDER } from './gemini-error.ts';
import { createClient, streamAnswer } from './gemini-llm-connection.ts';
import type { LLMOptions, LLMSettings } from './gemini-options.ts';
import { resolveLLMOptions } from './gemini-options.ts';
import { encodeRequest } from './gemini-wire.ts';

/**
 * A language model of Google Gemini, streamed over HTTP. One object serves any number of calls and
 * keeps its connections open between turns.
 * @throws ConfigurationError when an option cannot work or there is no key
 */
export class LLM extends CoreLLM {
  override readonly provider: string = PROVIDER;
  override readonly model: string;
  readonly #settings: LLMSettings;
  readonly #client: Promise<GoogleGenAI>;

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
    yield* streamAnswer(
      await this.#client,
      (abortSignal) => encodeRequest(request, this.#settings, abortSignal),
      signal,
    );
  }
}
