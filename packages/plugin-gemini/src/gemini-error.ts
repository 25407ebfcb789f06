import type { ErrorType } from '@vision-agents/core';
import { errorTypeOfStatus, ProviderError } from '@vision-agents/core';

/** The `provider` label of everything in this package. */
export const PROVIDER = 'gemini';

/**
 * Anything that a request or its answer can throw, as a `ProviderError`.
 * @param isReading whether the headers were there already: what is not understood then, the service
 * has sent
 */
export function geminiError(error: unknown, isReading: boolean): ProviderError {
  if (error instanceof ProviderError) return error;
  const status = statusOf(error);
  if (status !== undefined) {
    const type = errorTypeOfBody(error) ?? errorTypeOfStatus(status);
    return ProviderError.fromStatus(PROVIDER, status, { type, cause: error });
  }
  const failure = ProviderError.from(PROVIDER, error);
  const isAnswer = isReading || isUnreadableAnswer(error);
  return isAnswer && failure.type === 'unknown' ? malformedAnswer(error) : failure;
}

/** The error for an answer that cannot be read. */
export function malformedAnswer(cause?: unknown): ProviderError {
  return protocolError('malformed_answer', 'the answer cannot be read', cause);
}

/** The error for an answer that breaks the rules of the API; `code` is the service's or our own. */
export function protocolError(code: string, message: string, cause?: unknown): ProviderError {
  return new ProviderError({ provider: PROVIDER, type: 'protocol', code, message, cause });
}

/** The error for an upgrade that was answered with an HTTP status. */
export function refusedError(status: number, body: string): ProviderError {
  if (status < 400) return ProviderError.fromStatus(PROVIDER, status);
  return geminiError(Object.assign(new Error(body), { status }), false);
}

/** The error for a session that was not open in time. */
export function connectTimeoutError(timeoutMs: number): ProviderError {
  const message = `the session did not open within ${timeoutMs} ms`;
  return new ProviderError({ provider: PROVIDER, type: 'timeout', code: 'connect', message });
}

/** The error for a service that owes an answer and sends nothing. */
export function stallError(timeoutMs: number): ProviderError {
  const message = `nothing came for ${timeoutMs} ms of an answer that was due`;
  return new ProviderError({ provider: PROVIDER, type: 'timeout', code: 'stall', message });
}

/** The error for a connection that takes less audio than there is. */
export function backlogError(limitMs: number): ProviderError {
  const message = `more than ${limitMs} ms of audio wait to be sent`;
  return new ProviderError({ provider: PROVIDER, type: 'network', code: 'backlog', message });
}

/**
 * The error for a socket that the service closed. Refusals of a set-up come this way too, told apart by
 * their reasons alone.
 */
export function closedError(code: number, reason: string, cause?: unknown): ProviderError {
  if (code === 1006 && cause !== undefined) return ProviderError.from(PROVIDER, cause);
  const message = `the service closed the session with code ${code}`;
  return new ProviderError({
    provider: PROVIDER,
    type: errorTypeOfClose(code, reason),
    code: String(code),
    message,
    cause,
  });
}

function errorTypeOfClose(code: number, reason: string): ErrorType {
  if (/api key/i.test(reason)) return 'authentication';
  if (/quota/i.test(reason)) return 'quota';
  switch (code) {
    case 1006:
      return 'network';
    case 1007:
    case 1008:
      return 'bad_request';
    case 1011:
    case 1013:
      return 'unavailable';
    default:
      return 'aborted_by_provider';
  }
}

/** By shape: the SDK's `ApiError` is not loaded yet when this module is. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  return typeof error.status === 'number' && error.status >= 400 ? error.status : undefined;
}

/** Of the body of a refusal that says JSON and is not. */
function isUnreadableAnswer(error: unknown): boolean {
  return error instanceof SyntaxError;
}

/**
 * What the body knows better than the status: a wrong key is a 400, and a used-up day's quota is the
 * same 429 as too many requests a minute. By `ErrorInfo` and `QuotaFailure` of google.rpc.
 */
function errorTypeOfBody(error: unknown): ErrorType | undefined {
  const details = detailsOf(error);
  if (details.some((detail) => detail['reason'] === 'API_KEY_INVALID')) return 'authentication';
  const violations = details.flatMap((detail) => objectsIn(detail['violations']));
  const isDaily = violations.some(({ quotaId }) => /PerDay/i.test(String(quotaId)));
  return isDaily ? 'quota' : undefined;
}

/** `error.details` of the body, which the SDK has put into the message, behind words or alone. */
function detailsOf(error: unknown): Record<string, unknown>[] {
  const message = error instanceof Error ? error.message : '';
  try {
    const body: unknown = JSON.parse(message.slice(message.indexOf('{')));
    const [inner] = isRecord(body) ? objectsIn([body['error']]) : [];
    return objectsIn(inner?.['details']);
  } catch {
    // No JSON: the status alone must do.
    return [];
  }
}

function objectsIn(values: unknown): Record<string, unknown>[] {
  return Array.isArray(values) ? values.filter(isRecord) : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
