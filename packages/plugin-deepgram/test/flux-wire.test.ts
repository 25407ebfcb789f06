import { expect, test } from 'vitest';

import { parseFluxMessage } from '../src/flux-wire.ts';

const turn = {
  type: 'TurnInfo',
  event: 'EndOfTurn',
  sequence_id: 7,
  turn_index: 0,
  audio_window_start: 0,
  audio_window_end: 2.8,
  transcript: 'Cancel my plan.',
  words: [
    { word: 'Cancel', confidence: 0.9, start: 0.3, end: 0.5 },
    { word: 'plan.', confidence: 0.9, start: 0.6, end: 1.25 },
  ],
  languages: ['en', 'de'],
};

test('a turn has its text, its language and the offsets of its words', () => {
  expect(parseFluxMessage(turn)).toEqual({
    type: 'turn',
    event: 'EndOfTurn',
    sequence: 7,
    turnIndex: 0,
    text: 'Cancel my plan.',
    speechStartMs: 300,
    speechEndMs: 1250,
    language: 'en',
  });
});

test('without times of words the offsets are unknown: the window holds silence too', () => {
  const words = [{ word: 'Cancel', confidence: 0.9 }];
  expect(parseFluxMessage({ ...turn, words, languages: undefined })).toMatchObject({
    speechStartMs: undefined,
    speechEndMs: undefined,
    language: undefined,
  });
  expect(parseFluxMessage({ ...turn, words: undefined })).toMatchObject({ type: 'turn' });
});

test('what is new is ignored, by a name that is short and plain', () => {
  expect(parseFluxMessage({ type: 'Surprise' })).toEqual({ type: 'ignored', name: 'Surprise' });
  expect(parseFluxMessage({ ...turn, event: 'Paused' })).toEqual({
    type: 'ignored',
    name: 'Paused',
  });
  expect(parseFluxMessage({ type: 'x'.repeat(99) })).toEqual({
    type: 'ignored',
    name: 'x'.repeat(40),
  });
  expect(parseFluxMessage({ type: 'some words' })).toEqual({ type: 'ignored', name: 'unnamed' });
});

test('an error has its code', () => {
  expect(parseFluxMessage({ type: 'Error', code: 'NET-0000', description: 'a text' })).toEqual({
    type: 'error',
    code: 'NET-0000',
  });
  expect(parseFluxMessage({ type: 'Error' })).toEqual({ type: 'error', code: 'unnamed' });
});

test.each([
  ['text', '{"type":"TurnInfo"'],
  ['null', null],
  ['an array', []],
  ['a number', 7],
  ['what is not JSON', undefined],
  ['no type', { transcript: 'x' }],
  ['event', { ...turn, event: 7 }],
  ['transcript', { ...turn, transcript: 42 }],
  ['words', { ...turn, words: 'none' }],
  ['a word', { ...turn, words: [null] }],
  ['a time', { ...turn, words: [{ start: '0.3' }] }],
  ['a time that is not a number', { ...turn, words: [{ start: Number.NaN }] }],
])('%s is malformed', (_name, message) => {
  expect(parseFluxMessage(message)).toMatchObject({ type: 'malformed' });
});
