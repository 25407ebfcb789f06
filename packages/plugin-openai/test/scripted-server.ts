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

/** Chunks as server-sent events, each with its name where it has one. */
export function events(...chunks: unknown[]): string {
  return chunks
    .map((chunk) => {
      const isNamed = typeof chunk === 'object' && chunk !== null && 'type' in chunk;
      const name = isNamed ? `event: ${String(chunk.type)}\n` : '';
      return `${name}data: ${JSON.stringify(chunk)}\n\n`;
    })
    .join('');
}

/** Answers with events, and ends. */
export function answerWith(...chunks: unknown[]): (exchange: Exchange) => void {
  return ({ response }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(events(...chunks));
  };
}

/** A piece of a response's text. */
export function textDelta(text: unknown): object {
  return { type: 'response.output_text.delta', delta: text };
}

/** What ends a response. */
export const completed: object = {
  type: 'response.completed',
  response: { status: 'completed', usage: { input_tokens: 10, output_tokens: 5 } },
};

/** A piece of a completion. */
export function delta(fields: object, finishReason: string | null = null): object {
  return { choices: [{ index: 0, delta: fields, finish_reason: finishReason }] };
}

/** The last chunk of a completion. */
export const usageChunk: object = {
  choices: [],
  usage: { prompt_tokens: 10, completion_tokens: 5 },
};
