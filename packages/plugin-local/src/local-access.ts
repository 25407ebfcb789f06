import { timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';

/** Whom the server trusts. */
export interface AccessRules {
  /** The address that the server was told to listen on. */
  readonly host: string;
  readonly allowedOrigins: readonly string[];
}

/**
 * Whether a request's Host header can be the server's own. Somebody else's name that resolves to
 * this machine (DNS rebinding) cannot; an IP address cannot be rebound, so every one passes.
 */
export function isTrustedHost(hostHeader: string | undefined, rules: AccessRules): boolean {
  const url = URL.parse(`http://${hostHeader ?? ''}`);
  if (url === null) return false;
  const name = url.hostname.replaceAll(/[[\]]/g, '');
  if (isIP(name) > 0 || name === 'localhost' || name === rules.host.toLowerCase()) return true;
  return rules.allowedOrigins.some((origin) => new URL(origin).hostname === url.hostname);
}

/**
 * Whether a page of this origin may open a socket. Compared with the Host header, which has to be
 * trusted first, so that a forwarded port works too. No header means no browser.
 */
export function isTrustedOrigin(
  origin: string | undefined,
  hostHeader: string | undefined,
  rules: AccessRules,
): boolean {
  if (origin === undefined) return true;
  return origin === `http://${hostHeader}` || rules.allowedOrigins.includes(origin);
}

/** Compares in a time that tells nothing of how much was right. */
export function isToken(given: string | null, expected: string): boolean {
  const actual = Buffer.from(given ?? '');
  const wanted = Buffer.from(expected);
  return actual.length === wanted.length && timingSafeEqual(actual, wanted);
}
