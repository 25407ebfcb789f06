import type { ErrorType } from '@vision-agents/core';
import { errorTypeOfStatus, ProviderError } from '@vision-agents/core';

/** The `provider` label of what OpenAI itself does. */
export const PROVIDER = 'openai';

/** OpenAI's own names of errors, in the bodies of refusals and in mid-stream. */
const TYPES_BY_CODE: Readonly<Record<string, ErrorType>> = {
  invalid_api_key: 'authentication',
  insufficient_quota: 'quota',
  billing_hard_limit_reached: 'quota',
  rate_limit_exceeded: 'rate_limit',
  server_error: 'unavailable',
  server_overloaded: 'unavailable',
  context_length_exceeded: 'bad_request',
  invalid_prompt: 'bad_request',
  model_not_found: 'bad_request',
  invalid_request_error: 'bad_request',
};

/** What a status alone does not tell: a used-up quota is the same 429 as too many requests a minute. */
const CODES_WORTH_A_LABEL = new Set(['insufficient_quota', 'billing_hard_limit_reached']);

/**
 * Anything that a request or its answer can throw, as a `ProviderError`.
 * @param isReading whether the headers were there already: what is not understood then, the service
 * has sent
 */
export function openAIError(provider: string, error: unknown, isReading: boolean): ProviderError {
  if (error instanceof ProviderError) return error;
  const status = fieldOf(error, 'status');
  if (typeof status === 'number' && status >= 400) return refusedError(provider, status, error);
  // By shape: the SDK's `APIError` is not loaded yet when this module is.
  const body = fieldOf(error, 'error');
  if (body !== undefined && body !== null) return failedAnswer(provider, body, error);
  const failure = ProviderError.from(provider, error);
  const isAnswer = isReading || isUnreadableAnswer(error);
  return isAnswer && failure.type === 'unknown' ? malformedAnswer(provider, error) : failure;
}

function refusedError(provider: string, status: number, error: unknown): ProviderError {
  const code = fieldOf(error, 'code');
  if (typeof code === 'string' && CODES_WORTH_A_LABEL.has(code)) {
    const message = `the request was refused with HTTP status ${status} (${code})`;
    return new ProviderError({ provider, type: 'quota', code, message, cause: error });
  }
  return ProviderError.fromStatus(provider, status, { cause: error });
}

/** The error of an answer that failed after its headers, by the `error` object in it. */
export function failedAnswer(provider: string, error: unknown, cause?: unknown): ProviderError {
  const code = nameOf(fieldOf(error, 'code')) ?? nameOf(fieldOf(error, 'type'));
  const status = /^[45]\d\d$/.test(code ?? '') ? Number(code) : undefined;
  const type = status === undefined ? TYPES_BY_CODE[code ?? ''] : errorTypeOfStatus(status);
  return new ProviderError({
    provider,
    type: type ?? 'aborted_by_provider',
    code,
    message: 'the answer failed in mid-stream',
    cause,
  });
}

/** The error for an answer that cannot be read. */
export function malformedAnswer(provider: string, cause?: unknown): ProviderError {
  const message = 'the answer cannot be read';
  return new ProviderError({
    provider,
    type: 'protocol',
    code: 'malformed_answer',
    message,
    cause,
  });
}

/** Of the SDK, for what is no JSON. */
function isUnreadableAnswer(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof SyntaxError) return true;
  }
  return false;
}

/** A name fit for a label, never a text. */
function nameOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && /^[\w.-]{1,64}$/.test(value) ? value : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Reflect.get(value, name);
}
