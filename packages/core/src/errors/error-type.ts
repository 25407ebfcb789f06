/**
 * Why a provider failed, in words that are the same for every provider. They are the values of the
 * `error_type` label, so the list is closed.
 */
export const ERROR_TYPES = [
  'authentication',
  'rate_limit',
  'quota',
  'timeout',
  'network',
  'bad_request',
  'unavailable',
  'protocol',
  'aborted_by_provider',
  'unknown',
] as const;

/** One of {@link ERROR_TYPES}. */
export type ErrorType = (typeof ERROR_TYPES)[number];

/**
 * What an HTTP status that was not wanted says of the cause (RFC 9110, section 15): one below 400 is that
 * of somebody else than the service, such as a page at which to sign in to a network.
 */
export function errorTypeOfStatus(status: number): ErrorType {
  if (status === 401 || status === 403) return 'authentication';
  if (status === 402) return 'quota';
  if (status === 408 || status === 504) return 'timeout';
  if (status === 429) return 'rate_limit';
  if (status >= 500) return 'unavailable';
  if (status >= 400) return 'bad_request';
  return 'protocol';
}

/**
 * The error codes that exist at zero from the start, per type: a counter that is born at 1 is
 * invisible to `rate()`, so the common first errors must have a series before they happen.
 */
export const EXPECTED_ERROR_CODES: Readonly<Partial<Record<ErrorType, readonly string[]>>> = {
  authentication: ['401', '403'],
  rate_limit: ['429'],
  bad_request: ['400', '404', '422'],
  unavailable: ['500', '503'],
};

/** Whether trying the same request again, later, can help. */
export function isRetryable(type: ErrorType): boolean {
  switch (type) {
    case 'rate_limit':
    case 'timeout':
    case 'network':
    case 'unavailable':
    case 'protocol':
    case 'aborted_by_provider':
    case 'unknown':
      return true;
    case 'authentication':
    case 'quota':
    case 'bad_request':
      return false;
  }
}

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_SOCKET',
  'UND_ERR_CLOSED',
]);

const TIMEOUT_CODES = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

/** The code of an error for a message that is too large to be one. */
export const GIANT_MESSAGE = 'giant_message';

/**
 * The transport failure inside an error or its chain of causes, by Node's and undici's codes;
 * undefined where there is none.
 */
export function transportFailure(error: unknown): { type: ErrorType; code: string } | undefined {
  const seen = new Set<unknown>();
  for (let cause = error; cause instanceof Error && !seen.has(cause); cause = cause.cause) {
    seen.add(cause);
    const code = 'code' in cause ? cause.code : undefined;
    if (isNoHttp(cause.name, code)) return { type: 'protocol', code: 'malformed_answer' };
    if (typeof code !== 'string') continue;
    if (code === GIANT_MESSAGE) return { type: 'protocol', code };
    if (NETWORK_CODES.has(code)) return { type: 'network', code };
    if (TIMEOUT_CODES.has(code)) return { type: 'timeout', code };
  }
  return undefined;
}

/** Node's parser says by its codes that an answer is no HTTP, undici's at times by its name alone. */
function isNoHttp(name: string, code: unknown): boolean {
  return name === 'HTTPParserError' || (typeof code === 'string' && code.startsWith('HPE_'));
}
