import type { LLM as CoreLLM, LLMTimeouts } from '@vision-agents/core';

import { ChatCompletionsLLM, LLM } from '../src/index.ts';

/** What the models of this package are made with in tests, whichever API they use. */
export type ModelOptions = LLMTimeouts & { baseUrl: string; apiKey?: string };

/** The models of this package, as names of tests have them. */
export const MODELS: readonly (readonly [string, (options: ModelOptions) => CoreLLM])[] = [
  ['LLM', (options) => new LLM({ apiKey: 'test-key', ...options })],
  [
    'ChatCompletionsLLM',
    (options) =>
      new ChatCompletionsLLM({
        apiKey: 'test-key',
        provider: 'openai',
        model: 'gpt-5.4-mini',
        ...options,
      }),
  ],
];
