import type { ToolResult } from '../conversation/message.ts';
import { errorText } from './tool-output.ts';

/** What a tool at work is made with. */
export interface ToolWorkParts {
  /** The same for calls that ask for the same. */
  readonly key: string;
  readonly readOnly: boolean;
  /** Gives it up when it is aborted. */
  readonly signal: AbortSignal;
  /** What comes of it; never rejects. */
  readonly done: Promise<ToolResult>;
}

/** A tool that does what a call of the model asked for, and what came of it. */
export class ToolWork {
  readonly key: string;
  readonly done: Promise<ToolResult>;
  readonly #parts: ToolWorkParts;
  #result: ToolResult | undefined;

  constructor(parts: ToolWorkParts) {
    this.#parts = parts;
    this.key = parts.key;
    this.done = parts.done;
    void parts.done.then((result) => (this.#result = result));
  }

  /**
   * Whether it serves another call for the same as well: while it goes on, and when it has succeeded
   * in doing something that must not be done twice. What only looks things up may look again, and
   * what failed may be tried again.
   */
  get isShared(): boolean {
    if (this.#parts.signal.aborted) return false;
    return this.#result === undefined || (this.#result.success && !this.#parts.readOnly);
  }

  /** What the model is told now: the result, or that there is none yet. */
  get present(): Omit<ToolResult, 'callId' | 'name'> {
    if (this.#result) return this.#result;
    const { signal } = this.#parts;
    return signal.aborted ? { output: errorText(signal.reason), success: false } : RUNNING;
  }
}

/** No failure: a model that took it for one would try again. */
const RUNNING = {
  output: JSON.stringify({
    status: 'running',
    note: 'It goes on, and its result will stand here when it is done. To wait for it, call it again with the same input: it is not run twice.',
  }),
  success: true,
};
