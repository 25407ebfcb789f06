import { expect, test } from 'vitest';

import { modelInvalid, modelUnreadable, runtimeUnavailable } from '../src/silero-error.ts';

const CAUSE = new Error('cause');

test.for([
  ['model_unreadable', modelUnreadable(CAUSE)],
  ['model_invalid', modelInvalid(CAUSE)],
  ['runtime_unavailable', runtimeUnavailable(CAUSE)],
] as const)('%s is not worth another try', ([providerCode, error]) => {
  expect(error).toMatchObject({
    provider: 'silero',
    type: 'bad_request',
    providerCode,
    retryable: false,
    cause: CAUSE,
  });
});
