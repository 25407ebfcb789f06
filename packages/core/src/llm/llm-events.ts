/** A call of a tool that the model asks for. */
export interface ToolCall {
  /** Unique within the conversation; made up by the plugin where the provider sends none. */
  readonly id: string;
  readonly name: string;
  /** The arguments as parsed JSON; not yet checked against the tool's input. */
  readonly arguments: unknown;
  /** What the plugin must get back with this call in later requests, as it was; nobody else reads it. */
  readonly providerData?: unknown;
}

/** Tokens of one request. A later report of the same request replaces an earlier one. */
export interface LLMUsage {
  /** Cached ones included. */
  readonly inputTokens: number;
  /** Reasoning included where it is billed as output. */
  readonly outputTokens: number;
  readonly cachedInputTokens?: number;
  readonly reasoningTokens?: number;
}

/** Why a model stopped. Only the first two are an answer. */
export type LLMEndReason = 'stop' | 'tool-calls' | 'length' | 'content-filter' | 'other';

/** What one request yields, in order. The last event is `end`: a stream without it was cut off. */
export type LLMEvent =
  /**
   * A piece of what is no text has come: of reasoning, or of a tool call, which follows whole. It tells
   * that the model is at work, and for a tool call when its first token was there. Where a provider sends
   * calls whole there is none.
   */
  | { readonly type: 'progress'; readonly of: 'reasoning' | 'tool-call' }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool-call'; readonly call: ToolCall }
  | { readonly type: 'usage'; readonly usage: LLMUsage }
  | { readonly type: 'end'; readonly reason: LLMEndReason };
