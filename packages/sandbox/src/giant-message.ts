/** More than any client should take as one message, and less than some libraries do: `ws` takes 100 MiB. */
const giantBytes = 20 * 1024 * 1024;

/** A message that nobody needs all of. */
export function giantMessage(fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...fields, padding: 'x'.repeat(giantBytes) });
}
