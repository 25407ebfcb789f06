import type { LLMBehaviour } from '@vision-agents/core/testing';
import { describeLLM, LLM_TOOL } from '@vision-agents/core/testing';
import type { GeminiFault } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { describe, test } from 'vitest';

import { LLM } from '../src/index.ts';

const TEXT = 'The sun is a star. It is far away.';
const TOOL_CALLS = ['Paris', 'Rome'].map((city) => ({ name: LLM_TOOL, args: { city } }));

/** How the sandbox does what the suite wants; what is not here it does by itself. */
const FAULTS: Partial<Record<LLMBehaviour, GeminiFault>> = {
  refuses: 'status-503',
  'rejects-key': 'status-401',
  hangs: 'stall-before-first',
  stalls: 'stall',
  fails: 'error-event',
  'breaks-off': 'eof',
};

describeLLM(
  'gemini.LLM',
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
        const fault = FAULTS[behaviour];
        if (fault !== undefined) sandbox.inject({ provider: 'gemini', fault, times: 1 });
      }
      return {
        llm: new LLM({ apiKey: 'test-key', baseUrl: sandbox.geminiUrl }),
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
