import { InterruptedError, ProviderError } from '@vision-agents/core';
import { describe, expect, test, vi } from 'vitest';

import { StdioServer } from '../src/index.ts';
import { ManualClock } from './manual-clock.ts';
import { RecordingLogger } from './recording-logger.ts';
import {
  eventually,
  failure,
  isRunning,
  script,
  stdioServer,
  TestSession,
} from './test-session.ts';

describe('a server that is a process', () => {
  test('has ended when its session is closed', async () => {
    const opened = await TestSession.open(stdioServer());
    const pid = await opened.pid();
    expect(isRunning(pid)).toBe(true);
    await opened.session.close();
    expect(isRunning(pid)).toBe(false);
  });

  test('has ended while it is idle, and is another one after that', async () => {
    const clock = new ManualClock();
    const opened = await TestSession.open(stdioServer({ idleTimeoutMs: 1000 }), { clock });
    const pid = await opened.pid();
    clock.advance(1000);
    await eventually(() => expect(isRunning(pid)).toBe(false));
    const [next, same] = await Promise.all([opened.pid(), opened.pid()]);
    expect(next).not.toBe(pid);
    expect(same).toBe(next);
    await opened.session.close();
    expect(isRunning(next)).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  test('that dies in the middle fails its calls at once, and is started again for the next', async () => {
    const clock = new ManualClock();
    const opened = await TestSession.open(stdioServer({ name: 'mortal' }), { clock });
    const slow = failure(opened.call('slow'));
    const error = await failure(opened.call('die'));
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({
      provider: 'mcp',
      type: 'network',
      providerCode: 'connection_lost',
      message:
        'mcp: the server "mortal" failed: the connection was lost before there was a result; the tool may have run',
    });
    expect(await slow).toMatchObject({ providerCode: 'connection_lost' });
    await expect(opened.call('echo', { words: 'again' })).resolves.toBe('again');
  });

  test('that is just being started again has ended when the session is closed', async () => {
    const clock = new ManualClock();
    const opened = await TestSession.open(stdioServer({ idleTimeoutMs: 1000 }), { clock });
    const pid = await opened.pid();
    clock.advance(1000);
    const call = failure(opened.call('echo', { words: 'hello' }));
    await eventually(() => expect(pidsIn(opened.logger)).toHaveLength(2));
    await opened.session.close();
    expect(await call).toMatchObject({ code: 'closed' });
    expect(pidsIn(opened.logger)).toContain(pid);
    expect(pidsIn(opened.logger).filter(isRunning)).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('that was killed between two calls is started again', async () => {
    const opened = await TestSession.open(stdioServer());
    const pid = await opened.pid();
    process.kill(pid, 'SIGKILL');
    await eventually(() => expect(isRunning(pid)).toBe(false));
    expect(await opened.pid()).not.toBe(pid);
  });

  test('gets no environment but the least and what it is given', async () => {
    vi.stubEnv('SECRET_OF_THE_PARENT', 'x');
    const opened = await TestSession.open(stdioServer({ env: { TEST_KEY: 'a' }, cwd: '/' }));
    const { env, folder } = await opened.ask('process');
    expect(env).toContain('PATH');
    expect(env).toContain('TEST_KEY');
    const least = new Set(['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER', 'TEST_KEY']);
    expect([env].flat().filter((name) => !least.has(String(name)))).toEqual([]);
    expect(folder).toBe('/');
  });

  test('may write as much as it likes to its standard error, and is logged until it is ready', async () => {
    const env = { TEST_KEY: 'key-of-the-server' };
    const opened = await TestSession.open(stdioServer({ env }));
    await opened.call('echo', { words: 'what was said' });
    await opened.session.close();
    expect(opened.logger.text).toContain('....');
    expect(opened.logger.text).not.toContain('key-of-the-server');
    expect(opened.logger.text).not.toContain('what was said');
  });
});

describe('a process that is no server', () => {
  test('that does not exist is refused with what to look at', async () => {
    const clock = new ManualClock();
    const source = new StdioServer({ command: '/no/such/program', args: ['key-of-the-server'] });
    const error = await failure(source.open({ clock }));
    expect(error).toMatchObject({
      type: 'unavailable',
      providerCode: 'ENOENT',
      message:
        'mcp: the server "program" failed: it could not be started: there is no such `command`, or no such folder `cwd`',
    });
    expect(clock.pendingTimers).toBe(0);
  });

  test('that may not be run is refused with its code', async () => {
    const error = await failure(new StdioServer({ command: '/' }).open());
    expect(error).toMatchObject({ type: 'unavailable', providerCode: 'EACCES' });
  });

  test('that ends at once is not waited for, and the log has what it wrote', async () => {
    const code = 'console.error("no licence for key-of-the-server"); process.exit(3)';
    const source = new StdioServer({
      command: process.execPath,
      args: ['--eval', code],
      env: { KEY: 'key-of-the-server' },
    });
    const logger = new RecordingLogger();
    const error = await failure(source.open({ logger, clock: new ManualClock() }));
    expect(error).toMatchObject({ type: 'unavailable', providerCode: 'not_ready' });
    expect(logger.text).toContain('no licence for ***');
    expect(`${logger.text} ${String(error)}`).not.toContain('key-of-the-server');
  });

  test('that writes something else is not understood, and not repeated', async () => {
    const code = 'setInterval(() => console.log("what was said"), 10)';
    const clock = new ManualClock();
    const logger = new RecordingLogger();
    const source = new StdioServer({ command: process.execPath, args: ['--eval', code] });
    const opening = failure(source.open({ clock, logger }));
    await eventually(() => expect(logger.text).toContain('trouble with an MCP server'));
    clock.advance(10_000);
    expect(await opening).toMatchObject({ type: 'timeout', providerCode: 'connect_timeout' });
    expect(logger.text).not.toContain('what was said');
  });

  test('that hangs is given up in time, and has ended by then though it does not want to', async () => {
    const { clock, logger, pid, opening } = await openHung();
    clock.advance(10_000);
    expect(await opening).toMatchObject({
      type: 'timeout',
      providerCode: 'connect_timeout',
      message: 'mcp: the server "node" failed: it was not ready within 10000 ms',
    });
    expect(isRunning(pid)).toBe(false);
    expect(clock.pendingTimers).toBe(0);
    expect(logger.entries.every(({ level }) => level === 'debug')).toBe(true);
  });

  test('that hangs has ended when the call has', async () => {
    const call = new AbortController();
    const { pid, opening } = await openHung(call.signal);
    call.abort(new InterruptedError());
    expect(await opening).toBe(call.signal.reason);
    expect(isRunning(pid)).toBe(false);
  });
});

test('lists the tools of all pages, with schemas that nobody here understands', async () => {
  const names = ['one', 'get weather.now', 'task', 'größe'];
  const opened = await TestSession.open(new StdioServer(script('paged-server', names)));
  expect(Object.keys(opened.session.tools)).toEqual(['one', 'get_weather_now', 'gr__e']);
  expect(opened.session.tools['one']?.inputSchema).toEqual({
    type: 'object',
    'x-odd': [1],
    properties: { a: { type: 'nonsense' } },
  });
  await expect(opened.call('get_weather_now')).resolves.toBe('get weather.now was called');
});

test('a server with no tools brings none', async () => {
  const opened = await TestSession.open(new StdioServer(script('no-tools-server')));
  expect(opened.session.tools).toEqual({});
});

interface HungOpening {
  readonly clock: ManualClock;
  readonly logger: RecordingLogger;
  readonly pid: number;
  readonly opening: Promise<unknown>;
}

async function openHung(signal?: AbortSignal): Promise<HungOpening> {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const source = new StdioServer({ ...script('hung-server'), name: 'node' });
  const opening = failure(source.open({ clock, logger, ...(signal && { signal }) }));
  await eventually(() => expect(logger.text).toContain('pid '));
  return { clock, logger, opening, pid: pidsIn(logger)[0] ?? 0 };
}

/** The ids of the processes that said them while they started. */
function pidsIn({ text }: RecordingLogger): number[] {
  return [...text.matchAll(/pid (\d+)/g)].map(([, pid]) => Number(pid));
}
