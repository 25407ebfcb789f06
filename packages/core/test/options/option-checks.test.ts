import { describe, expect, test, vi } from 'vitest';

import type { OptionCheck } from '../../src/index.ts';
import {
  checkOptions,
  ConfigurationError,
  fromEnvironment,
  isArrayOf,
  isBoolean,
  isHttpUrl,
  isNumber,
  isObject,
  isOneOf,
  isText,
  requireSetting,
} from '../../src/index.ts';

const SECONDS = isNumber({ min: 0.5, max: 60 });
const PORT = isNumber({ min: 1, max: 65_535, integer: true });

describe('a check', () => {
  test.for<readonly [string, OptionCheck, readonly unknown[]]>([
    ['text', isText(), ['a', ' ']],
    ['a boolean', isBoolean(), [true, false]],
    ['a number', SECONDS, [0.5, 1, 59.9, 60]],
    ['a whole number', PORT, [1, 8080, 65_535]],
    ['one of some', isOneOf(['nova', 'flux']), ['nova', 'flux']],
    ['a URL', isHttpUrl(), ['http://127.0.0.1:1', 'https://a.example/b?c=d']],
    ['an array', isArrayOf(isText()), [[], ['a'], ['a', 'b']]],
    ['an object', isObject(), [{}, [], () => 1, new Date()]],
  ])('for %s lets it pass', ([, check, values]) => {
    expect(values.map(check)).toEqual(values.map(() => undefined));
  });

  test.for<readonly [string, OptionCheck, readonly unknown[]]>([
    ['must be a string that is not empty', isText(), ['', 1, null, {}]],
    ['must be true or false', isBoolean(), ['true', 0, null]],
    [
      'must be a number from 0.5 to 60',
      SECONDS,
      [0.49, 61, '1', Number.NaN, Number.POSITIVE_INFINITY, null],
    ],
    ['must be a whole number from 1 to 65535', PORT, [0, 65_536, 1.5, '80', Number.NaN]],
    ['must be one of "nova", "flux"', isOneOf(['nova', 'flux']), ['Nova', '', 1, null]],
    [
      'must be an http or https URL',
      isHttpUrl(),
      ['', 'a.example', '/path', 'ws://a.example', 'ftp://a.example', 1],
    ],
    ['must be an array', isArrayOf(isText()), ['a', {}, null]],
    [
      'has an element that must be a string that is not empty',
      isArrayOf(isText()),
      [['a', ''], [1]],
    ],
    ['must be an object', isObject(), ['a', 1, null, true]],
  ])('says %s', ([problem, check, values]) => {
    expect(values.map(check)).toEqual(values.map(() => problem));
  });
});

/** What constructing something with these options throws. */
function refusal(options: object, required: readonly string[] = []): unknown {
  try {
    checkOptions('acme.STT', options, { apiKey: isText(), timeoutMs: PORT }, required);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('options', () => {
  test('that are fine, left out or undefined pass', () => {
    expect(refusal({})).toBeUndefined();
    expect(refusal({ apiKey: undefined, timeoutMs: 5 })).toBeUndefined();
  });

  test('that are wrong are named, with what they may be', () => {
    const error = refusal({ timeoutMs: -1 });
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({
      code: 'configuration',
      option: 'timeoutMs',
      message: 'the option `timeoutMs` of acme.STT must be a whole number from 1 to 65535',
    });
  });

  test('that are unknown are named, with those that there are', () => {
    expect(refusal({ apikey: 'x' })).toMatchObject({
      option: 'apikey',
      message: 'acme.STT has no option `apikey`; it has `apiKey`, `timeoutMs`',
    });
  });

  test('are told to be unknown before one is told to be missing: it may only be misspelt', () => {
    expect(refusal({ apikey: 'x' }, ['apiKey'])).toMatchObject({ option: 'apikey' });
    expect(refusal({ timeoutMs: 5 }, ['apiKey'])).toMatchObject({
      option: 'apiKey',
      message: 'acme.STT needs the option `apiKey`',
    });
  });

  test.for(['toString', 'constructor', '__proto__'])(
    'are not found in Object either: %s',
    (name) => {
      const options = Object.fromEntries([[name, 'x']]);
      expect(String(refusal(options))).toContain(`acme.STT has no option \`${name}\``);
    },
  );

  test('never show their values, which may be keys', () => {
    const error = refusal({ apiKey: ['sk-123'] });
    expect(String(error)).not.toContain('sk-123');
  });
});

describe('a setting', () => {
  const variables = ['ACME_API_KEY', 'ACME_KEY'];

  test('comes from its option first', () => {
    vi.stubEnv('ACME_API_KEY', 'from the environment');
    expect(requireSetting('acme.STT', 'apiKey', 'from the option', variables)).toBe(
      'from the option',
    );
  });

  test('comes from the first variable that is set and not empty', () => {
    vi.stubEnv('ACME_API_KEY', '');
    vi.stubEnv('ACME_KEY', 'second');
    expect(requireSetting('acme.STT', 'apiKey', undefined, variables)).toBe('second');
    vi.stubEnv('ACME_API_KEY', 'first');
    expect(requireSetting('acme.STT', 'apiKey', undefined, variables)).toBe('first');
    expect(fromEnvironment(['ACME_NONE'])).toBeUndefined();
  });

  test('that is nowhere is missed by the name of its option and its variables', () => {
    vi.stubEnv('ACME_API_KEY', undefined);
    vi.stubEnv('ACME_KEY', undefined);
    expect(() => requireSetting('acme.STT', 'apiKey', undefined, variables)).toThrow(
      'acme.STT needs the option `apiKey` or the environment variable ACME_API_KEY or ACME_KEY',
    );
  });
});
