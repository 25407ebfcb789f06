import { once } from 'node:events';

import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';

/** A caller on a raw socket who writes down everything. */
export interface TestCaller {
  readonly socket: WebSocket;
  /** The agent's voice, frame by frame. */
  readonly frames: Buffer[];
  /** Everything in order: `audio` for a frame, else the parsed message. */
  readonly received: unknown[];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
}

/** Connects to a call; rejects with `HTTP <status>` when that is refused. */
export async function connectCaller(
  socketUrl: string,
  query: Record<string, string> = {},
  options: { headers?: Record<string, string>; autoPong?: boolean } = {},
): Promise<TestCaller> {
  const url = new URL(socketUrl);
  for (const [name, value] of Object.entries({ rate: '24000', ...query })) {
    url.searchParams.set(name, value);
  }
  const socket = new WebSocket(url, { perMessageDeflate: false, ...options });
  onTestFinished(() => socket.terminate());
  const frames: Buffer[] = [];
  const received: unknown[] = [];
  socket.on('message', (data, isBinary) => {
    if (!Buffer.isBuffer(data)) return;
    if (isBinary) frames.push(data);
    received.push(isBinary ? 'audio' : JSON.parse(data.toString()));
  });
  const closed = new Promise<number>((resolve) => {
    socket.on('close', resolve);
  });
  const refused = new Promise<never>((_resolve, reject) => {
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      reject(new Error(`HTTP ${response.statusCode}`));
    });
    socket.on('error', reject);
  });
  await Promise.race([once(socket, 'open'), refused]);
  return { socket, frames, received, closed };
}
