import {
  checkOptions,
  isArrayOf,
  isHttpUrl,
  isNumber,
  isObject,
  isText,
} from '@vision-agents/core';

/** How the page is served and when a call is over. All of it may be left out. */
export interface EdgeOptions {
  /**
   * The address to listen on. A browser lends its microphone only to `127.0.0.1`, `localhost` and
   * pages over HTTPS, so another address needs a TLS proxy in front of it.
   * @default '127.0.0.1'
   */
  host?: string;
  /** The TCP port to listen on, 1 to 65535, or 0 for any that is free. @default 0 */
  port?: number;
  /**
   * How long after the last participant left the call ends, in milliseconds, 0 to 3,600,000. Longer
   * than 0 lets somebody reload the page.
   * @default 0
   */
  leaveGraceMs?: number;
  /** Gets the address of a call's page, with its token, as soon as it can be opened. @default none */
  onListening?: (pageUrl: string) => void;
  /**
   * Origins besides the server's own that may open a call's socket and whose host names may stand
   * in a request, such as `https://voice.example` for a proxy.
   * @default []
   */
  allowedOrigins?: readonly string[];
}

/** The options with nothing left open. */
export interface EdgeSettings {
  readonly host: string;
  readonly port: number;
  readonly leaveGraceMs: number;
  readonly onListening: ((pageUrl: string) => void) | undefined;
  /** Origins as browsers write them: without a path, in lower case. */
  readonly allowedOrigins: readonly string[];
}

/**
 * Checks the options and fills in the defaults.
 * @throws ConfigurationError which names the option
 */
export function resolveEdgeOptions(options: EdgeOptions): EdgeSettings {
  checkOptions('local.Edge', options, {
    host: isText(),
    port: isNumber({ min: 0, max: 65_535, integer: true }),
    leaveGraceMs: isNumber({ min: 0, max: 3_600_000 }),
    onListening: isObject(),
    allowedOrigins: isArrayOf(isHttpUrl()),
  });
  return {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    leaveGraceMs: options.leaveGraceMs ?? 0,
    onListening: options.onListening,
    allowedOrigins: (options.allowedOrigins ?? []).map((origin) => new URL(origin).origin),
  };
}
