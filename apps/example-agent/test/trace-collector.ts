import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

import { z } from 'zod';

/** What a test looks at in a span. */
interface ExportedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string | undefined;
  readonly name: string;
}

/** What an OTLP collector is sent. */
export interface TraceCollector extends AsyncDisposable {
  readonly url: string;
  spans(): readonly ExportedSpan[];
}

/** Starts a server that takes spans as an OpenTelemetry collector does, in JSON. */
export async function startCollector(): Promise<TraceCollector> {
  const spans: ExportedSpan[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    spans.push(...spansIn(JSON.parse(await text(request))));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  };
  const server = createServer((request, response) => void take(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    spans: () => spans,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function spansIn(body: unknown): ExportedSpan[] {
  const [traceId, spanId, name] = [z.string(), z.string(), z.string()];
  const span = z.object({ traceId, spanId, name, parentSpanId: z.string().optional() });
  const scope = z.object({ spans: z.array(span) });
  const resource = z.object({ scopeSpans: z.array(scope) });
  const { resourceSpans } = z.object({ resourceSpans: z.array(resource) }).parse(body);
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}
