import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';

import { InterruptedError } from '@vision-agents/core';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import type { HTTPServerOptions } from '../src/index.ts';
import { HTTPServer } from '../src/index.ts';
import { ManualClock } from './manual-clock.ts';
import type { RunningHTTPServer } from './servers/http-server.ts';
import { portOf, startHTTPServer } from './servers/http-server.ts';
import { eventually, failure, TestSession } from './test-session.ts';

async function start(
  options: Parameters<typeof startHTTPServer>[0] = {},
): Promise<RunningHTTPServer> {
  const server = await startHTTPServer(options);
  onTestFinished(() => server.kill());
  return server;
}

function sourceOf(server: RunningHTTPServer, options: Partial<HTTPServerOptions> = {}): HTTPServer {
  return new HTTPServer({ url: server.url, name: 'remote', ...options });
}

describe('a server over HTTP', () => {
  test('gets its headers with every request, the word that we leave among them', async () => {
    const server = await start();
    const headers = { Authorization: 'Bearer key-of-the-server' };
    const opened = await TestSession.open(sourceOf(server, { headers }));
    expect(server.headers).toMatchObject({ authorization: 'Bearer key-of-the-server' });
    expect(server.sessions.size).toBe(1);
    await opened.session.close();
    expect(server.methods.at(-1)).toBe('DELETE');
    expect(server.headers).toMatchObject({ authorization: 'Bearer key-of-the-server' });
    expect(server.sessions.size).toBe(0);
    expect(opened.logger.text).not.toContain('key-of-the-server');
  });

  test('has no request open but those of tools at work', async () => {
    const server = await start();
    const opened = await TestSession.open(sourceOf(server));
    await opened.call('echo', { words: 'hello' });
    expect(server.methods).not.toContain('GET');
    const stop = new AbortController();
    const slow = failure(opened.call('slow', {}, stop.signal));
    await eventually(() => expect(server.doings.slowBegun).toBe(1));
    expect(server.openRequests).toBe(1);
    stop.abort(new InterruptedError());
    await slow;
    await eventually(() => expect(server.openRequests).toBe(0));
    expect(server.doings.slowCancelled).toBe(1);
  });

  test('is reached through a fetch of your own', async () => {
    const server = await start();
    const send = vi.fn<typeof fetch>((url, init) => fetch(url, init));
    await TestSession.open(sourceOf(server, { fetch: send }));
    expect(send.mock.calls.length).toBe(server.methods.length);
  });

  test('has its session ended while it is idle', async () => {
    const server = await start();
    const clock = new ManualClock();
    const opened = await TestSession.open(sourceOf(server, { idleTimeoutMs: 1000 }), { clock });
    const [first] = server.sessions.keys();
    clock.advance(1000);
    await eventually(() => expect(server.sessions.size).toBe(0));
    await opened.call('echo', { words: 'again' });
    expect([...server.sessions.keys()]).not.toEqual([first]);
  });

  test('that does not answer our leaving is left all the same', async () => {
    const server = await start();
    const clock = new ManualClock();
    const opened = await TestSession.open(sourceOf(server), { clock });
    const methods = server.methods.length;
    server.intercept = () => true;
    const closing = opened.session.close();
    await eventually(() => expect(server.methods.length).toBe(methods + 1));
    clock.advance(1000);
    await closing;
    expect(clock.pendingTimers).toBe(0);
    await eventually(() => expect(server.openRequests).toBe(0));
  });
});

describe('a server over HTTP that is lost', () => {
  test.each([
    ['before it has answered', false],
    ['in the middle of its answer', true],
  ])('%s fails the calls at work', async (_, json) => {
    const server = await start({ json });
    const opened = await TestSession.open(sourceOf(server));
    const slow = failure(opened.call('slow'));
    await eventually(() => expect(server.doings.slowBegun).toBe(1));
    expect(await failure(opened.call('die'))).toMatchObject({ type: 'network' });
    expect(await slow).toMatchObject({ type: 'network' });
  });

  test.each([
    ['breaks off', (response: ServerResponse) => response.destroy()],
    ['ends', (response: ServerResponse) => response.end()],
    ['ends in the middle of an event', (response: ServerResponse) => response.end('data: {"json')],
  ])('fails a call at once whose stream %s', async (_, end) => {
    const server = await start();
    const clock = new ManualClock();
    const opened = await TestSession.open(sourceOf(server), { clock });
    server.intercept = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': hello\n\n', () => end(response));
      return true;
    };
    expect(await failure(opened.call('echo', { words: 'hello' }))).toMatchObject({
      type: 'network',
      providerCode: 'connection_lost',
    });
    server.intercept = () => false;
    await expect(opened.call('echo', { words: 'again' })).resolves.toBe('again');
    expect(server.sessions.size).toBe(2);
  });

  test('and has forgotten the session gets a new one, within the same call', async () => {
    const server = await start();
    const opened = await TestSession.open(sourceOf(server));
    server.sessions.clear();
    await expect(opened.call('echo', { words: 'again' })).resolves.toBe('again');
    expect(server.sessions.size).toBe(1);
  });

  test('and forgets every session is not asked for ever', async () => {
    const server = await start();
    const opened = await TestSession.open(sourceOf(server));
    server.sessions.clear();
    server.sessions.set = () => server.sessions;
    expect(await failure(opened.call('echo', { words: 'again' }))).toMatchObject({
      providerCode: '404',
    });
  });

  test('is tried again by a later call, less and less often while it is not there', async () => {
    const server = await start();
    const clock = new ManualClock();
    const opened = await TestSession.open(sourceOf(server), { clock });
    const codeOfCall = async (): Promise<unknown> => {
      const error = await failure(opened.call('echo', { words: 'hello' }));
      return error instanceof Error && 'providerCode' in error ? error.providerCode : error;
    };
    await server.kill();
    await expect(codeOfCall()).resolves.toMatch(/ECONN|UND_ERR_SOCKET/);
    for (const pauseMs of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      await expect(codeOfCall()).resolves.toBe('ECONNREFUSED');
      await expect(codeOfCall()).resolves.toBe('unreachable');
      clock.advance(pauseMs - 1);
      await expect(codeOfCall()).resolves.toBe('unreachable');
      clock.advance(1);
    }
    const again = await start({ port: server.port });
    await expect(opened.call('echo', { words: 'there' })).resolves.toBe('there');
    await again.kill();
    await expect(codeOfCall()).resolves.toMatch(/ECONN|UND_ERR_SOCKET/);
    await expect(codeOfCall()).resolves.toBe('ECONNREFUSED');
    clock.advance(1000);
    await expect(codeOfCall()).resolves.toBe('ECONNREFUSED');
  });
});

describe('a server over HTTP that refuses', () => {
  test.each([
    [401, 'authentication', 'it wants credentials in the option `headers`'],
    [403, 'authentication', 'the credentials in the option `headers` do not allow it'],
    [404, 'bad_request', 'there is no MCP endpoint at the option `url`'],
    [405, 'bad_request', 'there is no endpoint for streamable HTTP'],
    [500, 'unavailable', 'HTTP status 500'],
    [307, 'bad_request', 'HTTP status 307'],
  ])('with %i is not joined, and says why', async (status, type, words) => {
    const server = await start();
    server.intercept = (_request, response) => {
      const location = 'http://127.0.0.2:1/?key=key-of-the-server';
      response.writeHead(status, status === 307 ? { location } : {}).end('what was said');
      return true;
    };
    const source = sourceOf(server, {
      url: `${server.url}?key=key-of-the-server`,
      headers: { Authorization: 'Bearer key-of-the-server' },
    });
    const error = await failure(source.open());
    expect(error).toMatchObject({ provider: 'mcp', type, providerCode: String(status) });
    const text = String(error);
    expect(text).toContain('mcp: the server "remote" failed: ');
    expect(text).toContain(words);
    expect(text).not.toMatch(/key-of-the-server|what was said/);
  });

  test('fails a call, and is asked again by the next on the same session', async () => {
    const server = await start();
    const opened = await TestSession.open(sourceOf(server));
    server.intercept = (_request, response) => {
      response.writeHead(503).end();
      return true;
    };
    const call = failure(opened.call('echo', { words: 'hello' }));
    expect(await call).toMatchObject({ type: 'unavailable', providerCode: '503' });
    server.intercept = () => false;
    await expect(opened.call('echo', { words: 'again' })).resolves.toBe('again');
    expect(server.sessions.size).toBe(1);
  });

  test.each([
    ['of another kind', 'text/html', '<p>what was said</p>', 'malformed_answer'],
    ['that is no JSON', 'application/json', 'what was said', 'malformed_answer'],
    [
      'without a result',
      'application/json',
      '{"jsonrpc":"2.0","id":2,"result":{"content":5}}',
      'malformed_answer',
    ],
    [
      'of more than 10 MiB',
      'application/json',
      `"${'x'.repeat(11 * 1024 * 1024)}"`,
      'answer_too_long',
    ],
  ])('to answer but with something %s is not understood', async (_, type, body, code) => {
    const server = await start();
    const opened = await TestSession.open(sourceOf(server));
    server.intercept = (_request, response) => {
      response.writeHead(200, { 'content-type': type }).end(body);
      return true;
    };
    const error = await failure(opened.call('echo', { words: 'hello' }));
    expect(error).toMatchObject({ type: 'protocol', providerCode: code });
    expect(String(error)).not.toContain('what was said');
  });
});

describe('a server over HTTP that hangs', () => {
  test.each([
    ['at the introduction', 1],
    ['after the introduction', 2],
    ['at the list of its tools', 3],
  ])('%s is given up in time', async (_, request) => {
    const server = await start();
    const clock = new ManualClock();
    server.intercept = () => server.methods.length === request;
    const opening = failure(sourceOf(server, { connectTimeoutMs: 500 }).open({ clock }));
    await eventually(() => expect(server.methods.length).toBe(request));
    clock.advance(500);
    expect(await opening).toMatchObject({
      type: 'timeout',
      message: 'mcp: the server "remote" failed: it was not ready within 500 ms',
    });
    expect(clock.pendingTimers).toBe(0);
    await eventually(() => expect(server.openRequests).toBe(0));
  });

  test('when it is asked again fails the call in time, and the next call is told at once', async () => {
    const server = await start();
    const clock = new ManualClock();
    const options = { idleTimeoutMs: 1000, connectTimeoutMs: 500 };
    const opened = await TestSession.open(sourceOf(server, options), { clock });
    clock.advance(1000);
    await eventually(() => expect(server.methods.at(-1)).toBe('DELETE'));
    const methods = server.methods.length;
    server.intercept = () => true;
    const call = failure(opened.call('echo', { words: 'hello' }));
    await eventually(() => expect(server.methods.length).toBe(methods + 1));
    clock.advance(500);
    expect(await call).toMatchObject({ providerCode: 'connect_timeout' });
    expect(await failure(opened.call('echo', { words: 'hello' }))).toMatchObject({
      providerCode: 'unreachable',
      message:
        'mcp: the server "remote" failed: it could not be reached; it is tried again in 1 s at the earliest',
    });
  });
});

test('what is no HTTP server is not joined', async () => {
  const server = createServer((socket) => socket.end('220 mail.example.org\r\n'));
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server.address());
  const error = await failure(new HTTPServer({ url: `http://127.0.0.1:${port}/` }).open());
  expect(error).toMatchObject({ provider: 'mcp' });
});
