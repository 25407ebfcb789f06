import type { Clock } from '../clock/clock.ts';
import type { ToolResult } from '../conversation/message.ts';
import { AgentError } from '../errors/agent-error.ts';
import type { ToolCall } from '../llm/llm-events.ts';
import type { LLMRecorder } from '../llm/llm-recorder.ts';
import type { Logger } from '../logging/logger.ts';
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
}

/**
 * Runs one call that the model asked for. Never throws: what goes wrong goes back to the model as an
 * error that it can mend or tell, and is counted as a failure.
 */
export async function runTool(call: ToolCall, run: ToolRun): Promise<ToolResult> {
  const { clock, recorder, logger } = run;
  const tool = Object.hasOwn(run.tools, call.name) ? run.tools[call.name] : undefined;
  const startedAtMs = clock.now();
  let success = false;
  let output: string;
  try {
    if (tool === undefined) throw new AgentError('unknown_tool', 'there is no tool of this name');
    output = outputText(await limited(tool, call.arguments, run));
    success = true;
  } catch (error) {
    output = errorText(error);
    logger.warn({ tool: tool ? call.name : 'other', error }, 'a tool call failed');
  }
  recorder.toolCall(tool ? call.name : 'other', success, clock.now() - startedAtMs);
  return { callId: call.id, name: call.name, output, success };
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
