import { ConfigurationError } from '@vision-agents/core';
import { describe, expect, test } from 'vitest';

import { TurnDetector } from '../src/index.ts';
import type { TurnDetectorOptions } from '../src/index.ts';
import { resolveTurnDetectorOptions } from '../src/silero-options.ts';

describe('the options', () => {
  test('have defaults', () => {
    expect(resolveTurnDetectorOptions({})).toEqual({
      activationThreshold: 0.5,
      deactivationThreshold: 0.35,
      minSpeechMs: 100,
      endpointingMs: 500,
      eagerEndpointingMs: undefined,
      modelPath: undefined,
    });
  });

  test('have defaults that follow from others', () => {
    const eager = { eagerTurnDetection: true, endpointingMs: 800 };
    expect(resolveTurnDetectorOptions(eager).eagerEndpointingMs).toBe(400);
    const thresholds = { activationThreshold: 0.1 };
    expect(resolveTurnDetectorOptions(thresholds).deactivationThreshold).toBe(0.01);
  });

  test('are taken as they are', () => {
    const options = {
      activationThreshold: 0.6,
      deactivationThreshold: 0.6,
      minSpeechMs: 0,
      endpointingMs: 800,
      eagerEndpointingMs: 799,
      modelPath: 'model.onnx',
    };
    expect(resolveTurnDetectorOptions({ ...options, eagerTurnDetection: true })).toEqual(options);
  });
});

const REFUSED: readonly (readonly [string, object, string])[] = [
  ['activationThreshold', { activationThreshold: 1 }, 'from 0.01 to 0.99'],
  ['activationThreshold', { activationThreshold: Number.NaN }, 'from 0.01 to 0.99'],
  ['deactivationThreshold', { deactivationThreshold: 0 }, 'from 0.01 to 0.99'],
  ['deactivationThreshold', { deactivationThreshold: 0.51 }, 'at most `activationThreshold`'],
  ['minSpeechMs', { minSpeechMs: -1 }, 'from 0 to 2000'],
  ['endpointingMs', { endpointingMs: 31 }, 'from 32 to 10000'],
  ['endpointingMs', { endpointingMs: '500' }, 'from 32 to 10000'],
  ['eagerTurnDetection', { eagerTurnDetection: 1 }, 'true or false'],
  ['eagerEndpointingMs', { eagerEndpointingMs: 200 }, 'needs `eagerTurnDetection: true`'],
  [
    'eagerEndpointingMs',
    { eagerEndpointingMs: 500, eagerTurnDetection: true },
    'less than `endpointingMs` (500)',
  ],
  ['modelPath', { modelPath: '' }, 'a string that is not empty'],
  ['apiKey', { apiKey: 'k' }, 'has no option `apiKey`'],
];

test.for(REFUSED)('a bad %s is refused at construction: %o', ([option, options, message]) => {
  const error = refusal(options);
  expect(error).toBeInstanceOf(ConfigurationError);
  expect(error).toMatchObject({ option });
  expect(String(error)).toContain('silero.TurnDetector');
  expect(String(error)).toContain(message);
});

function refusal(options: TurnDetectorOptions): unknown {
  try {
    return new TurnDetector(options);
  } catch (error) {
    return error;
  }
}
