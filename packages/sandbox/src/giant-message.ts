const mebibyte = 1024 * 1024;

/** More than any client should take as one message, and less than some libraries do: `ws` takes 100 MiB. */
const giantBytes = { socket: 17 * mebibyte, stream: 2 * mebibyte };

/** A message that nobody needs all of, on a socket or in an answer over HTTP. */
export function giantMessage(
  where: 'socket' | 'stream',
  fields: Readonly<Record<string, unknown>>,
): string {
  return JSON.stringify({ ...fields, padding: 'x'.repeat(giantBytes[where]) });
}
