import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

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

/** The error for an upgrade to a socket that was answered with an HTTP status. Never rejects. */
export async function upgradeRefused(response: IncomingMessage): Promise<ProviderError> {
  const status = response.statusCode ?? 0;
  if (status < 400) return ProviderError.fromStatus(PROVIDER, status);
  return refusedError(PROVIDER, status, { code: fieldOf(await errorIn(response), 'code') });
}

/** The `error` in the body of a refusal; undefined where there is none. */
async function errorIn(response: IncomingMessage): Promise<unknown> {
  try {
    const body: unknown = JSON.parse(await text(response));
    return fieldOf(body, 'error');
  } catch {
    // No JSON, or none that came to its end: the status alone must do.
    return undefined;
  }
}

/** The error for a session that was refused while it was set up. */
export function rejectedSession(error: unknown): ProviderError {
  const { type, providerCode: code } = failedAnswer(PROVIDER, error);
  const message = 'the session was refused';
  return new ProviderError({ provider: PROVIDER, type, code, message });
}

/** The error for a session that was not open in time. */
export function connectTimeoutError(timeoutMs: number): ProviderError {
  const message = `the session did not open within ${timeoutMs} ms`;
  return new ProviderError({ provider: PROVIDER, type: 'timeout', code: 'connect', message });
}

/** The error for a connection that takes less audio than there is. */
export function backlogError(limitMs: number): ProviderError {
  const message = `more than ${limitMs} ms of audio wait to be sent`;
  return new ProviderError({ provider: PROVIDER, type: 'network', code: 'backlog', message });
}

/** The error for a socket that closed, by whomever. */
export function socketClosed(code: number, cause: unknown): ProviderError {
  if (code === 1006 && cause !== undefined) return ProviderError.from(PROVIDER, cause);
  const message = `the session was closed with code ${code}`;
  return new ProviderError({
    provider: PROVIDER,
    type: errorTypeOfClose(code),
    code: String(code),
    message,
    cause,
  });
}

function errorTypeOfClose(code: number): ErrorType {
  switch (code) {
    case 1006:
      return 'network';
    case 1007:
    case 1008:
      return 'bad_request';
    case 1009:
      return 'protocol';
    case 1011:
    case 1012:
    case 1013:
      return 'unavailable';
    default:
      return 'aborted_by_provider';
  }
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
