import { ProviderError } from '../errors/provider-error.ts';

/** What an entry of a log says of an error: by the same names as the labels of the error's metric. */
export function errorFields(error: unknown): object {
  if (!(error instanceof ProviderError)) return { error };
  const { provider, type, providerCode } = error;
  const code = providerCode === undefined ? {} : { error_code: providerCode };
  return { error, provider, error_type: type, ...code };
}
