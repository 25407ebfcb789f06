import type { Message } from '../conversation/message.ts';

/** A tool as a provider is told of it. */
export interface ToolDeclaration {
  /** Letters, digits, `_` and `-`, at most 64: what every provider accepts. */
  readonly name: string;
  readonly description: string;
  /** JSON Schema (2020-12) of an object. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

/** One request to a language model. Everything it needs is in it: models keep no state. */
export interface LLMRequest {
  readonly instructions: string;
  /** At least one, the last of them from the user or a tool. */
  readonly messages: readonly Message[];
  readonly tools?: readonly ToolDeclaration[];
}
