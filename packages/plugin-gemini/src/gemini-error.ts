import type { ErrorType } from '@vision-agents/core';
import { ConnectionErrors, errorTypeOfStatus, ProviderError } from '@vision-agents/core';

/** The `provider` label of everything in this package. */
export const PROVIDER = 'gemini';

/** The failures of sockets. Refusals of a set-up come as closes too, told apart by their reasons alone. */
export const connectionErrors: ConnectionErrors = new ConnectionErrors({
  provider: PROVIDER,
  readRefusal: (body) => ({ type: errorTypeOfBody(body) }),
  readClose: (reason) => ({ type: errorTypeOfReason(reason) }),
});

/**
 * Anything that a request or its answer can throw, as a `ProviderError`.
 * @param isReading whether the headers were there already: what is not understood then, the service
 * has sent
 */
export function geminiError(error: unknown, isReading: boolean): ProviderError {
  if (error instanceof ProviderError) return error;
  const status = statusOf(error);
  if (status !== undefined) {
    const type = errorTypeOfBody(messageOf(error)) ?? errorTypeOfStatus(status);
    return ProviderError.fromStatus(PROVIDER, status, { type });
  }
  const failure = ProviderError.from(PROVIDER, error);
  const isAnswer = isReading || isUnreadableAnswer(error);
  return isAnswer && failure.type === 'unknown' ? malformedAnswer() : failure;
}

/** The error for an answer that cannot be read. What parsers throw quotes it, and is no cause for that. */
export function malformedAnswer(): ProviderError {
  return protocolError('malformed_answer', 'the answer cannot be read');
}

/** The error for an answer that breaks the rules of the API; `code` is the service's or our own. */
export function protocolError(code: string, message: string): ProviderError {
  return new ProviderError({ provider: PROVIDER, type: 'protocol', code, message });
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
function errorTypeOfBody(body: string): ErrorType | undefined {
  const details = detailsOf(body);
  if (details.some((detail) => detail['reason'] === 'API_KEY_INVALID')) return 'authentication';
  const violations = details.flatMap((detail) => objectsIn(detail['violations']));
  const isDaily = violations.some(({ quotaId }) => /PerDay/i.test(String(quotaId)));
  return isDaily ? 'quota' : undefined;
}

function errorTypeOfReason(reason: string): ErrorType | undefined {
  if (/api key/i.test(reason)) return 'authentication';
  return /quota/i.test(reason) ? 'quota' : undefined;
}

/** Where the SDK has put the body of a refusal. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}

/** `error.details` of a body, with words before it or alone. */
function detailsOf(body: string): Record<string, unknown>[] {
  try {
    const value: unknown = JSON.parse(body.slice(body.indexOf('{')));
    const [inner] = isRecord(value) ? objectsIn([value['error']]) : [];
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
