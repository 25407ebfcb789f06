import { expect, test } from 'vitest';

import { FluxTurns } from '../src/flux-turns.ts';
import type { FluxEvent, FluxTurnInfo } from '../src/flux-wire.ts';

function info(event: FluxEvent, text: string): FluxTurnInfo {
  return { type: 'turn', event, text, speechStartMs: 300, speechEndMs: 900, language: 'en' };
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
