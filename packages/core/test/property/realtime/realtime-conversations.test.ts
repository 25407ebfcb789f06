import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

import { startTelemetry } from '../../metrics/telemetry.ts';
import { realtimeProblemsOf } from './invariants/all.ts';
import { playRealtime } from './play-realtime.ts';
import type { RealtimeProfile } from './realtime-arbitraries.ts';
import { realtimeConversations } from './realtime-arbitraries.ts';

const PROFILES: readonly RealtimeProfile[] = [
  { name: 'one caller', callers: 1, reactions: 0 },
  { name: 'one caller, and a program that reacts at once', callers: 1, reactions: 3 },
  { name: 'two callers', callers: 2, reactions: 1 },
];

/** Of all profiles together. */
const RUNS = Number(process.env['VISION_AGENTS_PROPERTY_RUNS'] ?? 2000);
const SEED = Number(process.env['VISION_AGENTS_PROPERTY_SEED'] ?? 20_261_124);
/** A counter-example is made smaller for no longer than this. */
const TIME_LIMIT_MS = 120_000;

describe('whatever happens in a conversation with a realtime model', () => {
  it.each(PROFILES)(
    'its figures, its words and its silences are true: $name',
    async (profile) => {
      // The only chance in core is how long it waits before it connects again.
      vi.spyOn(Math, 'random').mockReturnValue(0.5);
      const telemetry = startTelemetry();
      const property = fc.asyncProperty(realtimeConversations(profile), async (plan) => {
        expect(realtimeProblemsOf(await playRealtime(plan, telemetry))).toEqual([]);
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
