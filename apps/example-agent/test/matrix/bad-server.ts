import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';

/** What a server does with whoever connects, whatever it is asked. */
export type BadManner =
  | 'no answer'
  | 'reset before an answer'
  | 'end before an answer'
  | 'an answer that is no HTTP'
  | 'a web page in place of the service'
  | 'HTTP 404 of a gateway'
  | 'HTTP 503 of a gateway';

const ANSWERS: Readonly<
  Record<Exclude<BadManner, 'no answer' | 'reset before an answer'>, string>
> = {
  'end before an answer': '',
  'an answer that is no HTTP': 'Good morning.\r\n\r\n',
  'a web page in place of the service': httpAnswer('200 OK'),
  'HTTP 404 of a gateway': httpAnswer('404 Not Found'),
  'HTTP 503 of a gateway': httpAnswer('503 Service Unavailable'),
};

/** A server that is not what it should be. */
export interface BadServer extends AsyncDisposable {
  readonly url: string;
  /** How many connections are open. */
  readonly busy: number;
}

/** Starts one on a free port of this machine. */
export async function startBadServer(manner: BadManner): Promise<BadServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    socket.once('data', () => {
      if (manner === 'no answer') return;
      if (manner === 'reset before an answer') socket.resetAndDestroy();
      else socket.end(ANSWERS[manner]);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    get busy() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function httpAnswer(status: string): string {
  const page = '<html>Please sign in.</html>';
  return [
    `HTTP/1.1 ${status}`,
    'content-type: text/html',
    `content-length: ${page.length}`,
    'connection: close',
    '',
    page,
  ].join('\r\n');
}
