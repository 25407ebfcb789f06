import type { ErrorType } from '@vision-agents/core';
import { errorTypeOfStatus, ProviderError, transportFailure } from '@vision-agents/core';

/** Deepgram's name in metrics and errors. */
export const PROVIDER = 'deepgram';

/** What the body of a refused upgrade says: `INVALID_AUTH` of `{"err_code":"INVALID_AUTH"}`. */
export function refusedError(status: number, body: string): ProviderError {
  const reason = /"err_code"\s*:\s*"(\w{1,64})"/.exec(body)?.[1];
  return new ProviderError({
    provider: PROVIDER,
    type: errorTypeOfStatus(status),
    code: String(status),
    message: `the connection was refused with HTTP status ${status}${reason ? ` (${reason})` : ''}`,
  });
}

/** The error of a connection that did not open in time. */
export function connectTimeoutError(timeoutMs: number): ProviderError {
  return new ProviderError({
    provider: PROVIDER,
    type: 'timeout',
    code: 'connect',
    message: `no connection within ${timeoutMs} ms`,
  });
}

/** An `Error` message: the stream is over after it. */
export function fatalError(code: string): ProviderError {
  return new ProviderError({
    provider: PROVIDER,
    type: TYPES_BY_CODE[code] ?? 'aborted_by_provider',
    code,
    message: `the stream was ended with the error ${code}`,
  });
}

/** A close that was not asked for, with what made the socket close where that is known. */
export function closedError(closeCode: number, reason: string, cause?: unknown): ProviderError {
  const failure = transportFailure(cause);
  const named = reasonCode(reason);
  const code = failure?.code ?? named ?? String(closeCode);
  return new ProviderError({
    provider: PROVIDER,
    type: failure?.type ?? TYPES_BY_CODE[named ?? ''] ?? typeOfClose(closeCode),
    code,
    message: `the connection was closed with code ${closeCode}${named ? ` (${named})` : ''}`,
    cause,
  });
}

/** A message that is not what Deepgram documents. */
export function malformedError(problem: string): ProviderError {
  return new ProviderError({
    provider: PROVIDER,
    type: 'protocol',
    code: 'malformed_message',
    message: `a message could not be understood: ${problem}`,
  });
}

/** Audio was sent and nothing came back for it. */
export function stallError(timeoutMs: number): ProviderError {
  return new ProviderError({
    provider: PROVIDER,
    type: 'timeout',
    code: 'stall',
    message: `no message within ${timeoutMs} ms of audio`,
  });
}

/** Audio that was dropped because the network did not take it. */
export function backlogError(limitMs: number): ProviderError {
  return new ProviderError({
    provider: PROVIDER,
    type: 'network',
    code: 'send_backlog',
    message: `audio was dropped: more than ${limitMs} ms of it wait to be sent`,
  });
}

/** Codes of `Error` messages and close reasons (developers.deepgram.com/docs/flux, developers.deepgram.com/docs/flux-tts). */
const TYPES_BY_CODE: Readonly<Record<string, ErrorType>> = {
  UNPARSABLE_CLIENT_MESSAGE: 'bad_request',
  INTERNAL_SERVER_ERROR: 'unavailable',
  'MESSAGE-0000': 'bad_request',
  'DATA-0000': 'bad_request',
  'DATA-0002': 'bad_request',
  'BIG-0000': 'bad_request',
  'NET-0000': 'timeout',
  'NET-0001': 'timeout',
};

/** `NET-0001`, which close reasons write as that, or as the end of a link, `/net0001`. */
function reasonCode(reason: string): string | undefined {
  const [, family, number] = /\b(NET|DATA|BIG|MESSAGE)-?(\d{4})\b/i.exec(reason) ?? [];
  if (family !== undefined) return `${family.toUpperCase()}-${number}`;
  return /^[A-Z_]{4,64}$/.exec(reason)?.[0];
}

/** RFC 6455, section 7.4.1, and the IANA registry of close codes. */
function typeOfClose(closeCode: number): ErrorType {
  if (closeCode === 1006) return 'network';
  if (closeCode === 1008 || closeCode === 1009) return 'bad_request';
  if (closeCode === 1012 || closeCode === 1013) return 'unavailable';
  return 'aborted_by_provider';
}
