import type { ToolSource } from '@vision-agents/core';
import { InterruptedError, ProviderError } from '@vision-agents/core';
import { describe, expect, onTestFinished, test } from 'vitest';

import { HTTPServer } from '../src/index.ts';
import { ManualClock } from './manual-clock.ts';
import { startHTTPServer } from './servers/http-server.ts';
import { eventually, failure, stdioServer, TestSession } from './test-session.ts';

async function httpServer(options: object, json: boolean): Promise<ToolSource> {
  const server = await startHTTPServer({ json });
  onTestFinished(() => server.kill());
  return new HTTPServer({ url: server.url, ...options });
}

const SERVERS: readonly [string, (options?: object) => Promise<ToolSource>][] = [
  ['a process', async (options = {}) => stdioServer(options)],
  ['HTTP that streams', (options = {}) => httpServer(options, false)],
  ['HTTP that answers with JSON', (options = {}) => httpServer(options, true)],
];

describe.each(SERVERS)('a server behind %s', (_, serverWith) => {
  test('brings its tools with what the model has to know of them', async () => {
    const { session } = await TestSession.open(await serverWith());
    expect(Object.keys(session.tools).slice(0, 3)).toEqual(['echo', 'add', 'fail']);
    expect(session.tools['echo']).toMatchObject({
      description: 'Says it again.',
      timeoutMs: 30_000,
      readOnly: false,
      inputSchema: {
        type: 'object',
        properties: { words: { type: 'string' } },
        required: ['words'],
      },
    });
    expect(session.tools).toMatchObject({
      add: { description: 'Adds two numbers', readOnly: true },
      fail: { description: 'fail' },
    });
  });

  test('brings them under a prefix, and runs them by their own names', async () => {
    const source = await serverWith({ namePrefix: 'my-', toolNames: ['echo', 'add'] });
    const opened = await TestSession.open(source);
    expect(Object.keys(opened.session.tools)).toEqual(['my-echo', 'my-add']);
    await expect(opened.call('my-echo', { words: 'hello' })).resolves.toBe('hello');
  });

  test.each([
    [
      'text as it is, in any script',
      'echo',
      { words: 'Grüße, 世界 👋\n\u2028' },
      'Grüße, 世界 👋\n\u2028',
    ],
    ['structured content as JSON', 'add', { a: 1, b: 2 }, '{"sum":3}'],
    ['an image as its type', 'draw', {}, 'Here it is:\n[image: image/png]'],
    ['a lot as a lot', 'big', { length: 2_000_000 }, 'x'.repeat(2_000_000)],
  ])('gives %s', async (_what, name, input, output) => {
    const opened = await TestSession.open(await serverWith());
    await expect(opened.call(name, input)).resolves.toBe(output);
  });

  test.each([
    ['says that it failed', 'fail', {}, /^there is no such city$/],
    ['throws', 'throw', {}, /^the database is on fire$/],
    [
      'gets an input that does not fit',
      'echo',
      { words: 5 },
      /expected string, received number at words/,
    ],
    ['gets an input that is no object', 'echo', 'hello', /^bad input: must be an object$/],
  ])('fails with words for the model when a tool %s', async (_what, name, input, message) => {
    const opened = await TestSession.open(await serverWith());
    await expect(opened.call(name, input)).rejects.toThrow(message);
    await expect(opened.call('echo', { words: 'still there' })).resolves.toBe('still there');
  });

  test('runs two tools at once', async () => {
    const opened = await TestSession.open(await serverWith());
    const stop = new AbortController();
    const slow = opened.call('slow', {}, stop.signal);
    await expect(opened.call('echo', { words: 'meanwhile' })).resolves.toBe('meanwhile');
    const answers = ['a', 'b', 'c'].map((words) => opened.call('echo', { words }));
    await expect(Promise.all(answers)).resolves.toEqual(['a', 'b', 'c']);
    stop.abort(new InterruptedError());
    await expect(slow).rejects.toBe(stop.signal.reason);
  });

  test('is told when nobody wants the result any more', async () => {
    const opened = await TestSession.open(await serverWith());
    const stop = new AbortController();
    const slow = opened.call('slow', {}, stop.signal);
    await eventually(async () =>
      expect(await opened.ask('doings')).toMatchObject({ slowBegun: 1 }),
    );
    stop.abort(new InterruptedError());
    await expect(slow).rejects.toBe(stop.signal.reason);
    await eventually(async () =>
      expect(await opened.ask('doings')).toMatchObject({ slowCancelled: 1 }),
    );
  });

  test('is not asked for what nobody wants already', async () => {
    const opened = await TestSession.open(await serverWith());
    const reason = new InterruptedError();
    await expect(opened.call('slow', {}, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(await opened.ask('doings')).toMatchObject({ slowBegun: 0 });
  });

  test('fails the calls at work when it is closed, and all later ones', async () => {
    const clock = new ManualClock();
    const opened = await TestSession.open(await serverWith(), { clock });
    const slow = failure(opened.call('slow'));
    await eventually(async () =>
      expect(await opened.ask('doings')).toMatchObject({ slowBegun: 1 }),
    );
    await Promise.all([opened.session.close(), opened.session.close()]);
    await opened.session.close();
    expect(await slow).toMatchObject({ code: 'closed' });
    expect(await failure(opened.call('echo', { words: 'hello' }))).toMatchObject({
      code: 'closed',
    });
    expect(clock.pendingTimers).toBe(0);
  });

  test('is closed by the end of the call', async () => {
    const call = new AbortController();
    const opened = await TestSession.open(await serverWith(), { signal: call.signal });
    call.abort(new InterruptedError());
    await expect(opened.call('echo', { words: 'hello' })).rejects.toBe(call.signal.reason);
  });

  test('is not opened for a call that is over', async () => {
    const source = await serverWith();
    const reason = new InterruptedError();
    await expect(source.open({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('is given up when the call ends while it is opened', async () => {
    const clock = new ManualClock();
    const call = new AbortController();
    const source = await serverWith();
    const opening = failure(source.open({ signal: call.signal, clock }));
    const reason = new InterruptedError();
    call.abort(reason);
    expect(await opening).toBe(reason);
    expect(clock.pendingTimers).toBe(0);
  });

  test('serves several calls', async () => {
    const source = await serverWith();
    const [one, other] = await Promise.all([TestSession.open(source), TestSession.open(source)]);
    await one.session.close();
    await expect(other.call('echo', { words: 'I stay' })).resolves.toBe('I stay');
  });

  test('is asked again on a new connection after it was idle', async () => {
    const clock = new ManualClock();
    const opened = await TestSession.open(await serverWith({ idleTimeoutMs: 5000 }), { clock });
    clock.advance(4999);
    await opened.call('echo', { words: 'not idle' });
    clock.advance(4999);
    await opened.call('echo', { words: 'not idle' });
    const stop = new AbortController();
    const slow = failure(opened.call('slow', {}, stop.signal));
    clock.advance(5000);
    await opened.call('echo', { words: 'one is at work' });
    clock.advance(25_000);
    stop.abort(new InterruptedError());
    expect(await slow).toBe(stop.signal.reason);
    clock.advance(5000);
    await expect(opened.call('echo', { words: 'and again' })).resolves.toBe('and again');
    expect(opened.logger.entries.filter(({ level }) => level !== 'debug')).toEqual([]);
  });
});

test.each([
  ['a process', () => stdioServer({ toolNames: ['echo', 'sing'] })],
  ['HTTP', () => httpServer({ toolNames: ['echo', 'sing'] }, false)],
])('a server behind %s whose tools cannot be offered is closed', async (_, serverWith) => {
  const clock = new ManualClock();
  const error = await failure((await serverWith()).open({ clock }));
  expect(error).toMatchObject({ code: 'configuration', option: 'toolNames' });
  expect(error).not.toBeInstanceOf(ProviderError);
  expect(clock.pendingTimers).toBe(0);
});
