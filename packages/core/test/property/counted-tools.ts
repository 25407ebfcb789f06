import type { InputSchema, Tools } from '../../src/index.ts';
import { tool } from '../../src/index.ts';
import type { ManualClock } from '../../src/testing/index.ts';
import { pause } from '../../src/testing/index.ts';
import type { RunPlan } from './conversation-plan.ts';
import { planFor } from './served.ts';

/** One run of a tool as the tool saw it. */
export interface ServedRun {
  readonly tool: 'look' | 'act';
  readonly input: number;
  end: 'running' | 'done' | 'failed';
}

const TIMEOUT_MS = 2000;

/** Two tools, `look` which only looks things up and `act` which does something, and what they did. */
export class CountedTools {
  readonly runs: ServedRun[] = [];
  /** Runs of the same side by side, of what must not be done twice. */
  readonly doubled: string[] = [];
  readonly tools: Tools;
  readonly #plans: readonly RunPlan[];
  readonly #clock: ManualClock;

  constructor(plans: readonly RunPlan[], clock: ManualClock) {
    this.#plans = plans;
    this.#clock = clock;
    this.tools = { look: this.#tool('look'), act: this.#tool('act') };
  }

  #tool(name: 'look' | 'act'): Tools[string] {
    return tool({
      description: `Does "${name}".`,
      input: this.#schema(name),
      timeoutMs: TIMEOUT_MS,
      readOnly: name === 'look',
      execute: async (run, { signal }) => {
        const plan = planFor(this.#plans, this.runs.indexOf(run));
        try {
          if (plan.end === 'hang') await this.#hang(run, signal);
          if (plan.takesMs > 0) await pause(this.#clock, plan.takesMs, signal);
          if (plan.end === 'error') throw new Error('the tool failed');
          run.end = 'done';
          return `${name} ${run.input}`;
        } catch (error) {
          run.end = 'failed';
          throw error;
        }
      },
    });
  }

  /** Does not even notice that it is given up; only the books do. */
  #hang(run: ServedRun, signal: AbortSignal): Promise<never> {
    signal.addEventListener('abort', () => (run.end = 'failed'), { once: true });
    return new Promise(() => undefined);
  }

  /** Checking the input is the first thing that a run does: there it is counted. */
  #schema(name: 'look' | 'act'): InputSchema<ServedRun> {
    return {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => {
          const input = inputOf(value);
          const isSame = (run: ServedRun): boolean => run.tool === name && run.input === input;
          const isTwice = this.runs.some((run) => isSame(run) && run.end === 'running');
          if (isTwice && name === 'act') this.doubled.push(`${name} ${input}`);
          const run: ServedRun = { tool: name, input, end: input < 0 ? 'failed' : 'running' };
          this.runs.push(run);
          return input < 0 ? { issues: [{ message: 'must not be negative' }] } : { value: run };
        },
        jsonSchema: { input: () => ({ type: 'object' }) },
      },
    };
  }
}

function inputOf(value: unknown): number {
  return typeof value === 'object' && value !== null && 'input' in value ? Number(value.input) : -1;
}
