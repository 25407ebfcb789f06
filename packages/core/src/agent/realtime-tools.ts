import type { ToolResult } from '../conversation/message.ts';
import { InterruptedError } from '../errors/interrupted-error.ts';
import type { ToolCall } from '../llm/llm-events.ts';
import { childLogger } from '../logging/child-logger.ts';
import type { Logger } from '../logging/logger.ts';
import { callKey } from '../tools/call-key.ts';
import type { ToolWork } from '../tools/tool-work.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import type { Turn } from '../turn/turn.ts';

/** A tool that the model waits for. */
interface WantedTool {
  readonly controller: AbortController;
  readonly onOver: () => void;
}

/** Who wants a tool's result. */
export interface ToolClient {
  readonly turn: Turn;
  /** Tells the model. */
  readonly send: (results: readonly ToolResult[]) => void;
  /** The result was sent, or is not wanted any more. */
  readonly onOver: () => void;
}

/** Runs what a realtime model asks for, beside the conversation, and tells it what came of it. */
export class RealtimeTools {
  readonly #toolbox: Toolbox;
  readonly #logger: Logger;
  readonly #wanted = new Map<string, WantedTool>();

  constructor(toolbox: Toolbox, logger: Logger) {
    this.#toolbox = toolbox;
    this.#logger = logger;
  }

  /** Has a call done. Returns at once. */
  start(call: ToolCall, { turn, send, onOver }: ToolClient): void {
    const wanted = { controller: new AbortController(), onOver };
    this.#wanted.set(call.id, wanted);
    const work = this.#workFor(call, turn, wanted.controller.signal);
    const over = (result: ToolResult): void => {
      if (this.#wanted.get(call.id) !== wanted) return;
      this.#wanted.delete(call.id);
      onOver();
      send([{ ...result, callId: call.id }]);
    };
    void work.done.then(over);
  }

  /**
   * The model wants the results no more: what only looks things up is stopped. What does something goes
   * on, and serves the model when it asks again.
   */
  cancel(callIds: readonly string[]): void {
    for (const callId of callIds) {
      const wanted = this.#wanted.get(callId);
      this.#wanted.delete(callId);
      wanted?.controller.abort(new InterruptedError());
      wanted?.onOver();
    }
  }

  #workFor(call: ToolCall, turn: Turn, signal: AbortSignal): ToolWork {
    const key = callKey(call);
    const earlier = [...this.#toolbox.atWork].find((work) => work.key === key && work.isShared);
    if (earlier) return earlier;
    const logger = childLogger(this.#logger, turn.logFields);
    return this.#toolbox.start(call, { signal, logger, trace: turn.trace?.scope });
  }
}
