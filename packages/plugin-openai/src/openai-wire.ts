import type { LLMEndReason, LLMEvent } from '@vision-agents/core';

import { malformedAnswer } from './openai-error.ts';

/** An object of JSON. */
export type Json = Readonly<Record<string, unknown>>;

/** Reads the chunks of one streamed answer. What is not known is left alone: the APIs grow. */
export interface AnswerReader {
  /**
   * What one chunk says.
   * @throws ProviderError when something that is known has another type than it must have, or when the
   * chunk says that the answer failed
   */
  read(chunk: unknown): Iterable<LLMEvent>;
  /** Why the model stopped; undefined while it has not. */
  readonly endReason: LLMEndReason | undefined;
  /** Whether anything worth waiting for can follow. */
  readonly isComplete: boolean;
}

/** A value of a known field: undefined when absent, and never of another type. */
export function known<T>(
  provider: string,
  value: unknown,
  isRight: (value: unknown) => value is T,
): T | undefined {
  if (value === undefined || value === null) return undefined;
  if (isRight(value)) return value;
  throw malformedAnswer(provider);
}

/** An object of JSON, no array. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text, which may be empty. */
export function isString(value: unknown): value is string {
  return typeof value === 'string';
}

/** A number of something. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value);
}

/**
 * The arguments that a model has written. What is no JSON stays a text: core refuses it as it does any
 * bad input, and the model can mend it.
 */
export function parseArguments(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The arguments of a call as a model writes them. */
export function encodeArguments(args: unknown): string {
  return typeof args === 'string' ? args : JSON.stringify(args ?? {});
}

/** What a tool has done, so that a failure can be told from an output. */
export function encodeToolOutput({
  success,
  output,
}: {
  success: boolean;
  output: string;
}): string {
  return success ? output : JSON.stringify({ error: output });
}
