import { FallbackSTT, setLogLevel } from '@vision-agents/core';
import * as deepgram from '@vision-agents/plugin-deepgram';
import * as elevenlabs from '@vision-agents/plugin-elevenlabs';
import * as openai from '@vision-agents/plugin-openai';
import type { Sandbox } from '@vision-agents/sandbox';
import { beforeAll, describe, expect, test, vi } from 'vitest';

import { durationOf, sayTo } from './broken-line.ts';
import type { LineParts } from './broken-line.ts';
import { LoudnessDetector } from './loudness-detector.ts';

const SENTENCE = 'book a table for two';
/** So long that Nova is certain of its beginning before it is over. */
const LONG_SENTENCE = 'i would like to book a table for two tomorrow evening at eight please';
const CALL_MS = 60_000;
const STALL_MS = 800;

vi.setConfig({ maxConcurrency: 4 });

beforeAll(() => setLogLevel('silent'));

function deepgramOf(options: deepgram.STTOptions): (sandbox: Sandbox) => deepgram.STT {
  return ({ deepgramUrl: baseUrl }) => new deepgram.STT({ apiKey: 'x', baseUrl, ...options });
}

function scribeOf(options: elevenlabs.STTOptions): (sandbox: Sandbox) => elevenlabs.STT {
  return ({ elevenlabsUrl: baseUrl }) => new elevenlabs.STT({ apiKey: 'x', baseUrl, ...options });
}

function openaiOf(options: openai.STTOptions): (sandbox: Sandbox) => openai.STT {
  return ({ openaiUrl: baseUrl }) => new openai.STT({ apiKey: 'x', baseUrl, ...options });
}

const flux = deepgramOf({});
const nova = deepgramOf({ model: 'nova-3' });
const stalling = deepgramOf({ stallTimeoutMs: STALL_MS });
const deafToTurns = deepgramOf({ model: 'nova-3', endpointingMs: false });
const scribe = scribeOf({ vadSilenceMs: 400 });
const committing = scribeOf({ commitStrategy: 'manual' });

const RESET = { provider: 'deepgram', fault: 'reset' } as const;
const OPENAI_RESET = { provider: 'openai-transcription', fault: 'reset' } as const;
const SCRIBE_RESET = { provider: 'elevenlabs', fault: 'scribe-reset' } as const;

const LINES: readonly (Omit<LineParts, 'atMs'> & { readonly name: string })[] = [
  { name: 'Flux', stt: flux, fault: RESET },
  { name: 'Flux that is closed', stt: flux, fault: { ...RESET, fault: 'clean-close' } },
  { name: 'Flux that stalls', stt: stalling, fault: { ...RESET, fault: 'stall' } },
  { name: 'Nova', stt: nova, fault: RESET },
  { name: 'Scribe', stt: scribe, fault: SCRIBE_RESET },
  {
    name: 'Nova and a detector',
    stt: deafToTurns,
    turnDetector: new LoudnessDetector(),
    fault: RESET,
  },
  {
    name: 'Scribe and a detector',
    stt: committing,
    turnDetector: new LoudnessDetector(),
    fault: SCRIBE_RESET,
  },
  { name: 'OpenAI', stt: openaiOf({}), fault: OPENAI_RESET },
  {
    name: 'OpenAI and a detector',
    stt: openaiOf({ turnDetection: false }),
    turnDetector: new LoudnessDetector(),
    fault: OPENAI_RESET,
  },
  {
    name: 'Flux, and Scribe in its place',
    stt: (sandbox) => new FallbackSTT([flux(sandbox), scribe(sandbox)], { failureLimit: 1 }),
    fault: RESET,
  },
];

interface BreakingLine extends LineParts {
  readonly name: string;
  readonly moment: string;
  readonly sentence: string;
}

const CASES: readonly BreakingLine[] = LINES.flatMap((line) => {
  const at = (moment: string, share: number, sentence = SENTENCE): BreakingLine => {
    const atMs = share * durationOf(sentence);
    return { ...line, moment, sentence, atMs };
  };
  const cases = [at('at its beginning', 0.2), at('in its middle', 0.5), at('at its end', 0.95)];
  if (line.name.startsWith('Nova')) {
    cases.push(at('when its beginning is certain', 0.9, LONG_SENTENCE));
  }
  return cases;
});

describe.concurrent('a sentence in which the line breaks', () => {
  test.for(CASES)(
    '$moment is heard whole and answered once: $name',
    { timeout: CALL_MS },
    async ({ sentence, ...parts }) => {
      const call = await sayTo(parts, sentence);
      const { metrics, truth } = call;
      expect(call.turns.map(({ userText }) => userText)).toEqual([sentence]);
      expect(call.turns).toMatchObject([{ outcome: 'completed' }]);
      expect(call.errors).toHaveLength(1);
      expect(call.reconnects).toMatchObject([{ outcome: 'completed', attempt: 1 }]);
      expect(metrics.providerReconnects.total).toBe(1);
      expect(metrics.sttErrors.total).toBe(1);
      const sentMs = truth.counts['stt.audio_duration.ms'] ?? 0;
      expect(metrics.sttAudioDurationMs.sum).toBeCloseTo(sentMs, 3);
      expect(metrics.sttTranscripts.total).toBe(truth.counts['stt.transcripts']);
      expect(truth.problems).toEqual([]);
      // Times are those at which the caller spoke.
      const { speechEnd = Number.NaN } = call.turns[0]?.marks ?? {};
      expect(Math.abs(speechEnd - call.spokenAtMs)).toBeLessThan(150);
    },
  );
});
