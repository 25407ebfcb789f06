import type { LLM as CoreLLM } from '@vision-agents/core';
import type { LLMBehaviour, Skip, TTSBehaviour } from '@vision-agents/core/testing';
import { describeLLM, describeTTS, LLM_TOOL } from '@vision-agents/core/testing';
import type { OpenAIFault } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { beforeAll, describe, test } from 'vitest';

import { ChatCompletionsLLM, LLM, TTS } from '../src/index.ts';
import { heard } from './hearing.ts';

// The SDK is slow to load; a test that times out for it would say nothing.
beforeAll(() => import('openai'), 60_000);

const TEXT = 'The sun is a star. It is far away.';
const TOOL_CALLS = ['Paris', 'Rome'].map((city) => ({ name: LLM_TOOL, args: { city } }));

/** How the sandbox does what the suite wants; what is not here it does by itself. */
const LLM_FAULTS: Partial<Record<LLMBehaviour, OpenAIFault>> = {
  refuses: 'status-503',
  'rejects-key': 'status-401',
  hangs: 'stall-before-first',
  stalls: 'stall',
  fails: 'error-event',
  'breaks-off': 'eof',
};

function contractOfModel(name: string, create: (baseUrl: string) => CoreLLM): void {
  describeLLM(
    name,
    { describe, test },
    {
      async create(behaviours) {
        const replies = behaviours.map((behaviour) =>
          behaviour === 'calls-tools' ? { toolCalls: TOOL_CALLS } : { text: TEXT },
        );
        const sandbox = await startSandbox({
          delays: { firstTokenMs: 1, completeMs: 5 },
          reply: () => replies.shift(),
        });
        for (const behaviour of behaviours) {
          const fault = LLM_FAULTS[behaviour];
          if (fault !== undefined) sandbox.inject({ provider: 'openai', fault, times: 1 });
        }
        return {
          llm: create(sandbox.openaiUrl),
          text: TEXT,
          served() {
            const { counts } = sandbox.truth();
            return {
              inputTokens: counts['llm.tokens.input'] ?? 0,
              outputTokens: counts['llm.tokens.output'] ?? 0,
              cachedInputTokens: counts['llm.tokens.input.cached'] ?? 0,
              reasoningTokens: counts['llm.tokens.output.reasoning'] ?? 0,
            };
          },
          close: () => sandbox.close(),
        };
      },
    },
  );
}

contractOfModel('openai.LLM', (baseUrl) => new LLM({ apiKey: 'test-key', baseUrl }));
contractOfModel(
  'openai.ChatCompletionsLLM',
  (baseUrl) =>
    new ChatCompletionsLLM({
      apiKey: 'test-key',
      baseUrl,
      provider: 'openai',
      model: 'gpt-5.4-mini',
      reasoningEffort: 'low',
    }),
);

const TTS_FAULTS: Partial<Record<TTSBehaviour, readonly [fault: OpenAIFault, after: number]>> = {
  'speaks-oddly': ['speech-odd-chunks', 0],
  refuses: ['speech-500', 0],
  'rejects-key': ['speech-401', 0],
  hangs: ['speech-stall', 0],
  stalls: ['speech-stall', 1],
  'breaks-off': ['speech-reset', 1],
};

const NO_CONNECTION = 'there is no connection that could hang: each text is a request';

const TTS_SKIPS: readonly Skip[] = [
  {
    test: 'fails when the provider says in the middle that it cannot go on',
    reason: 'an HTTP answer cannot say that once its audio has begun',
  },
  { test: 'times out when a connection does not open', reason: NO_CONNECTION },
  { test: 'stops connecting when the call is aborted', reason: NO_CONNECTION },
];

describeTTS(
  'openai.TTS',
  { describe, test },
  {
    skip: TTS_SKIPS,
    async create(behaviours) {
      const sandbox = await startSandbox({ delays: { firstAudioMs: 1, lastAudioMs: 10 } });
      for (const behaviour of behaviours) {
        const strike = TTS_FAULTS[behaviour];
        if (strike === undefined) continue;
        const [fault, after] = strike;
        sandbox.inject({ provider: 'openai', fault, times: 1, after });
      }
      return {
        tts: new TTS({ apiKey: 'test-key', baseUrl: sandbox.openaiUrl }),
        heard,
        close: () => sandbox.close(),
      };
    },
  },
);
