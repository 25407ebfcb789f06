import { AgentError } from './agent-error.ts';
import type { ErrorType } from './error-type.ts';
import { errorTypeOfStatus, isRetryable, transportFailure } from './error-type.ts';

/** What a plugin knows of a failure of its provider. */
export interface ProviderErrorDetails {
  /** The vendor, as in the `provider` label. */
  readonly provider: string;
  readonly type: ErrorType;
  /** The provider's own stable code or the HTTP status. Never a message: it becomes a label. */
  readonly code?: string | undefined;
  /** What failed and what to do, without keys, transcripts or URLs. */
  readonly message: string;
  /** Only what quotes nothing that was sent: causes are logged. */
  readonly cause?: unknown;
}

/**
 * A provider refused, broke off, fell silent or sent what cannot be understood.
 * Whether it is worth another try is decided here, once, from the type.
 */
export class ProviderError extends AgentError {
  readonly provider: string;
  readonly type: ErrorType;
  /** The provider's stable code or HTTP status; undefined where there is none. */
  readonly providerCode: string | undefined;
  readonly retryable: boolean;

  constructor(details: ProviderErrorDetails) {
    super(`provider_${details.type}`, `${details.provider}: ${details.message}`, {
      cause: details.cause,
    });
    this.name = 'ProviderError';
    this.provider = details.provider;
    this.type = details.type;
    this.providerCode = details.code;
    this.retryable = isRetryable(details.type);
  }

  /**
   * The error for an HTTP answer that is not the one that was wanted. Without a cause: the answer may quote
   * the key or the words that it was asked with.
   */
  static fromStatus(
    provider: string,
    status: number,
    options: { type?: ErrorType } = {},
  ): ProviderError {
    return new ProviderError({
      provider,
      type: options.type ?? errorTypeOfStatus(status),
      code: String(status),
      message: `the request was refused with HTTP status ${status}`,
    });
  }

  /**
   * Any thrown value as a `ProviderError`: one that is already typed stays as it is, a transport
   * failure is recognised by its code, the rest is `unknown`.
   */
  static from(provider: string, error: unknown): ProviderError {
    if (error instanceof ProviderError) return error;
    const failure = transportFailure(error);
    return new ProviderError({
      provider,
      type: failure?.type ?? 'unknown',
      code: failure?.code,
      message: failure ? `the connection failed (${failure.code})` : 'an unexpected error occurred',
      cause: error,
    });
  }
}
