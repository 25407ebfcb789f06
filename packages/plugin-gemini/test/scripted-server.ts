import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { text as readText } from 'node:stream/consumers';

/** One request to a scripted server. */
export interface Exchange {
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly response: ServerResponse;
  /** Resolves when the exchange is over: whether the answer was given in full. */
  readonly closed: Promise<boolean>;
}

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  readonly exchanges: readonly Exchange[];
  readonly connections: () => number;
  /** Resolves when the next request is there. */
  readonly nextExchange: () => Promise<Exchange>;
}

/** An HTTP server which answers just as a test says, to see what the client does with it. */
export async function startScriptedServer(
  answer: (exchange: Exchange) => void,
): Promise<ScriptedServer> {
  const exchanges: Exchange[] = [];
  let connections = 0;
  let next = Promise.withResolvers<Exchange>();
  const server = createServer((request, response) => {
    const over = Promise.withResolvers<boolean>();
    response.once('close', () => over.resolve(response.writableFinished));
    void readText(request).then((json) => {
      const { url = '', headers } = request;
      const body: unknown = JSON.parse(json);
      const exchange = { url, headers, body, response, closed: over.promise };
      exchanges.push(exchange);
      answer(exchange);
      next.resolve(exchange);
      next = Promise.withResolvers();
      return exchange;
    });
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    exchanges,
    connections: () => connections,
    nextExchange: () => next.promise,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An answer of one text. */
export function textChunk(text: unknown, rest: object = {}): object {
  return { candidates: [{ content: { parts: [{ text }], role: 'model' }, ...rest }] };
}

/** What ends an answer. */
export const lastChunk: object = {
  ...textChunk('', { finishReason: 'STOP' }),
  usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5 },
};

/** Chunks as server-sent events. */
export function events(...chunks: unknown[]): string {
  return chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');
}
