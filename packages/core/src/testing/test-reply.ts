import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';

/** A call of a tool that the model asked for in a reply, and what came of it. */
export interface TestedToolCall {
  readonly name: string;
  /** What the model gave, as parsed JSON. */
  readonly input: unknown;
  /** What the model got back, as text. */
  readonly output: string;
  /** Whether the tool did its work; false for a bad input too. */
  readonly success: boolean;
}

/** What an agent said to something, and the tools that it used for it. Its checks throw AssertionErrors. */
export class TestReply {
  readonly text: string;
  /** In the order in which the model asked for them. */
  readonly toolCalls: readonly TestedToolCall[];

  constructor(text: string, toolCalls: readonly TestedToolCall[]) {
    this.text = text;
    this.toolCalls = toolCalls;
  }

  /**
   * Checks that a tool was called, with this input where one is given, and returns the first such call.
   * @throws AssertionError which lists the calls that there were
   */
  expectToolCall(name: string, input?: unknown): TestedToolCall {
    const found = this.toolCalls.find(
      (call) => call.name === name && (input === undefined || isDeepStrictEqual(call.input, input)),
    );
    if (found !== undefined) return found;
    const wanted = described({ name, input });
    throw new assert.AssertionError({
      message: `expected a call of ${wanted}; ${this.#calls()}`,
      actual: this.toolCalls.map(described),
      expected: [wanted],
      operator: 'expectToolCall',
    });
  }

  /**
   * Checks that a tool was not called, or none at all.
   * @throws AssertionError which lists the calls that there were
   */
  expectNoToolCall(name?: string): void {
    const found = this.toolCalls.filter((call) => name === undefined || call.name === name);
    if (found.length === 0) return;
    throw new assert.AssertionError({
      message: `expected no call of ${name ?? 'any tool'}; ${this.#calls()}`,
      actual: found.map(described),
      expected: [],
      operator: 'expectNoToolCall',
    });
  }

  #calls(): string {
    if (this.toolCalls.length === 0) return `no tool was called, and the reply is "${this.text}"`;
    return `the calls were ${this.toolCalls.map(described).join(', ')}`;
  }
}

function described({ name, input }: { readonly name: string; readonly input?: unknown }): string {
  return input === undefined ? name : `${name}(${JSON.stringify(input)})`;
}
