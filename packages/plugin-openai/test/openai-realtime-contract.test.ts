import type { RealtimeBehaviour } from '@vision-agents/core/testing';
import { describeRealtime, LLM_TOOL } from '@vision-agents/core/testing';
import type { OpenAIRealtimeFault } from '@vision-agents/sandbox';
import { speak, startSandbox } from '@vision-agents/sandbox';
import { describe, test } from 'vitest';

import { Realtime } from '../src/index.ts';

const SAMPLE_RATE_HZ = 24_000;
const SAID = 'where is the sun';
const ANSWER = 'The sun is far away.';
const LONG_ANSWER = Array.from({ length: 20 }, () => ANSWER).join(' ');

/** How the sandbox does what the suite wants; what is not here it does by itself. */
const FAULTS: Partial<Record<RealtimeBehaviour, OpenAIRealtimeFault>> = {
  'answers-oddly': 'odd-sized-audio',
  refuses: 'handshake-503',
  'rejects-key': 'handshake-401',
  'hangs-connecting': 'hung-upgrade',
  'breaks-off': 'reset',
};

/** The words between silences, the second of which ends the turn. */
function speech() {
  const words = speak(SAID, { sampleRateHz: SAMPLE_RATE_HZ });
  const startMs = 400;
  const start = (startMs / 1000) * SAMPLE_RATE_HZ;
  const samples = new Int16Array(start + words.length + SAMPLE_RATE_HZ);
  samples.set(words, start);
  const endMs = startMs + (words.length / SAMPLE_RATE_HZ) * 1000;
  return { frame: { samples, sampleRateHz: SAMPLE_RATE_HZ }, text: SAID, startMs, endMs };
}

describeRealtime(
  'openai.Realtime',
  { describe, test },
  {
    async create(behaviours) {
      const goesOn = behaviours.includes('goes-on');
      let mayCallTool = behaviours.includes('calls-tool');
      const sandbox = await startSandbox({
        delays: goesOn
          ? { firstTokenMs: 1, completeMs: 60_000 }
          : { firstTokenMs: 1, completeMs: 5 },
        reply: () => {
          if (!mayCallTool) return { text: goesOn ? LONG_ANSWER : ANSWER };
          mayCallTool = false;
          return { toolCalls: [{ name: LLM_TOOL, args: { city: 'Paris' } }] };
        },
      });
      for (const behaviour of behaviours) {
        const fault = FAULTS[behaviour];
        if (fault !== undefined) sandbox.inject({ provider: 'openai-realtime', fault, times: 1 });
      }
      return {
        model: new Realtime({ apiKey: 'test-key', baseUrl: sandbox.openaiUrl }),
        speech: speech(),
        text: ANSWER,
        served() {
          const { counts } = sandbox.truth();
          return {
            inputTokens: counts['realtime.tokens.input'] ?? 0,
            outputTokens: counts['realtime.tokens.output'] ?? 0,
          };
        },
        servedBytes: () => sandbox.truth().counts['realtime.audio.output.bytes'] ?? 0,
        close: () => sandbox.close(),
      };
    },
  },
);
