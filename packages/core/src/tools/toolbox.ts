import type { Clock } from '../clock/clock.ts';
import type { ToolResult } from '../conversation/message.ts';
import { InterruptedError } from '../errors/interrupted-error.ts';
import type { ToolCall } from '../llm/llm-events.ts';
import type { LLMRecorder } from '../llm/llm-recorder.ts';
import type { ToolDeclaration } from '../llm/llm-request.ts';
import type { Logger } from '../logging/logger.ts';
import type { TraceScope } from '../tracing/trace-scope.ts';
import { callKey } from './call-key.ts';
import { runTool } from './run-tool.ts';
import { ToolWork } from './tool-work.ts';
import type { Tools } from './tool.ts';
import { toolDeclarations } from './tool.ts';

/** What a toolbox is made with. */
export interface ToolboxParts {
  readonly tools: Tools;
  readonly recorder: LLMRecorder;
  readonly clock: Clock;
}

/** Where a call of a tool comes from. */
export interface ToolRequest {
  /** Aborted when the answer is cut off: stops tools that are `readOnly`. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly trace: TraceScope | undefined;
}

/**
 * The tools of an agent in one call. Their work belongs to the call rather than to the answer that
 * wanted it: what an interrupted answer began may go on.
 */
export class Toolbox {
  /** The tools as the model is told of them. */
  readonly declarations: readonly ToolDeclaration[];
  readonly #parts: ToolboxParts;
  readonly #callEnd = new AbortController();
  readonly #atWork = new Set<ToolWork>();

  constructor(parts: ToolboxParts) {
    this.#parts = parts;
    this.declarations = toolDeclarations(parts.tools);
  }

  /** The work that is under way. */
  get atWork(): ReadonlySet<ToolWork> {
    return this.#atWork;
  }

  /** Has a call of the model done. Returns at once. */
  start(call: ToolCall, { signal: answer, logger, trace }: ToolRequest): ToolWork {
    const { tools } = this.#parts;
    const readOnly = Object.hasOwn(tools, call.name) && tools[call.name]?.readOnly === true;
    const callEnd = this.#callEnd.signal;
    const signal = readOnly ? AbortSignal.any([callEnd, answer]) : callEnd;
    const done = runTool(call, { ...this.#parts, signal, logger, trace });
    const work = new ToolWork({ key: callKey(call), readOnly, signal, done });
    this.#atWork.add(work);
    void done.then(() => this.#atWork.delete(work));
    return work;
  }

  /** The call is over: stops everything, which fails. Idempotent; never throws. */
  async close(): Promise<void> {
    this.#callEnd.abort(new InterruptedError());
    await Promise.all([...this.#atWork].map(({ done }): Promise<ToolResult> => done));
  }
}
