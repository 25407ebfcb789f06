import type { InputSchema } from '../../src/index.ts';

/** The input of the tests' tools: an object with a `city`, as any schema library would check it. */
export const CITY_INPUT: InputSchema<{ readonly city: string }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      isCity(value) ? { value } : { issues: [{ message: 'must be a string', path: ['city'] }] },
    jsonSchema: {
      input: ({ target }) => ({
        $schema: target,
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
      }),
    },
  },
};

function isCity(value: unknown): value is { city: string } {
  return value instanceof Object && 'city' in value && typeof value.city === 'string';
}
