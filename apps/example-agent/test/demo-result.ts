import { z } from 'zod';

import type { DemoResult } from '../src/demo/comparison.ts';

/** What the demo prints with `--json`. */
export const demoResult: z.ZodType<DemoResult> = z.strictObject({
  ok: z.boolean(),
  calls: z.number(),
  turns: z.number(),
  counts: z.record(
    z.string(),
    z.strictObject({
      measured: z.number(),
      truth: z.number(),
      inFlight: z.number().exactOptional(),
    }),
  ),
  latencies: z.record(
    z.string(),
    z.strictObject({ count: z.number(), meanMs: z.number(), truthMeanMs: z.number() }),
  ),
  silence: z.strictObject({
    interruptions: z.number(),
    interruptionLatencyMeanMs: z.number(),
    timeToSilenceMeanMs: z.number(),
  }),
  problems: z.array(z.string()),
});
