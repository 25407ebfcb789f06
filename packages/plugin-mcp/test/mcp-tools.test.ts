import type { Tool as ServerTool } from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';

import { resolveServerOptions } from '../src/mcp-options.ts';
import { toolsOf } from '../src/mcp-tools.ts';

const run = (name: string): Promise<unknown> => Promise.resolve(name);

function listed(...names: readonly string[]): ServerTool[] {
  return names.map((name) => ({ name, inputSchema: { type: 'object' } }));
}

function namesOf(options: object, tools: readonly ServerTool[]): string[] {
  return Object.keys(toolsOf(resolveServerOptions(options, 'weather'), tools, run));
}

test('all tools are offered, in the order of the server', () => {
  expect(namesOf({}, listed('b', 'a', 'c'))).toEqual(['b', 'a', 'c']);
});

test('only the tools that were chosen are offered', () => {
  const many = Array.from({ length: 500 }, (_, index) => `tool${index}`);
  expect(namesOf({ toolNames: ['b', 'a'] }, listed('a', ...many, 'b'))).toEqual(['a', 'b']);
});

test('a tool can have a name that objects know as their own', () => {
  expect(namesOf({}, listed('__proto__', 'constructor'))).toEqual(['__proto__', 'constructor']);
});

test('a tool has as long as a call may take', () => {
  const settings = resolveServerOptions({ callTimeoutMs: 1234 }, 'weather');
  expect(toolsOf(settings, listed('a'), run)).toMatchObject({ a: { timeoutMs: 1234 } });
});

test('tools that get the same name are refused with both', () => {
  expect(() => namesOf({}, listed('get weather', 'get.weather'))).toThrow(
    'the MCP server "weather" has the tools "get weather" and "get.weather", which are both "get_weather" to the model; choose one of them in `toolNames`',
  );
  expect(() => namesOf({}, listed('a', 'a'))).toThrow('"a" and "a"');
  const long = 'a'.repeat(64);
  expect(() => namesOf({}, listed(`${long}1`, `${long}2`))).toThrow('choose one of them');
  expect(namesOf({ toolNames: ['get.weather'] }, listed('get weather', 'get.weather'))).toEqual([
    'get_weather',
  ]);
});

test('a tool that was chosen and is not there is refused by name', () => {
  expect(() => namesOf({ toolNames: ['a', 'b'] }, listed('a'))).toThrow(
    'the MCP server "weather" has no tool "b", which `toolNames` asks for',
  );
});

test('a tool that only runs as a task is not offered', () => {
  const execution = { taskSupport: 'required' } as const;
  const task = { name: 'task', inputSchema: { type: 'object' } as const, execution };
  expect(namesOf({}, [...listed('a'), task])).toEqual(['a']);
});

test('more tools than a provider takes are refused', () => {
  const names = Array.from({ length: 129 }, (_, index) => `tool${index}`);
  expect(namesOf({}, listed(...names.slice(1)))).toHaveLength(128);
  expect(() => namesOf({}, listed(...names))).toThrow(
    'the MCP server "weather" has 129 tools; choose at most 128 in `toolNames`',
  );
});
