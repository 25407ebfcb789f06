import { ConfigurationError } from '@vision-agents/core';
import { expect, test } from 'vitest';

import { resolveEdgeOptions } from '../src/local-options.ts';

test('everything has a default', () => {
  expect(resolveEdgeOptions({})).toEqual({
    host: '127.0.0.1',
    port: 0,
    leaveGraceMs: 0,
    onListening: undefined,
    allowedOrigins: [],
  });
});

test('origins lose their path and upper case', () => {
  const { allowedOrigins } = resolveEdgeOptions({ allowedOrigins: ['https://Voice.Example/talk'] });
  expect(allowedOrigins).toEqual(['https://voice.example']);
});

test.for([
  ['host', { host: '' }],
  ['port', { port: 65_536 }],
  ['port', { port: 1.5 }],
  ['leaveGraceMs', { leaveGraceMs: -1 }],
  ['allowedOrigins', { allowedOrigins: ['voice.example'] }],
  ['onListening', { onListening: 'yes' }],
  ['ports', { ports: 1 }],
] satisfies [string, object][] as [string, object][])(
  'a bad `%s` is refused by name',
  ([option, options]) => {
    expect(() => resolveEdgeOptions(options)).toThrow(ConfigurationError);
    expect(() => resolveEdgeOptions(options)).toThrow(`\`${option}\``);
  },
);
