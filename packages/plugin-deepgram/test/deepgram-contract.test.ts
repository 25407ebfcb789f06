import type { STTBehaviour, TTSBehaviour } from '@vision-agents/core/testing';
import { describeSTT, describeTTS } from '@vision-agents/core/testing';
import type { DeepgramFault } from '@vision-agents/sandbox';
import { speak, startSandbox } from '@vision-agents/sandbox';
import { beforeAll, describe, test } from 'vitest';

import { STT, TTS } from '../src/index.ts';
import { heard } from './hearing.ts';

// The SDK takes a while to load; a test that times out for it would say nothing.
beforeAll(() => import('@deepgram/sdk'), 60_000);

const SAMPLE_RATE_HZ = 16_000;
const TEXT = 'where is the sun';

type Strike = readonly [fault: DeepgramFault, after: number];

/** How the sandbox does what the suites want; what is not here it does by itself. */
const STT_FAULTS: Partial<Record<STTBehaviour, Strike>> = {
  'hears-no-words': ['empty-transcript', 0],
  refuses: ['handshake-500', 0],
  'rejects-key': ['handshake-401', 0],
  'hangs-connecting': ['hung-upgrade', 0],
  stalls: ['stall', 0],
  'breaks-off': ['reset', 500],
};

const TTS_FAULTS: Partial<Record<TTSBehaviour, Strike>> = {
  'speaks-oddly': ['speak-odd-sized-audio', 0],
  refuses: ['speak-handshake-500', 0],
  'rejects-key': ['speak-handshake-401', 0],
  hangs: ['speak-stall', 0],
  stalls: ['speak-stall', 1],
  fails: ['speak-error-message', 1],
  'breaks-off': ['speak-reset', 1],
  'hangs-connecting': ['speak-hung-upgrade', 0],
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

async function sandboxWith<Behaviour extends string>(
  behaviours: readonly Behaviour[],
  faults: Partial<Record<Behaviour, Strike>>,
) {
  const sandbox = await startSandbox({ delays: { firstAudioMs: 1, lastAudioMs: 10 } });
  for (const behaviour of behaviours) {
    const strike = faults[behaviour];
    if (strike === undefined) continue;
    const [fault, after] = strike;
    sandbox.inject({ provider: 'deepgram', fault, times: 1, after });
  }
  return sandbox;
}

for (const model of ['flux-general-en', 'nova-3']) {
  describeSTT(
    `deepgram.STT on ${model}`,
    { describe, test },
    {
      async create(behaviours) {
        const sandbox = await sandboxWith(behaviours, STT_FAULTS);
        return {
          stt: new STT({ apiKey: 'test-key', baseUrl: sandbox.deepgramUrl, model }),
          speech: speech(),
          close: () => sandbox.close(),
        };
      },
    },
  );
}

for (const model of ['flux-haley-en', 'aura-2-thalia-en']) {
  describeTTS(
    `deepgram.TTS with ${model}`,
    { describe, test },
    {
      async create(behaviours) {
        const sandbox = await sandboxWith(behaviours, TTS_FAULTS);
        return {
          tts: new TTS({ apiKey: 'test-key', baseUrl: sandbox.deepgramUrl, model }),
          heard,
          close: () => sandbox.close(),
        };
      },
    },
  );
}
