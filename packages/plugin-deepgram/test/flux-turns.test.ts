import { expect, test } from 'vitest';

import { FluxTurns } from '../src/flux-turns.ts';
import type { FluxEvent, FluxTurnInfo } from '../src/flux-wire.ts';

function info(event: FluxEvent, text: string, sequence?: number, turnIndex?: number): FluxTurnInfo {
  const words = { speechStartMs: 300, speechEndMs: 900, language: 'en' };
  return { type: 'turn', event, text, sequence, turnIndex, ...words };
}

const offsets = { speechStartMs: 300, speechEndMs: 900, language: 'en' };

test('a turn is started, reported when its text changes, and ended', () => {
  const turns = new FluxTurns();
  expect(turns.facts(info('Update', ''))).toEqual([]);
  expect(turns.facts(info('StartOfTurn', 'I'))).toEqual([
    { type: 'speech-start', offsetMs: 300 },
    { type: 'transcript', text: 'I', final: false, ...offsets },
  ]);
  expect(turns.facts(info('Update', 'I need'))).toEqual([
    { type: 'transcript', text: 'I need', final: false, ...offsets },
  ]);
  expect(turns.facts(info('Update', 'I need'))).toEqual([]);
  expect(turns.facts(info('EndOfTurn', 'I need'))).toEqual([
    { type: 'transcript', text: 'I need', final: true, ...offsets },
    { type: 'turn-end', eager: false },
  ]);
  expect(turns.facts(info('StartOfTurn', 'I need'))).toHaveLength(2);
});

test('what comes twice, or after something newer, is not told again', () => {
  const turns = new FluxTurns();
  const kinds = (...infos: FluxTurnInfo[]): string[] =>
    infos.flatMap((one) => turns.facts(one)).map(({ type }) => type);
  const [start, update, end] = [
    info('StartOfTurn', 'I', 1, 0),
    info('Update', 'I need', 2, 0),
    info('EndOfTurn', 'I need', 3, 0),
  ];
  expect(kinds(start, start)).toEqual(['speech-start', 'transcript']);
  expect(kinds(end, update, end)).toEqual(['transcript', 'turn-end']);
  expect(kinds(info('Update', 'Yes', 5, 1), info('StartOfTurn', 'Y', 4, 1))).toEqual([
    'speech-start',
    'transcript',
  ]);
  // The silence after the turn is told before its end.
  expect(kinds(info('Update', '', 7, 2), info('EndOfTurn', 'Yes', 6, 1))).toEqual([
    'transcript',
    'turn-end',
  ]);
  expect(kinds(info('StartOfTurn', 'Well', 8, 2))).toEqual(['speech-start', 'transcript']);
});

test('an eager end carries the transcript again, and can be taken back', () => {
  const turns = new FluxTurns();
  turns.facts(info('StartOfTurn', 'I need'));
  expect(turns.facts(info('EagerEndOfTurn', 'I need'))).toEqual([
    { type: 'transcript', text: 'I need', final: false, ...offsets },
    { type: 'turn-end', eager: true },
  ]);
  expect(turns.facts(info('TurnResumed', 'I need'))).toEqual([{ type: 'turn-resumed' }]);
});

test('a stream that ends in the middle of a turn leaves its latest words', () => {
  const turns = new FluxTurns();
  turns.facts(info('StartOfTurn', 'I need'));
  expect(turns.unfinished()).toEqual([{ type: 'transcript', text: 'I need', final: true }]);
  expect(turns.unfinished()).toEqual([]);
  turns.facts(info('EndOfTurn', 'I need'));
  expect(turns.unfinished()).toEqual([]);
});
