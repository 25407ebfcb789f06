import type { STTBehaviour } from '@vision-agents/core/testing';
import { describeSTT } from '@vision-agents/core/testing';
import type { DeepgramFault } from '@vision-agents/sandbox';
import { speak, startSandbox } from '@vision-agents/sandbox';
import { describe, test } from 'vitest';

import { STT } from '../src/index.ts';

const SAMPLE_RATE_HZ = 16_000;
const TEXT = 'where is the sun';

/** How the sandbox does what the suite wants; what is not here it does by itself. */
const FAULTS: Partial<Record<STTBehaviour, readonly [fault: DeepgramFault, after: number]>> = {
  'hears-no-words': ['empty-transcript', 0],
  refuses: ['handshake-500', 0],
  'rejects-key': ['handshake-401', 0],
  'hangs-connecting': ['hung-upgrade', 0],
  stalls: ['stall', 0],
  'breaks-off': ['reset', 500],
};

/** The words between silences, the second of which ends the turn. */
function speech() {
  const words = speak(TEXT, { sampleRateHz: SAMPLE_RATE_HZ });
  const startMs = 200;
  const start = (startMs / 1000) * SAMPLE_RATE_HZ;
  const samples = new Int16Array(start + words.length + SAMPLE_RATE_HZ);
  samples.set(words, start);
  const endMs = startMs + (words.length / SAMPLE_RATE_HZ) * 1000;
  return { frame: { samples, sampleRateHz: SAMPLE_RATE_HZ }, text: TEXT, startMs, endMs };
}

describeSTT(
  'deepgram.STT',
  { describe, test },
  {
    async create(behaviours) {
      const sandbox = await startSandbox();
      for (const behaviour of behaviours) {
        const strike = FAULTS[behaviour];
        if (strike === undefined) continue;
        const [fault, after] = strike;
        sandbox.inject({ provider: 'deepgram', fault, times: 1, after });
      }
      return {
        stt: new STT({ apiKey: 'test-key', baseUrl: sandbox.deepgramUrl }),
        speech: speech(),
        close: () => sandbox.close(),
      };
    },
  },
);
