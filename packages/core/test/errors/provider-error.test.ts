import { describe, expect, test } from 'vitest';

import { outcomeOfAbort } from '../../src/errors/interrupted-error.ts';
import type { ErrorType } from '../../src/index.ts';
import {
  AgentError,
  ConfigurationError,
  ERROR_TYPES,
  errorTypeOfStatus,
  InterruptedError,
  ProviderError,
  transportFailure,
} from '../../src/index.ts';

test('the types of errors are those of the contract', () => {
  expect(ERROR_TYPES).toEqual([
    'authentication',
    'rate_limit',
    'quota',
    'timeout',
    'network',
    'bad_request',
    'unavailable',
    'protocol',
    'aborted_by_provider',
    'unknown',
  ]);
});

describe('an HTTP status', () => {
  test.for<readonly [number, ErrorType]>([
    [400, 'bad_request'],
    [401, 'authentication'],
    [402, 'quota'],
    [403, 'authentication'],
    [404, 'bad_request'],
    [408, 'timeout'],
    [409, 'bad_request'],
    [413, 'bad_request'],
    [422, 'bad_request'],
    [429, 'rate_limit'],
    [500, 'unavailable'],
    [502, 'unavailable'],
    [503, 'unavailable'],
    [504, 'timeout'],
    [529, 'unavailable'],
    [200, 'protocol'],
    [302, 'protocol'],
  ])('%d is %s', ([status, type]) => {
    expect(errorTypeOfStatus(status)).toBe(type);
  });

  test('becomes an error with the status for its code', () => {
    expect(ProviderError.fromStatus('acme', 503)).toMatchObject({
      name: 'ProviderError',
      code: 'provider_unavailable',
      provider: 'acme',
      type: 'unavailable',
      providerCode: '503',
      retryable: true,
    });
  });

  test('may mean something else to a provider that says so', () => {
    const error = ProviderError.fromStatus('acme', 429, { type: 'quota' });
    expect(error).toMatchObject({ type: 'quota', providerCode: '429', retryable: false });
  });
});

test.for<readonly [ErrorType, boolean]>([
  ['authentication', false],
  ['quota', false],
  ['bad_request', false],
  ['rate_limit', true],
  ['timeout', true],
  ['network', true],
  ['unavailable', true],
  ['protocol', true],
  ['aborted_by_provider', true],
  ['unknown', true],
])('whether to try again after %s: %s', ([type, retryable]) => {
  expect(new ProviderError({ provider: 'p', type, message: 'm' }).retryable).toBe(retryable);
});

describe('any thrown value', () => {
  test.for<readonly [string, ErrorType]>([
    ['ECONNREFUSED', 'network'],
    ['ECONNRESET', 'network'],
    ['EPIPE', 'network'],
    ['ENOTFOUND', 'network'],
    ['EAI_AGAIN', 'network'],
    ['EHOSTUNREACH', 'network'],
    ['UND_ERR_SOCKET', 'network'],
    ['ETIMEDOUT', 'timeout'],
    ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
    ['UND_ERR_HEADERS_TIMEOUT', 'timeout'],
    ['UND_ERR_BODY_TIMEOUT', 'timeout'],
  ])('with the code %s is %s', ([code, type]) => {
    const cause = Object.assign(new Error('low'), { code });
    const error = new TypeError('fetch failed', { cause: new Error('middle', { cause }) });
    expect(transportFailure(error)).toEqual({ type, code });
    const failure = ProviderError.from('acme', error);
    expect(failure).toMatchObject({ type, providerCode: code, provider: 'acme', cause: error });
    expect(failure.message).toContain(code);
  });

  test.for([{ code: 'HPE_INVALID_CONSTANT' }, { name: 'HTTPParserError' }])(
    'with %o breaks the protocol: it is of what is no HTTP',
    (said) => {
      const cause = Object.assign(new Error('low'), said);
      const failure = { type: 'protocol', code: 'malformed_answer' };
      expect(transportFailure(new TypeError('fetch failed', { cause }))).toEqual(failure);
    },
  );

  test('that is a provider error already stays the same object', () => {
    const error = ProviderError.fromStatus('acme', 429);
    expect(ProviderError.from('other', error)).toBe(error);
  });

  test.for<readonly [string, unknown]>([
    ['an error with another code', Object.assign(new Error('x'), { code: 'ERR_ASSERTION' })],
    ['an error with a number for a code', Object.assign(new Error('x'), { code: 20 })],
    ['a string', 'ECONNREFUSED'],
    ['an object', { code: 'ECONNREFUSED' }],
    ['nothing', undefined],
    ['null', null],
  ])('is unknown when it is %s', ([, thrown]) => {
    const error = ProviderError.from('acme', thrown);
    expect(error).toMatchObject({ type: 'unknown', providerCode: undefined, cause: thrown });
  });

  test('is looked into only once, though its causes go in a circle', () => {
    const first = new Error('first');
    const second = new Error('second', { cause: first });
    first.cause = second;
    expect(transportFailure(first)).toBeUndefined();
    expect(ProviderError.from('acme', first).type).toBe('unknown');
  });

  test('keeps its message out of ours', () => {
    const error = ProviderError.from('acme', new Error('wss://host?api_key=sk-123'));
    expect(error.message).toBe('acme: an unexpected error occurred');
  });
});

describe('errors thrown on purpose', () => {
  test('are all agent errors, with a stable code each', () => {
    const errors = [
      new ProviderError({ provider: 'p', type: 'rate_limit', message: 'm' }),
      new ConfigurationError('apiKey', 'm'),
      new InterruptedError(),
      new InterruptedError('discarded'),
    ];
    expect(errors.every((error) => error instanceof AgentError)).toBe(true);
    expect(errors.map(({ name, code }) => [name, code])).toEqual([
      ['ProviderError', 'provider_rate_limit'],
      ['ConfigurationError', 'configuration'],
      ['InterruptedError', 'interrupted'],
      ['InterruptedError', 'discarded'],
    ]);
  });

  test.for([
    [new InterruptedError(), 'interrupted'],
    [new InterruptedError('discarded'), 'discarded'],
    [new Error('anything else'), 'interrupted'],
    [undefined, 'interrupted'],
  ] as const)('say how work ended that was aborted with them (%s: %s)', ([reason, outcome]) => {
    expect(outcomeOfAbort(reason)).toBe(outcome);
  });
});
