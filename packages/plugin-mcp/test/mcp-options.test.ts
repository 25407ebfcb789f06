import { describe, expect, test } from 'vitest';

import { HTTPServer, StdioServer } from '../src/index.ts';

const STDIO = { command: 'weather-server' };
const HTTP = { url: 'https://tools.example.org/mcp' };

test('a server is called what its option says, else by its command or host', () => {
  expect(new StdioServer({ ...STDIO, name: 'weather' }).name).toBe('weather');
  expect(new StdioServer({ command: '/opt/servers/weather' }).name).toBe('weather');
  expect(new HTTPServer({ url: 'http://127.0.0.1:8000/mcp?key=secret' }).name).toBe(
    '127.0.0.1:8000',
  );
});

test('a server is not optional unless its option says so', () => {
  expect(new StdioServer(STDIO).optional).toBe(false);
  expect(new HTTPServer(HTTP).optional).toBe(false);
  expect(new HTTPServer({ ...HTTP, optional: true }).optional).toBe(true);
});

describe('the options that every server has', () => {
  test.each([
    ['name', ''],
    ['toolNames', 'all'],
    ['toolNames', ['']],
    ['namePrefix', '1st-'],
    ['namePrefix', 'a b'],
    ['namePrefix', 'a'.repeat(33)],
    ['connectTimeoutMs', 0],
    ['callTimeoutMs', 600_001],
    ['idleTimeoutMs', 0],
    ['optional', 'yes'],
    ['colour', 'red'],
  ])('%s = %j is refused by name', (option, value) => {
    for (const construct of [
      () => new StdioServer({ ...STDIO, [option]: value }),
      () => new HTTPServer({ ...HTTP, [option]: value }),
    ]) {
      expect(construct).toThrow(expect.objectContaining({ code: 'configuration', option }));
    }
  });
});

describe('the options of StdioServer', () => {
  test.each([
    ['command', undefined],
    ['command', ''],
    ['args', 'a b'],
    ['args', [5]],
    ['env', 'A=1'],
    ['env', { KEY: 5 }],
    ['cwd', ''],
    ['url', 'https://tools.example.org'],
  ])('%s = %j is refused by name', (option, value) => {
    expect(() => new StdioServer({ ...STDIO, [option]: value })).toThrow(
      expect.objectContaining({ code: 'configuration', option }),
    );
  });
});

describe('the options of HTTPServer', () => {
  test.each([
    ['url', undefined],
    ['url', 'tools.example.org'],
    ['url', 'ws://tools.example.org'],
    ['url', 'https://user:secret@tools.example.org'],
    ['headers', { Authorization: 'Bearer secret\n' }],
    ['headers', { Authorization: 5 }],
    ['headers', { 'not a name': 'secret' }],
    ['fetch', 'secret'],
    ['command', 'weather-server'],
  ])('%s = %j is refused by name, without its value', (option, value) => {
    const construct = (): HTTPServer => new HTTPServer({ ...HTTP, [option]: value });
    expect(construct).toThrow(expect.objectContaining({ code: 'configuration', option }));
    expect(construct).not.toThrow(/secret/);
  });
});
