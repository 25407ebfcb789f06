import { type Clock, systemClock } from '../clock/clock.ts';
import type { LLMEvent, ToolCall } from '../llm/llm-events.ts';
import type { LLMRequest } from '../llm/llm-request.ts';
import type { LLMTimeouts } from '../llm/llm.ts';
import { LLM } from '../llm/llm.ts';
import { pause } from './pause.ts';
import { Script } from './script.ts';

/** One thing that a scripted model does in a request. */
export type LLMStep =
  | LLMEvent
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'throw'; readonly error: Error };

/** What a scripted model is set up with. */
export interface ScriptedLLMOptions extends LLMTimeouts {
  /** What `wait` steps wait on. @default the process's clock */
  readonly clock?: Clock;
}

/** A model that answers by the script: one list of steps a request. */
export class ScriptedLLM extends LLM {
  readonly provider = 'scripted';
  readonly model = 'scripted-llm';
  readonly script: Script<readonly LLMStep[]>;
  /** What it was asked, in order. */
  readonly requests: LLMRequest[] = [];
  /** The signal of each request. */
  readonly signals: AbortSignal[] = [];
  readonly #clock: Clock;

  constructor(rounds: readonly (readonly LLMStep[])[], options: ScriptedLLMOptions = {}) {
    super(options);
    this.#clock = options.clock ?? systemClock;
    this.script = new Script('ScriptedLLM', rounds);
  }

  protected async *stream(request: LLMRequest, signal: AbortSignal): AsyncIterable<LLMEvent> {
    this.requests.push(request);
    this.signals.push(signal);
    for (const step of this.script.next(`request ${this.requests.length}`)) {
      if (step.type === 'wait') await pause(this.#clock, step.ms, signal);
      else if (step.type === 'throw') throw step.error;
      else yield step;
    }
  }
}

/** A round that says these pieces of text, the first after `afterMs`, each other one `everyMs` later. */
export function says(
  pieces: string | readonly string[],
  { afterMs = 0, everyMs = 0 }: { afterMs?: number; everyMs?: number } = {},
): LLMStep[] {
  const steps: LLMStep[] = [];
  for (const [index, text] of [pieces].flat().entries()) {
    const ms = index === 0 ? afterMs : everyMs;
    if (ms > 0) steps.push({ type: 'wait', ms });
    steps.push({ type: 'text', text });
  }
  steps.push(
    { type: 'usage', usage: { inputTokens: 10, outputTokens: 5 } },
    { type: 'end', reason: 'stop' },
  );
  return steps;
}

/** A round that asks for tools after `afterMs`. */
export function asksFor(
  calls: readonly ToolCall[],
  { afterMs = 0 }: { afterMs?: number } = {},
): LLMStep[] {
  return [
    { type: 'wait', ms: afterMs },
    ...calls.map((call) => ({ type: 'tool-call' as const, call })),
    { type: 'usage', usage: { inputTokens: 20, outputTokens: 7 } },
    { type: 'end', reason: 'tool-calls' },
  ];
}
