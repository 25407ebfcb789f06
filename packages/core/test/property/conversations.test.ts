import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

import { startTelemetry } from '../metrics/telemetry.ts';
import { problemsOf } from './invariants/all.ts';
import type { Profile } from './plan-arbitraries.ts';
import { conversations } from './plan-arbitraries.ts';
import { play } from './play.ts';

const PROFILES: readonly Profile[] = [
  { name: 'one caller, whose turns the speech to text finds', turnEnds: ['stt'], callers: 1 },
  { name: 'one caller, whose turns a detector finds', turnEnds: ['detector'], callers: 1 },
  { name: 'one caller, whose every transcript is a turn', turnEnds: ['transcripts'], callers: 1 },
  { name: 'two callers', turnEnds: ['stt', 'stt', 'detector', 'transcripts'], callers: 2 },
];

/** Of all profiles together. */
const RUNS = Number(process.env['VISION_AGENTS_PROPERTY_RUNS'] ?? 4000);
const SEED = Number(process.env['VISION_AGENTS_PROPERTY_SEED'] ?? 20_261_124);
/** A counter-example is made smaller for no longer than this. */
const TIME_LIMIT_MS = 120_000;

describe('whatever happens in a conversation', () => {
  it.each(PROFILES)(
    'its figures, its words and its silences are true: $name',
    async (profile) => {
      // The only chance in core is how long it waits before it connects again.
      vi.spyOn(Math, 'random').mockReturnValue(0.5);
      const telemetry = startTelemetry();
      const property = fc.asyncProperty(conversations(profile), async (plan) => {
        expect(problemsOf(await play(plan, telemetry))).toEqual([]);
      });
      await fc.assert(property, {
        seed: SEED + PROFILES.indexOf(profile),
        numRuns: Math.ceil(RUNS / PROFILES.length),
        interruptAfterTimeLimit: TIME_LIMIT_MS,
        markInterruptAsFailure: true,
      });
    },
    2 * TIME_LIMIT_MS,
  );
});
