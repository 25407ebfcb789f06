import { ConfigurationError, ProviderError } from '@vision-agents/core';

/** The `provider` of the local edge. */
export const PROVIDER = 'local';

/** Why the server could not be started: an option's fault wherever it is one. */
export function listenError(
  error: unknown,
  address: { host: string; port: number },
): ConfigurationError | ProviderError {
  const { host, port } = address;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return new ConfigurationError(
        'port',
        `the option \`port\` of local.Edge is taken: something else listens on ${host}:${port}; choose another, or 0 for any that is free`,
        { cause: error },
      );
    case 'EACCES':
      return new ConfigurationError(
        'port',
        `the option \`port\` of local.Edge is not allowed: this user may not listen on ${port}; choose one above 1023, or 0`,
        { cause: error },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ConfigurationError(
        'host',
        `the option \`host\` of local.Edge is not an address of this machine: ${host}`,
        { cause: error },
      );
    default:
      return ProviderError.from(PROVIDER, error);
  }
}

/** The call has its agent already. */
export function alreadyJoined(): ProviderError {
  return new ProviderError({
    provider: PROVIDER,
    type: 'bad_request',
    message: 'an agent is in this call already; close its connection first',
  });
}

/** The edge was closed while the call went on. */
export function edgeClosed(): ProviderError {
  return new ProviderError({
    provider: PROVIDER,
    type: 'aborted_by_provider',
    message: 'the edge was closed during the call',
  });
}
