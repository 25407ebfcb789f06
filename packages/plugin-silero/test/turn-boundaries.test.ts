import type { TurnFact } from '@vision-agents/core';
import { describe, expect, test } from 'vitest';

import { resolveTurnDetectorOptions } from '../src/silero-options.ts';
import type { TurnDetectorOptions } from '../src/silero-options.ts';
import { WINDOW_MS } from '../src/silero-wire.ts';
import { TurnBoundaries } from '../src/turn-boundaries.ts';

/** Two windows of speech, three of silence, eagerly two. */
const SHORT: TurnDetectorOptions = {
  minSpeechMs: 2 * WINDOW_MS,
  endpointingMs: 3 * WINDOW_MS,
  eagerTurnDetection: true,
  eagerEndpointingMs: 2 * WINDOW_MS,
};
const NOT_EAGER: TurnDetectorOptions = {
  minSpeechMs: 2 * WINDOW_MS,
  endpointingMs: 3 * WINDOW_MS,
};

/** Probabilities in tenths, and what is told with which window, in windows. */
const CASES: readonly (readonly [string, TurnDetectorOptions, string, readonly string[]])[] = [
  ['silence is nothing', SHORT, '0000000', []],
  ['a noise is nothing', SHORT, '0090000', []],
  ['one noise after another is nothing', SHORT, '9090909', []],
  ['speech starts with its first window', SHORT, '0099', ['3: start 2']],
  ['speech starts once', SHORT, '99999', ['1: start 0']],
  ['a passage begins at the higher threshold', SHORT, '44455', ['4: start 3']],
  ['and ends below the lower one', SHORT, '99444999', ['1: start 0']],
  ['a turn ends where its last passage did', NOT_EAGER, '99900000', ['1: start 0', '5: end 3']],
  ['it ends early first', SHORT, '9900000', ['1: start 0', '3: eager end 2', '4: end 2']],
  ['a short pause is nothing', SHORT, '9909909900', ['1: start 0', '9: eager end 8']],
  [
    'speech after an early end takes it back',
    SHORT,
    '9900990000',
    ['1: start 0', '3: eager end 2', '5: resumed', '7: eager end 6', '8: end 6'],
  ],
  ['a noise in a pause does not', SHORT, '990090', ['1: start 0', '3: eager end 2', '5: end 2']],
  ['nor does it lengthen it', NOT_EAGER, '9909000', ['1: start 0', '4: end 2']],
  [
    'an end waits for what may become speech',
    { ...SHORT, minSpeechMs: 3 * WINDOW_MS },
    '99900999000',
    ['2: start 0', '4: eager end 3', '7: resumed', '9: eager end 8', '10: end 8'],
  ],
  ['the next turn is a new one', NOT_EAGER, '9900009900', ['1: start 0', '4: end 2', '7: start 6']],
  ['with no least length, one window is speech', { minSpeechMs: 0 }, '0900', ['1: start 1']],
];

describe('boundaries', () => {
  test.for(CASES)('%s', ([, options, tenths, expected]) => {
    const boundaries = new TurnBoundaries(resolveTurnDetectorOptions(options));
    const told = Array.from(tenths, Number).flatMap((tenth, index) => {
      const fact = boundaries.next(index * WINDOW_MS, tenth / 10);
      return fact ? [`${index}: ${inWords(fact)}`] : [];
    });
    expect(told).toEqual(expected);
  });

  test('count audio that is missing as time', () => {
    const boundaries = new TurnBoundaries(resolveTurnDetectorOptions(NOT_EAGER));
    boundaries.next(0, 1);
    boundaries.next(WINDOW_MS, 1);
    expect(boundaries.next(WINDOW_MS * 20, 0)).toEqual({
      type: 'turn-end',
      eager: false,
      speechEndMs: 2 * WINDOW_MS,
    });
  });
});

function inWords(fact: TurnFact): string {
  switch (fact.type) {
    case 'speech-start':
      return `start ${fact.offsetMs / WINDOW_MS}`;
    case 'turn-end':
      return `${fact.eager ? 'eager ' : ''}end ${fact.speechEndMs / WINDOW_MS}`;
    case 'turn-resumed':
      return 'resumed';
  }
}
