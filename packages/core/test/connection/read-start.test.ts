import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { expect, onTestFinished, test } from 'vitest';

import { readStart } from '../../src/connection/read-start.ts';

/** The answer of a server that writes it like this. */
async function answerOf(write: (response: ServerResponse) => void): Promise<IncomingMessage> {
  const server = createServer((_request, response) => write(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const answered = Promise.withResolvers<IncomingMessage>();
  get(`http://127.0.0.1:${port}`, answered.resolve).on('error', answered.reject);
  return answered.promise;
}

test.each([
  ['nothing', ''],
  ['less than that', 'four'],
  ['as much as that', 'just ten..'],
])('a body of %s is read whole', async (_what, body) => {
  expect(await readStart(await answerOf((response) => response.end(body)), 10)).toBe(body);
});

test('of a longer body the start is read, and the rest is hung up on', async () => {
  const body = await answerOf((response) => {
    response.write('the start ');
    response.write('and much more');
  });
  expect(await readStart(body, 15)).toBe('the start and m');
  await expect.poll(() => body.destroyed).toBe(true);
});

test('of a body that breaks off that is read which came', async () => {
  const body = await answerOf((response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('the start');
    setTimeout(() => response.destroy(), 20);
  });
  expect(await readStart(body, 100)).toBe('the start');
});

test('who destroys a body that does not end has what came', async () => {
  const body = await answerOf((response) => response.write('the start'));
  const start = readStart(body, 100);
  await expect.poll(() => body.readableDidRead && body.readableLength === 0).toBe(true);
  setImmediate(() => body.destroy());
  expect(await start).toBe('the start');
});
