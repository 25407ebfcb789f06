import { expect, test } from 'vitest';

import type { STTFact } from '../../src/index.ts';
import { moveOffsets, ProviderError } from '../../src/index.ts';

const error = new ProviderError({ provider: 'a', type: 'network', message: 'm' });

const untouched: readonly STTFact[] = [
  { type: 'turn-end', eager: true },
  { type: 'turn-resumed' },
  { type: 'audio-added', durationMs: 10 },
  { type: 'error', error },
];

test.each(untouched)('a fact without offsets stays as it is: $type', (fact) => {
  expect(moveOffsets(fact, () => 99)).toEqual(fact);
});

function later(offsetMs: number | undefined): number | undefined {
  return offsetMs === undefined ? undefined : offsetMs + 100;
}

test('every offset of a fact is moved', () => {
  expect(moveOffsets({ type: 'speech-start', offsetMs: 1 }, later)).toMatchObject({
    offsetMs: 101,
  });
  const words = { type: 'transcript', text: 'a', final: true } as const;
  const offsets = { speechStartMs: 1, speechEndMs: 2, settledMs: 3 };
  expect(moveOffsets({ ...words, ...offsets }, later)).toEqual({
    ...words,
    speechStartMs: 101,
    speechEndMs: 102,
    settledMs: 103,
  });
  expect(moveOffsets(words, later)).toMatchObject({ ...words, speechEndMs: undefined });
});
