import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { tool } from '../../src/index.ts';
import { checkToolNames } from '../../src/tools/tool.ts';
import { CITY_INPUT } from '../fakes/city-input.ts';

const OPTIONS = { description: 'Tells the weather.', input: CITY_INPUT, execute: () => 'sunny' };

describe('a tool', () => {
  test('tells the model its input as JSON Schema', () => {
    expect(tool(OPTIONS)).toMatchObject({
      description: 'Tells the weather.',
      inputSchema: { $schema: 'draft-2020-12', type: 'object', required: ['city'] },
      timeoutMs: 30_000,
      readOnly: false,
    });
  });

  test('gets its checked input and the signal', async () => {
    const { signal } = new AbortController();
    const weather = tool({
      ...OPTIONS,
      execute: ({ city }, context) => [city, context.signal === signal],
    });
    await expect(weather.run({ city: 'Paris' }, { signal })).resolves.toEqual(['Paris', true]);
  });

  test('is not run with an input that does not fit', async () => {
    let isRun = false;
    const weather = tool({ ...OPTIONS, execute: () => (isRun = true) });
    const { signal } = new AbortController();
    await expect(weather.run({ city: 5 }, { signal })).rejects.toThrow(
      'bad input: city: must be a string',
    );
    expect(isRun).toBe(false);
  });

  test.each([
    [
      'cannot describe itself',
      { '~standard': { version: 1, vendor: 'old', validate: () => ({}) } },
    ],
    ['is no schema', {}],
    ['cannot be described', z.object({ when: z.date() })],
    ['is no object', z.string()],
    [
      'may be one of two things',
      z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]),
    ],
  ])('with an input that %s is refused', (_, input) => {
    expect(() => tool(Object.assign({ ...OPTIONS }, { input }))).toThrow(
      expect.objectContaining({ code: 'configuration', option: 'input' }),
    );
  });

  test.each([
    ['description', ''],
    ['input', 'none'],
    ['execute', 5],
    ['timeoutMs', 0],
    ['timeoutMs', 600_001],
    ['readOnly', 'yes'],
    ['colour', 'red'],
  ])('with the option %s = %j is refused by name', (option, value) => {
    expect(() => tool({ ...OPTIONS, [option]: value })).toThrow(
      expect.objectContaining({ code: 'configuration', option }),
    );
  });
});

test.each(['weather', '_', 'Get-Weather_2', 'a'.repeat(64)])('the name "%s" is fine', (name) => {
  expect(() => checkToolNames({ [name]: tool(OPTIONS) })).not.toThrow();
});

test.each(['', 'get weather', '2nd', 'wetter.de', 'größe', 'a'.repeat(65)])(
  'the name "%s" is refused',
  (name) => {
    expect(() => checkToolNames({ [name]: tool(OPTIONS) })).toThrow(
      expect.objectContaining({ code: 'configuration', option: 'tools' }),
    );
  },
);
