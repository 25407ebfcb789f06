import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { createConsoleLogger, ProviderError, setLogLevel } from '../../src/index.ts';
import type { LogLevel } from '../../src/index.ts';

let written: string[] = [];

beforeEach(() => {
  written = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => {
    written.push(String(line));
    return true;
  });
});

afterEach(() => setLogLevel('info'));

/** The entries written, without their times. */
function entries(): object[] {
  return written.map((line) => {
    const entry: unknown = JSON.parse(line);
    if (!(entry instanceof Object && 'time' in entry)) throw new TypeError('an entry has no time');
    const { time, ...rest } = entry;
    if (!/^\d{4}-\d\d-\d\dT/.test(String(time))) throw new TypeError('a time is none');
    return rest;
  });
}

/** Logs once at each level; the levels of what was let through. */
function logAll(level?: LogLevel): unknown[] {
  const logger = createConsoleLogger(level);
  logger.debug({}, 'debug');
  logger.info({}, 'info');
  logger.warn({}, 'warn');
  logger.error({}, 'error');
  return entries().map((entry) => 'message' in entry && entry.message);
}

describe('a console logger', () => {
  test('writes one line of JSON an entry on standard error', () => {
    createConsoleLogger().info({ callId: 'c1', attempts: 2 }, 'joined\nthe call');
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/^[^\n]+\n$/);
    expect(entries()).toEqual([
      { level: 'info', message: 'joined\nthe call', callId: 'c1', attempts: 2 },
    ]);
  });

  test.for<readonly [LogLevel, readonly string[]]>([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
    ['silent', []],
  ])('at %s lets that through and what is worse', ([level, messages]) => {
    expect(logAll(level)).toEqual(messages);
    written = [];
    setLogLevel(level);
    expect(logAll()).toEqual(messages);
  });

  test('starts at info, and follows the level that is set later', () => {
    const logger = createConsoleLogger();
    logger.debug({}, 'early');
    setLogLevel('debug');
    logger.debug({}, 'late');
    expect(entries()).toEqual([{ level: 'debug', message: 'late' }]);
  });

  test('with a level of its own does not follow the one that is set', () => {
    setLogLevel('silent');
    expect(logAll('error')).toEqual(['error']);
  });
});

describe('an error in a field', () => {
  test('is written as name, code and message, its causes without their messages', () => {
    const socket = Object.assign(new Error('connect to wss://host?key=sk-123'), {
      code: 'ECONNREFUSED',
    });
    const cause = new TypeError('the user said: my password is', { cause: socket });
    const error = new ProviderError({ provider: 'p', type: 'network', message: 'down', cause });
    createConsoleLogger().error({ error }, 'failed');
    expect(entries()).toEqual([
      {
        level: 'error',
        message: 'failed',
        error: {
          name: 'ProviderError',
          code: 'provider_network',
          message: 'p: down',
          cause: { name: 'TypeError', cause: { name: 'Error', code: 'ECONNREFUSED' } },
        },
      },
    ]);
  });

  test('with a JSON form of its own shows nothing of that', () => {
    class HttpError extends Error {
      readonly headers = { authorization: 'Bearer sk-123' };
      toJSON(): object {
        return { headers: this.headers };
      }
    }
    createConsoleLogger().warn({ error: new HttpError('refused') }, 'failed');
    expect(written.join('')).not.toContain('sk-123');
    expect(entries()).toMatchObject([{ error: { message: 'refused' } }]);
  });

  test('may be its own cause', () => {
    const error = new Error('circular');
    error.cause = error;
    createConsoleLogger().warn({ error }, 'failed');
    expect(entries()).toMatchObject([{ error: { message: 'circular' } }]);
  });

  test('may lie anywhere', () => {
    createConsoleLogger().warn({ attempts: [{ error: new RangeError('first') }] }, 'failed');
    expect(entries()).toMatchObject([
      { attempts: [{ error: { name: 'RangeError', message: 'first' } }] },
    ]);
  });
});

test.for([
  ['circular', () => Object.assign({ callId: 'c1' }, { self: globalThis })],
  ['big integers', () => ({ callId: 'c1', bytes: 5n })],
  [
    'objects that throw',
    () => ({
      callId: 'c1',
      bad: {
        toJSON(): never {
          throw new Error('no');
        },
      },
    }),
  ],
] as const)('fields that are %s do not throw, and cost only themselves', ([, fields]) => {
  createConsoleLogger().info(fields(), 'joined');
  expect(entries()).toMatchObject([{ level: 'info', message: 'joined' }]);
  expect(written[0]).toContain('"unwritable":["callId"');
});
