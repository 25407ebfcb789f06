import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';

import { expect, onTestFinished, test } from 'vitest';

import { keepAliveFetch } from '../../src/index.ts';

/** A server that answers as it is told, and counts its connections. */
async function serve(
  answer: (response: ServerResponse) => void,
): Promise<{ url: string; server: Server; connections: () => number }> {
  let connections = 0;
  const server = createServer((_request, response) => {
    response.writeHead(200);
    answer(response);
  });
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}`, server, connections: () => connections };
}

/** Reads the first piece of an answer and leaves the rest. */
async function leave({ body }: Response): Promise<string> {
  const reader = body?.getReader();
  const piece = await reader?.read();
  await reader?.cancel();
  return Buffer.from(piece?.value ?? []).toString();
}

function answerInTwo(response: ServerResponse): void {
  response.write('one');
  setTimeout(() => response.end('two'), 20);
}

test('an answer that is left just before its end keeps the connection', async () => {
  const { url, connections } = await serve(answerInTwo);
  const fetch = keepAliveFetch();
  expect(await leave(await fetch(url))).toBe('one');
  expect(await (await fetch(url)).text()).toBe('onetwo');
  await expect
    .poll(async () => {
      const before = connections();
      await leave(await fetch(url));
      await new Promise((resolve) => setTimeout(resolve, 50));
      await (await fetch(url)).text();
      return connections() - before;
    })
    .toBe(0);
});

test('an answer that is left and does not end is closed', async () => {
  let closed: Promise<unknown> = Promise.resolve();
  const { url } = await serve((response) => {
    closed = once(response, 'close');
    response.write('one');
  });
  expect(await leave(await keepAliveFetch()(url))).toBe('one');
  await expect(closed).resolves.toEqual([]);
});

test('an abort closes the connection at once', async () => {
  let closed: Promise<unknown> = Promise.resolve();
  const { url } = await serve((response) => {
    closed = once(response, 'close');
    response.write('one');
  });
  const controller = new AbortController();
  const { body } = await keepAliveFetch()(url, { signal: controller.signal });
  const reader = body?.getReader();
  await reader?.read();
  controller.abort();
  await expect(reader?.read()).rejects.toThrow('aborted');
  await expect(closed).resolves.toEqual([]);
});
