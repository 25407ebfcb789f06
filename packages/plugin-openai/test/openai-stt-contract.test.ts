import type { Skip, STTBehaviour } from '@vision-agents/core/testing';
import { describeSTT } from '@vision-agents/core/testing';
import type { OpenAITranscriptionFault } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { beforeAll, describe, test } from 'vitest';

import { STT } from '../src/index.ts';
import { SAMPLE_RATE_HZ, utterance } from './caller.ts';

// The SDK is slow to load; a test that times out for it would say nothing.
beforeAll(() => import('openai/realtime/ws'), 60_000);

const FAULTS: Partial<
  Record<STTBehaviour, readonly [fault: OpenAITranscriptionFault, after: number]>
> = {
  'hears-no-words': ['empty-transcript', 0],
  refuses: ['handshake-500', 0],
  'rejects-key': ['handshake-401', 0],
  'hangs-connecting': ['hung-upgrade', 0],
  // Silence is no stall where nobody speaks: this one answers no ping either.
  stalls: ['slow-reader', 0],
  'breaks-off': ['reset', 700],
};

const SPOKEN = 'where is the sun';

/** The words between silences: the first is longer than what OpenAI takes along of it, the second ends the turn. */
function speech() {
  const startMs = 500;
  const words = utterance(SPOKEN, 0);
  const start = (startMs / 1000) * SAMPLE_RATE_HZ;
  const samples = new Int16Array(start + words.length + SAMPLE_RATE_HZ);
  samples.set(words, start);
  const endMs = startMs + (words.length / SAMPLE_RATE_HZ) * 1000;
  return { frame: { samples, sampleRateHz: SAMPLE_RATE_HZ }, text: SPOKEN, startMs, endMs };
}

const reason = 'OpenAI tells no times of words; those of the turn are its detector’s';

const WITHOUT_TIMES: readonly Skip[] = [
  { test: 'tells when it was spoken', reason },
  { test: 'measures an utterance once', reason },
];

describe.each([
  ["OpenAI's turn detection", 'gpt-4o-mini-transcribe', { type: 'server_vad' }, []],
  ["the agent's turn detector", 'gpt-4o-mini-transcribe', false, WITHOUT_TIMES],
  ["the agent's turn detector", 'gpt-live-transcribe', false, WITHOUT_TIMES],
] as const)('with %s, by %s', (_, model, turnDetection, skip) => {
  describeSTT(
    'openai.STT',
    { describe, test },
    {
      skip,
      async create(behaviours) {
        const sandbox = await startSandbox({ delays: { commitMs: 10 } });
        for (const behaviour of behaviours) {
          const strike = FAULTS[behaviour];
          if (strike === undefined) continue;
          const [fault, after] = strike;
          sandbox.inject({ provider: 'openai-transcription', fault, times: 1, after });
        }
        return {
          stt: new STT({ apiKey: 'test-key', baseUrl: sandbox.openaiUrl, model, turnDetection }),
          speech: speech(),
          close: () => sandbox.close(),
        };
      },
    },
  );
});
