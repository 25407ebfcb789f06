import type { ErrorType, FailureReading } from '@vision-agents/core';
import { ConnectionErrors, errorTypeOfStatus, ProviderError } from '@vision-agents/core';

/** ElevenLabs' name in metrics and errors. */
export const PROVIDER = 'elevenlabs';

/** Names that ElevenLabs gives to errors, in the bodies of refusals and in messages of the socket. */
const TYPES_BY_NAME: Readonly<Record<string, ErrorType>> = {
  invalid_api_key: 'authentication',
  quota_exceeded: 'quota',
  too_many_concurrent_requests: 'rate_limit',
  system_busy: 'rate_limit',
  max_active_conversations: 'rate_limit',
  input_timeout_exceeded: 'timeout',
  internal_error: 'unavailable',
  voice_not_found: 'bad_request',
  max_character_limit_exceeded: 'bad_request',
  invalid_message: 'bad_request',
  // Scribe's.
  auth_error: 'authentication',
  unaccepted_terms: 'authentication',
  rate_limited: 'rate_limit',
  commit_throttled: 'bad_request',
  input_error: 'bad_request',
  invalid_request: 'bad_request',
  chunk_size_exceeded: 'bad_request',
  queue_overflow: 'unavailable',
  resource_exhausted: 'unavailable',
  transcriber_error: 'unavailable',
  session_time_limit_exceeded: 'aborted_by_provider',
  insufficient_audio_activity: 'timeout',
};

/** What a status alone does not tell: two kinds of 429, and a 401 that is about money. */
const NAMES_WORTH_A_CODE = new Set([
  'too_many_concurrent_requests',
  'system_busy',
  'quota_exceeded',
]);

/** The failures of connections to ElevenLabs. */
export const connectionErrors: ConnectionErrors = new ConnectionErrors({
  provider: PROVIDER,
  readRefusal,
});

/** A request that was answered with an HTTP status that was not wanted, and its body. */
export function refusedError(status: number, body: unknown): ProviderError {
  const { type, code, name } = readRefusal(body);
  return new ProviderError({
    provider: PROVIDER,
    type: type ?? errorTypeOfStatus(status),
    code: code ?? String(status),
    message: `the request was refused with HTTP status ${status}${name ? ` (${name})` : ''}`,
  });
}

/** An error that came as a message on the socket. */
export function messageError(name: string): ProviderError {
  return new ProviderError({
    provider: PROVIDER,
    type: TYPES_BY_NAME[name] ?? 'aborted_by_provider',
    code: name,
    message: `speech was ended with the error ${name}`,
  });
}

/** Contexts that are never final take up all the places of a socket. */
export function neverFinalError(timeoutMs: number): ProviderError {
  return new ProviderError({
    provider: PROVIDER,
    type: 'timeout',
    code: 'never_final',
    message: `no context was final within ${timeoutMs} ms of its close`,
  });
}

/** An error that came as a message of Scribe's, which is named by its type. */
export function sessionError(name: string): ProviderError {
  return new ProviderError({
    provider: PROVIDER,
    type: TYPES_BY_NAME[name] ?? 'aborted_by_provider',
    code: name,
    message:
      name === 'unaccepted_terms'
        ? 'the terms of Scribe have to be accepted in the account first (unaccepted_terms)'
        : `speech to text reported the error ${name}`,
  });
}

/** A session that would take our audio for something else. */
export function wrongRateError(rateHz: number, wantedHz: number): ProviderError {
  return new ProviderError({
    provider: PROVIDER,
    type: 'protocol',
    code: 'sample_rate',
    message: `the session expects audio at ${rateHz} Hz, not at ${wantedHz} Hz`,
  });
}

/** The error for an answer that is no audio. */
export function malformedAnswer(): ProviderError {
  return new ProviderError({
    provider: PROVIDER,
    type: 'protocol',
    code: 'malformed_answer',
    message: 'the answer is no audio',
  });
}

/** Anything that the SDK throws for an HTTP request. */
export function requestError(error: unknown): ProviderError {
  if (!(error instanceof Error)) return ProviderError.from(PROVIDER, error);
  // The SDK has a class for time-outs and does not use it: on Node they are told by this alone.
  if (error.cause === 'timeout') {
    const message = 'no answer in time';
    return new ProviderError({ provider: PROVIDER, type: 'timeout', message, cause: error });
  }
  const status = 'statusCode' in error ? error.statusCode : undefined;
  if (typeof status !== 'number') return ProviderError.from(PROVIDER, error);
  return refusedError(status, 'body' in error ? error.body : undefined);
}

function readRefusal(body: unknown): FailureReading {
  const name = detailName(body);
  if (name === undefined) return {};
  return {
    type: TYPES_BY_NAME[name],
    code: NAMES_WORTH_A_CODE.has(name) ? name : undefined,
    name,
  };
}

/** `quota_exceeded` of `{"detail":{"status":"quota_exceeded","message":"…"}}`, as text or parsed. */
function detailName(body: unknown): string | undefined {
  const json = typeof body === 'string' ? body : JSON.stringify(body);
  return /"detail"\s*:\s*\{[^{}]*"status"\s*:\s*"([a-z0-9_]{1,64})"/.exec(json ?? '')?.[1];
}
