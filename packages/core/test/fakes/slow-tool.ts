import type { Clock, Tool } from '../../src/index.ts';
import { tool } from '../../src/index.ts';
import { pause } from '../../src/testing/index.ts';
import { CITY_INPUT } from './city-input.ts';

/** How a slow tool is made. */
export interface SlowToolOptions {
  /** @default 1000 */
  readonly takesMs?: number;
  readonly readOnly?: boolean;
  /** What the first runs come to; the others succeed. */
  readonly failures?: readonly Error[];
}

/** A tool that takes its time, and notes how often it was run and how each run ended. */
export class SlowTool {
  readonly tool: Tool;
  begun = 0;
  readonly ends: ('done' | 'failed' | 'aborted')[] = [];

  constructor(clock: Clock, { takesMs = 1000, readOnly, failures = [] }: SlowToolOptions = {}) {
    this.tool = tool({
      description: 'Takes its time.',
      input: CITY_INPUT,
      ...(readOnly !== undefined && { readOnly }),
      execute: async ({ city }, { signal }) => {
        this.begun += 1;
        const run = this.begun;
        try {
          await pause(clock, takesMs, signal);
        } catch (error) {
          this.ends.push('aborted');
          throw error;
        }
        const failure = failures[run - 1];
        this.ends.push(failure ? 'failed' : 'done');
        if (failure) throw failure;
        return `${city}: run ${run}`;
      },
    });
  }
}
