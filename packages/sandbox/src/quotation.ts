import type { IncomingMessage } from 'node:http';

const keyHeaders = ['authorization', 'xi-api-key', 'x-goog-api-key'];

/** What services say too much of: their errors quote the key that they were given, and what it was sent with. */
export function quoting(message: string, request: IncomingMessage, body = ''): string {
  const keys = keyHeaders.flatMap((name) => request.headers[name] ?? []);
  return `${message} Key: ${keys.join(' ')}. Request: ${body.slice(-400)}`;
}
