import { toStandardJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import type { Tool, ToolCall, ToolResult } from '../../src/index.ts';
import { tool } from '../../src/index.ts';
import { LLMRecorder } from '../../src/llm/llm-recorder.ts';
import { ManualClock, RecordingLogger } from '../../src/testing/index.ts';
import { runTool } from '../../src/tools/run-tool.ts';

const description = 'Books a table.';

const LIBRARIES: readonly [string, Tool][] = [
  [
    'zod',
    tool({
      description,
      input: z.object({ name: z.string(), guests: z.int().min(1).describe('Children too') }),
      execute: ({ name, guests }) => `${guests.toFixed(1)} for ${name.toUpperCase()}`,
    }),
  ],
  [
    'valibot',
    tool({
      description,
      input: toStandardJsonSchema(
        v.object({
          name: v.string(),
          guests: v.pipe(v.number(), v.integer(), v.minValue(1), v.description('Children too')),
        }),
      ),
      execute: ({ name, guests }) => `${guests.toFixed(1)} for ${name.toUpperCase()}`,
    }),
  ],
];

function call(book: Tool, input: unknown): Promise<ToolResult> {
  const asked: ToolCall = { id: 'call-1', name: 'book', arguments: input };
  return runTool(asked, {
    tools: { book },
    clock: new ManualClock(),
    logger: new RecordingLogger(),
    recorder: new LLMRecorder('fake', 'fake-llm'),
    signal: new AbortController().signal,
  });
}

describe.for(LIBRARIES)('a tool with a schema of %s', ([, book]) => {
  test('is described to the model as JSON Schema', () => {
    expect(book.inputSchema).toMatchObject({
      type: 'object',
      properties: {
        name: { type: 'string' },
        guests: { type: 'integer', minimum: 1, description: 'Children too' },
      },
      required: ['name', 'guests'],
    });
  });

  test('gets what the schema made of the input', async () => {
    await expect(call(book, { name: 'Anna', guests: 2 })).resolves.toMatchObject({
      output: '2.0 for ANNA',
      success: true,
    });
  });

  test.each([
    [{ name: 'Anna', guests: 0 }, /^bad input: .*guests/],
    [{ name: 'Anna' }, /^bad input: .*guests/],
    [{ guests: 2, name: 5 }, /^bad input: .*name/],
    [undefined, /^bad input: ./],
    ['Anna', /^bad input: ./],
  ])('tells the model what is wrong with %j', async (input, problem) => {
    const result = await call(book, input);
    expect(result.success).toBe(false);
    const parsed: unknown = JSON.parse(result.output);
    expect(parsed).toHaveProperty('error', expect.stringMatching(problem));
  });
});
