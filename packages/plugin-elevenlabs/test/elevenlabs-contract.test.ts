import type { Skip, STTBehaviour, TTSBehaviour } from '@vision-agents/core/testing';
import { describeSTT, describeTTS } from '@vision-agents/core/testing';
import type { ElevenLabsFault } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { beforeAll, describe, test } from 'vitest';

import { STT, TTS } from '../src/index.ts';
import { SAMPLE_RATE_HZ, utterance } from './caller.ts';
import { heard } from './hearing.ts';

// The SDK is slow to load; a test that times out for it would say nothing.
beforeAll(() => import('@elevenlabs/elevenlabs-js'), 60_000);

type Faults = Partial<Record<TTSBehaviour, readonly [fault: ElevenLabsFault, after: number]>>;

const SOCKET_FAULTS: Faults = {
  'speaks-oddly': ['odd-sized-audio', 0],
  refuses: ['handshake-500', 0],
  'rejects-key': ['handshake-401', 0],
  hangs: ['stall', 0],
  stalls: ['stall', 1],
  fails: ['error-message', 1],
  'breaks-off': ['reset', 1],
  'hangs-connecting': ['hung-upgrade', 0],
};

const HTTP_FAULTS: Faults = {
  'speaks-oddly': ['http-odd-chunks', 0],
  refuses: ['http-500', 0],
  'rejects-key': ['http-401', 0],
  hangs: ['http-stall', 0],
  stalls: ['http-stall', 1],
  'breaks-off': ['http-reset', 1],
};

const NO_CONNECTION = 'there is no connection that could hang: each text is a request';

const HTTP_SKIPS: readonly Skip[] = [
  {
    test: 'fails when the provider says in the middle that it cannot go on',
    reason: 'an HTTP answer cannot say that once its audio has begun',
  },
  { test: 'times out when a connection does not open', reason: NO_CONNECTION },
  { test: 'stops connecting when the call is aborted', reason: NO_CONNECTION },
];

function contractOf(transport: 'websocket' | 'http', faults: Faults, skip: readonly Skip[]) {
  describeTTS(
    `elevenlabs.TTS over ${transport}`,
    { describe, test },
    {
      skip,
      async create(behaviours) {
        const sandbox = await startSandbox({
          delays: { firstAudioMs: 1, lastAudioMs: 10 },
        });
        for (const behaviour of behaviours) {
          const strike = faults[behaviour];
          if (strike === undefined) continue;
          const [fault, after] = strike;
          sandbox.inject({ provider: 'elevenlabs', fault, times: 1, after });
        }
        return {
          tts: new TTS({ apiKey: 'test-key', baseUrl: sandbox.elevenlabsUrl, transport }),
          heard,
          close: () => sandbox.close(),
        };
      },
    },
  );
}

contractOf('websocket', SOCKET_FAULTS, []);
contractOf('http', HTTP_FAULTS, HTTP_SKIPS);

const SCRIBE_FAULTS: Partial<
  Record<STTBehaviour, readonly [fault: ElevenLabsFault, after: number]>
> = {
  'hears-no-words': ['scribe-empty-transcript', 0],
  refuses: ['scribe-handshake-500', 0],
  'rejects-key': ['scribe-refused-session', 0],
  'hangs-connecting': ['scribe-hung-upgrade', 0],
  // Silence is no stall where nobody speaks: this one answers no ping either.
  stalls: ['scribe-slow-reader', 0],
  'breaks-off': ['scribe-reset', 500],
};

const SPOKEN = 'where is the sun';

/** The words between silences, the second of which ends the turn. */
function speech() {
  const startMs = 200;
  const words = utterance(SPOKEN, 0);
  const start = (startMs / 1000) * SAMPLE_RATE_HZ;
  const samples = new Int16Array(start + words.length + SAMPLE_RATE_HZ);
  samples.set(words, start);
  const endMs = startMs + (words.length / SAMPLE_RATE_HZ) * 1000;
  return { frame: { samples, sampleRateHz: SAMPLE_RATE_HZ }, text: SPOKEN, startMs, endMs };
}

describe.each(['vad', 'manual'] as const)('with commits by %s', (commitStrategy) => {
  describeSTT(
    'elevenlabs.STT',
    { describe, test },
    {
      async create(behaviours) {
        const sandbox = await startSandbox({ delays: { commitMs: 10 } });
        for (const behaviour of behaviours) {
          const strike = SCRIBE_FAULTS[behaviour];
          if (strike === undefined) continue;
          const [fault, after] = strike;
          sandbox.inject({ provider: 'elevenlabs', fault, times: 1, after });
        }
        return {
          stt: new STT({ apiKey: 'test-key', baseUrl: sandbox.elevenlabsUrl, commitStrategy }),
          speech: speech(),
          close: () => sandbox.close(),
        };
      },
    },
  );
});
