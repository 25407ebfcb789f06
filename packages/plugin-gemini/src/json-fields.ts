import { malformedAnswer } from './gemini-error.ts';

/** An object as it came. */
export type Json = Readonly<Record<string, unknown>>;

/**
 * A value of a known field: undefined when absent, and never of another type.
 * @throws ProviderError when it is of another type
 */
export function known<T>(value: unknown, isRight: (value: unknown) => value is T): T | undefined {
  if (value === undefined || value === null) return undefined;
  if (isRight(value)) return value;
  throw malformedAnswer();
}

/** For {@link known}. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** For {@link known}. */
export function isString(value: unknown): value is string {
  return typeof value === 'string';
}

/** For {@link known}. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value);
}
