import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, test } from 'vitest';

import { argumentsOf, modelNameOf, textOf } from '../src/mcp-wire.ts';

const BYTES = Buffer.from('some bytes').toString('base64');

describe('the name of a tool for the model', () => {
  test.each([
    ['', 'get_weather-2', 'get_weather-2'],
    ['my-', 'weather', 'my-weather'],
    ['', 'get weather.now', 'get_weather_now'],
    ['', '2nd', '_2nd'],
    ['', '-', '_-'],
    ['', '', '_'],
    ['', 'größe', 'gr__e'],
    ['', 'a👋b', 'a_b'],
    ['my_', 'a'.repeat(100), `my_${'a'.repeat(61)}`],
  ])('is made of the prefix "%s" and "%s": %s', (prefix, name, modelName) => {
    expect(modelNameOf(prefix, name)).toBe(modelName);
  });
});

describe('the arguments of a call', () => {
  test('are what the model wrote, whatever is in it', () => {
    expect(argumentsOf({ city: 'Paris', days: [1] })).toEqual({ city: 'Paris', days: [1] });
  });

  test.each([undefined, null])('are none for %s', (input) => {
    expect(argumentsOf(input)).toEqual({});
  });

  test.each(['Paris', 5, ['Paris']])('are refused when they are no object: %j', (input) => {
    expect(() => argumentsOf(input)).toThrow('bad input: must be an object');
  });
});

describe('the text of a result', () => {
  const cases: [string, CallToolResult, string | undefined][] = [
    ['nothing', { content: [] }, undefined],
    ['an empty text', { content: [{ type: 'text', text: '' }] }, undefined],
    [
      'texts by the line',
      {
        content: [
          { type: 'text', text: 'Rain.' },
          { type: 'text', text: 'Later sun.' },
        ],
      },
      'Rain.\nLater sun.',
    ],
    [
      'media by their type',
      {
        content: [
          { type: 'image', data: BYTES, mimeType: 'image/png' },
          { type: 'audio', data: BYTES, mimeType: 'audio/wav' },
        ],
      },
      '[image: image/png]\n[audio: audio/wav]',
    ],
    [
      'files by their text or their type',
      {
        content: [
          { type: 'resource', resource: { uri: 'file:///a', text: 'what is in it' } },
          { type: 'resource', resource: { uri: 'file:///b', blob: BYTES, mimeType: 'a/b' } },
          { type: 'resource', resource: { uri: 'file:///c', blob: BYTES } },
          { type: 'resource_link', uri: 'file:///d', name: 'd' },
        ],
      },
      'what is in it\n[resource: a/b]\n[resource: of an unknown type]\n[resource: file:///d]',
    ],
    [
      'structured content behind another text',
      { content: [{ type: 'text', text: 'Rain.' }], structuredContent: { mm: 3 } },
      'Rain.\n{"mm":3}',
    ],
    [
      'structured content once, where the text says the same',
      { content: [{ type: 'text', text: '{ "mm": 3 }' }], structuredContent: { mm: 3 } },
      '{ "mm": 3 }',
    ],
  ];

  test.each(cases)('is %s', (_, result, text) => {
    expect(textOf(result)).toBe(text);
  });
});
