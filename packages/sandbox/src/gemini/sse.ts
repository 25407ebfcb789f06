import type { ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';

/**
 * Writes one server-sent event in two TCP writes cut at a random byte (also inside a character), and with either kind of
 * line end, as real networks and servers do. `name` is its `event` field, for servers that send one.
 */
export async function writeEvent(
  response: ServerResponse,
  data: string,
  random: () => number,
  name?: string,
): Promise<void> {
  const lineEnd = random() < 0.5 ? '\n' : '\r\n';
  const event = name === undefined ? '' : `event: ${name}${lineEnd}`;
  const bytes = Buffer.from(`${event}data: ${data}${lineEnd}${lineEnd}`);
  const at = 1 + Math.floor(random() * (bytes.length - 1));
  response.write(bytes.subarray(0, at));
  await turn();
  if (!response.destroyed) response.write(bytes.subarray(at));
}
