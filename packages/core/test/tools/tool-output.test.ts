import { describe, expect, test } from 'vitest';

import { errorText, outputText } from '../../src/tools/tool-output.ts';

const MAX_LENGTH = 60_000;

describe('an output that is too long', () => {
  test('is cut, and the model is told so', () => {
    const text = outputText('x'.repeat(70_000));
    expect(text.startsWith('x'.repeat(MAX_LENGTH))).toBe(true);
    expect(text.slice(MAX_LENGTH)).toBe('\n[cut off after 60000 of 70000 characters]');
  });

  test('is whole when it just fits', () => {
    expect(outputText('x'.repeat(MAX_LENGTH))).toHaveLength(MAX_LENGTH);
  });

  test('is not cut in the middle of a character', () => {
    const text = outputText(`${'x'.repeat(MAX_LENGTH - 1)}\u{1F389}${'x'.repeat(10)}`);
    expect(text.isWellFormed()).toBe(true);
    expect(text).toContain('x\n[cut off after 59999 of 60011 characters]');
    const even = outputText('\u{1F389}'.repeat(40_000));
    expect(even.isWellFormed()).toBe(true);
    expect(even).toContain('[cut off after 60000 of 80000 characters]');
  });

  test('is cut also when it says what went wrong', () => {
    const text = errorText(new Error('x'.repeat(70_000)));
    expect(text.length).toBeLessThan(MAX_LENGTH + 100);
    const parsed: unknown = JSON.parse(text);
    expect(parsed).toHaveProperty('error', expect.stringContaining('[cut off after 60000'));
  });
});
