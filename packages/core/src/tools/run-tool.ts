import type { Clock } from '../clock/clock.ts';
import type { ToolResult } from '../conversation/message.ts';
import { AgentError } from '../errors/agent-error.ts';
import type { ToolCall } from '../llm/llm-events.ts';
import type { LLMRecorder } from '../llm/llm-recorder.ts';
import { errorFields } from '../logging/error-fields.ts';
import type { Logger } from '../logging/logger.ts';
import { within } from '../tracing/operation-span.ts';
import { ToolSpan } from '../tracing/tool-span.ts';
import type { TraceScope } from '../tracing/trace-scope.ts';
import { activeScope } from '../tracing/trace-scope.ts';
import { errorText, outputText } from './tool-output.ts';
import type { Tool, Tools } from './tool.ts';

/** What running a tool needs. */
export interface ToolRun {
  readonly tools: Tools;
  /** Gives the tool up, whatever it does. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly recorder: LLMRecorder;
  /** Where its span belongs. @default within the span that is active */
  readonly trace?: TraceScope | undefined;
}

/**
 * Runs one call that the model asked for. Never throws: what goes wrong goes back to the model as an
 * error that it can mend or tell, and is counted as a failure.
 */
export async function runTool(call: ToolCall, run: ToolRun): Promise<ToolResult> {
  const { clock, recorder, logger } = run;
  const tool = Object.hasOwn(run.tools, call.name) ? run.tools[call.name] : undefined;
  const name = tool ? call.name : 'other';
  const startedAtMs = clock.now();
  const span = ToolSpan.start(run.trace ?? activeScope(clock), name, call, startedAtMs);
  let failure: unknown;
  let success = false;
  let output: string;
  try {
    if (tool === undefined) throw new AgentError('unknown_tool', 'there is no tool of this name');
    const { scope } = span ?? {};
    output = outputText(await within(scope, () => limited(tool, call.arguments, run)));
    success = true;
  } catch (error) {
    failure = error;
    output = errorText(error);
    logger.warn({ tool: name, ...errorFields(error) }, 'a tool call failed');
  }
  const durationMs = clock.now() - startedAtMs;
  recorder.toolCall(name, success, durationMs, failure);
  const result = { callId: call.id, name: call.name, output, success };
  span?.end({ result, durationMs, error: failure });
  return result;
}

async function limited(tool: Tool, input: unknown, run: ToolRun): Promise<unknown> {
  run.signal.throwIfAborted();
  const controller = new AbortController();
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = (error: unknown): void => {
    reject(error);
    controller.abort(error);
  };
  const cancelTimer = run.clock.after(tool.timeoutMs, () =>
    stop(new AgentError('tool_timeout', `it took longer than ${tool.timeoutMs} ms`)),
  );
  const onAbort = (): void => stop(run.signal.reason);
  run.signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([tool.run(input, { signal: controller.signal }), stopped]);
  } finally {
    cancelTimer();
    run.signal.removeEventListener('abort', onAbort);
  }
}
