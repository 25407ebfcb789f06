import type { ErrorType } from '@vision-agents/core';
import { ConnectionErrors, errorTypeOfStatus, ProviderError } from '@vision-agents/core';

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
  // An hour is over: it says nothing of what was asked for.
  session_expired: 'aborted_by_provider',
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
  if (body !== undefined && body !== null) return failedAnswer(provider, body);
  const failure = ProviderError.from(provider, error);
  const isAnswer = isReading || isUnreadableAnswer(error);
  return isAnswer && failure.type === 'unknown' ? malformedAnswer(provider) : failure;
}

function refusedError(provider: string, status: number, error: unknown): ProviderError {
  const code = fieldOf(error, 'code');
  if (typeof code === 'string' && CODES_WORTH_A_LABEL.has(code)) {
    const message = `the request was refused with HTTP status ${status} (${code})`;
    return new ProviderError({ provider, type: 'quota', code, message });
  }
  return ProviderError.fromStatus(provider, status);
}

/** The error of an answer that failed after its headers, by the `error` object in it. */
export function failedAnswer(provider: string, error: unknown): ProviderError {
  const message = 'the answer failed in mid-stream';
  return new ProviderError({ provider, ...failureIn(error), message });
}

/** What an `error` object says: the code where there is one that is known, else its kind. */
function failureIn(error: unknown): { type: ErrorType; code: string | undefined } {
  const kind = nameOf(fieldOf(error, 'type'));
  const code = nameOf(fieldOf(error, 'code')) ?? kind;
  const status = /^[45]\d\d$/.test(code ?? '') ? Number(code) : undefined;
  if (status !== undefined) return { type: errorTypeOfStatus(status), code };
  const type = TYPES_BY_CODE[code ?? ''] ?? TYPES_BY_CODE[kind ?? ''];
  return { type: type ?? 'aborted_by_provider', code };
}

/** The error for an answer that cannot be read. What parsers throw quotes it, and is no cause for that. */
export function malformedAnswer(provider: string): ProviderError {
  const message = 'the answer cannot be read';
  return new ProviderError({
    provider,
    type: 'protocol',
    code: 'malformed_answer',
    message,
  });
}

/** The failures of sockets to OpenAI. */
export const connectionErrors: ConnectionErrors = new ConnectionErrors({
  provider: PROVIDER,
  readRefusal: (body) => {
    const [, code = ''] = /"code"\s*:\s*"(\w{1,64})"/.exec(body) ?? [];
    return CODES_WORTH_A_LABEL.has(code) ? { type: 'quota', code, name: code } : {};
  },
});

/** What the service says of a session, by the `error` object of an event. */
export function sessionError(error: unknown, message: string): ProviderError {
  return new ProviderError({ provider: PROVIDER, ...failureIn(error), message });
}

/** Whether a session is over with the error that it tells of: it outlives most. */
export function endsSession({ type, providerCode }: ProviderError): boolean {
  return type === 'authentication' || type === 'quota' || providerCode === 'session_expired';
}

/** The error for a session that is none of those that were asked for. */
export function wrongSession(): ProviderError {
  const message = 'the session is of another type than was asked for';
  return new ProviderError({
    provider: PROVIDER,
    type: 'protocol',
    code: 'wrong_session',
    message,
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
export function nameOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && /^[\w.-]{1,64}$/.test(value) ? value : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Reflect.get(value, name);
}
