import type { Clock, LLMEvent, LLMRequest, LLMTimeouts, ToolCall } from '../../src/index.ts';
import { LLM } from '../../src/index.ts';
import { pause, Script } from './script.ts';

/** One thing that a scripted model does in a request. */
export type LLMStep =
  | LLMEvent
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'throw'; readonly error: Error };

/** A model that answers by the script: one list of steps a request. */
export class FakeLLM extends LLM {
  readonly provider = 'fake';
  readonly model = 'fake-llm';
  readonly script: Script<readonly LLMStep[]>;
  /** What it was asked, in order. */
  readonly requests: LLMRequest[] = [];
  /** The signal of each request. */
  readonly signals: AbortSignal[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock, rounds: readonly (readonly LLMStep[])[], timeouts?: LLMTimeouts) {
    super(timeouts);
    this.#clock = clock;
    this.script = new Script('FakeLLM', rounds);
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
