import { once } from 'node:events';
import { createServer } from 'node:net';

/** A TCP port of 127.0.0.1 that was free a moment ago: the wanted one, else any other. */
export async function freePort(wanted = 0): Promise<number> {
  for (const candidate of [wanted, 0]) {
    const port = await tryPort(candidate);
    if (port !== undefined) return port;
  }
  return wanted;
}

async function tryPort(candidate: number): Promise<number | undefined> {
  const server = createServer().listen(candidate, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return undefined; // somebody else has it
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? address?.port : undefined;
}
