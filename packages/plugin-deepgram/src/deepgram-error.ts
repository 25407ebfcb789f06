import type { ErrorType } from '@vision-agents/core';
import { ConnectionErrors, ProviderError } from '@vision-agents/core';

/** Deepgram's name in metrics and errors. */
export const PROVIDER = 'deepgram';

/** The failures of connections to Deepgram. */
export const connectionErrors: ConnectionErrors = new ConnectionErrors({
  provider: PROVIDER,
  // `INVALID_AUTH` of `{"err_code":"INVALID_AUTH"}`.
  readRefusal: (body) => ({ name: /"err_code"\s*:\s*"(\w{1,64})"/.exec(body)?.[1] }),
  readClose: (reason) => {
    const code = reasonCode(reason);
    return { type: TYPES_BY_CODE[code ?? ''], code, name: code };
  },
});

/** An `Error` message: the stream is over after it. */
export function fatalError(code: string): ProviderError {
  return new ProviderError({
    provider: PROVIDER,
    type: TYPES_BY_CODE[code] ?? 'aborted_by_provider',
    code,
    message: `the stream was ended with the error ${code}`,
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
