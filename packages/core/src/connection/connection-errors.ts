import type { ErrorType } from '../errors/error-type.ts';
import { errorTypeOfStatus, GIANT_MESSAGE, transportFailure } from '../errors/error-type.ts';
import { ProviderError } from '../errors/provider-error.ts';

/** What a provider's own words say of a failure; what they leave open the protocol's codes decide. */
export interface FailureReading {
  readonly type?: ErrorType | undefined;
  /** In place of the HTTP status or the close code, where it says more. */
  readonly code?: string | undefined;
  /** The provider's name for it, for the message. Never a text of the provider's. */
  readonly name?: string | undefined;
}

/** How to read a provider. What a reader throws counts as that there was nothing to be read. */
export interface ConnectionErrorsOptions {
  /** The vendor, as in the `provider` label. */
  readonly provider: string;
  /** Reads the body of an upgrade that was refused: its first 16 kB. */
  readonly readRefusal?: (body: string, status: number) => FailureReading;
  /** Reads the reason of a close. */
  readonly readClose?: (reason: string, code: number) => FailureReading;
}

/**
 * The errors of the connections to one provider, so that the same failure has the same type and code
 * with all of them.
 */
export class ConnectionErrors {
  readonly #options: ConnectionErrorsOptions;

  constructor(options: ConnectionErrorsOptions) {
    this.#options = options;
  }

  /** An upgrade that was answered with an HTTP status. */
  refused(status: number, body: string): ProviderError {
    const { type, code, name } = reading(() => this.#options.readRefusal?.(body, status));
    return this.#error(
      type ?? errorTypeOfStatus(status),
      code ?? String(status),
      `the connection was refused with HTTP status ${status}${inBrackets(name)}`,
    );
  }

  /** A connection that was not there in time. */
  connectTimeout(timeoutMs: number): ProviderError {
    return this.#error('timeout', 'connect', `no connection within ${timeoutMs} ms`);
  }

  /** A connection that was closed, with what made it close where that is known. */
  closed(closeCode: number, reason = '', cause?: unknown): ProviderError {
    const failure = transportFailure(cause) ?? brokenFrame(cause);
    const { type, code, name } = reading(() => this.#options.readClose?.(reason, closeCode));
    return this.#error(
      failure?.type ?? type ?? errorTypeOfClose(closeCode),
      failure?.code ?? code ?? String(closeCode),
      `the connection was closed with code ${closeCode}${inBrackets(name)}`,
      cause,
    );
  }

  /** Something was owed, and nothing came. */
  stalled(timeoutMs: number): ProviderError {
    return this.#error('timeout', 'stall', `nothing came for ${timeoutMs} ms, though it was due`);
  }

  /** Audio was dropped because the network did not take it. */
  backlogged(limitMs: number): ProviderError {
    const message = `audio was dropped: more than ${limitMs} ms of it wait to be sent`;
    return this.#error('network', 'send_backlog', message);
  }

  /** A message that is not what the provider documents; `problem` quotes nothing of it. */
  malformed(problem: string, cause?: unknown): ProviderError {
    const message = `a message could not be understood: ${problem}`;
    return this.#error('protocol', 'malformed_message', message, cause);
  }

  /** A message that is larger than any should be. */
  giantMessage(): ProviderError {
    return this.#error('protocol', GIANT_MESSAGE, 'a message was too large to be one');
  }

  #error(type: ErrorType, code: string, message: string, cause?: unknown): ProviderError {
    return new ProviderError({ provider: this.#options.provider, type, code, message, cause });
  }
}

/** What a close code says of the cause: RFC 6455, section 7.4.1, and the IANA registry of them. */
function errorTypeOfClose(closeCode: number): ErrorType {
  switch (closeCode) {
    case 1002:
    case 1003:
    case 1007:
    case 1008:
    case 1009:
      return 'bad_request';
    case 1006:
      return 'network';
    case 1011:
    case 1012:
    case 1013:
    case 1014:
      return 'unavailable';
    default:
      return 'aborted_by_provider';
  }
}

/** `ws` has codes of its own for frames that break the protocol, or its limit for messages. */
function brokenFrame(cause: unknown): { type: ErrorType; code: string } | undefined {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
    return { type: 'protocol', code: GIANT_MESSAGE };
  const isBroken = typeof code === 'string' && code.startsWith('WS_ERR_');
  return isBroken ? { type: 'protocol', code } : undefined;
}

/** An error is made where nobody can catch another one. */
function reading(read: () => FailureReading | undefined): FailureReading {
  try {
    return read() ?? {};
  } catch {
    return {};
  }
}

function inBrackets(name: string | undefined): string {
  return name === undefined ? '' : ` (${name})`;
}
