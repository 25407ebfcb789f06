import { expect, test } from 'vitest';

import { parseNovaMessage } from '../src/nova-wire.ts';

const alternative = {
  transcript: 'Tell me more.',
  confidence: 0.99,
  languages: ['en'],
  words: [
    { word: 'tell', start: 6.07, end: 6.35, punctuated_word: 'Tell' },
    { word: 'more', start: 6.5, end: 6.875, punctuated_word: 'more.' },
  ],
};

const message = {
  type: 'Results',
  channel_index: [0, 1],
  start: 5.99,
  duration: 1.98,
  is_final: true,
  speech_final: true,
  channel: { alternatives: [alternative] },
};

test('results have their text, their language, their flags and the offsets of their words', () => {
  expect(parseNovaMessage(message)).toEqual({
    type: 'results',
    text: 'Tell me more.',
    startMs: 5990,
    endMs: 7970,
    isFinal: true,
    speechFinal: true,
    fromFinalize: false,
    speechStartMs: 6070,
    speechEndMs: 6875,
    language: 'en',
  });
});

test('results without an alternative, and without words, are silence', () => {
  const silence = { isFinal: true, text: '', speechStartMs: undefined, speechEndMs: undefined };
  expect(parseNovaMessage({ ...message, channel: { alternatives: [] } })).toMatchObject(silence);
  const empty = { transcript: '', words: [] };
  expect(parseNovaMessage({ ...message, channel: { alternatives: [empty] } })).toMatchObject(
    silence,
  );
});

test('the start of speech and the end of an utterance have their moments', () => {
  expect(parseNovaMessage({ type: 'SpeechStarted', timestamp: 9.5 })).toEqual({
    type: 'speech-started',
    offsetMs: 9500,
  });
  expect(parseNovaMessage({ type: 'UtteranceEnd', last_word_end: 3.5 })).toEqual({
    type: 'utterance-end',
    lastWordEndMs: 3500,
  });
  expect(parseNovaMessage({ type: 'UtteranceEnd', last_word_end: -1 })).toEqual({
    type: 'utterance-end',
    lastWordEndMs: undefined,
  });
});

test('the metadata at the end, and what is new, are ignored', () => {
  expect(parseNovaMessage({ type: 'Metadata', duration: 25.9 })).toEqual({
    type: 'ignored',
    name: 'Metadata',
  });
});

test.each([
  ['what is not JSON', undefined],
  ['no type', { channel: {} }],
  ['no channel', { type: 'Results' }],
  ['alternatives', { type: 'Results', channel: { alternatives: 7 } }],
  ['an alternative', { type: 'Results', channel: { alternatives: [7] } }],
  ['a transcript', { type: 'Results', channel: { alternatives: [{ transcript: 42 }] } }],
  ['words', { ...message, channel: { alternatives: [{ ...alternative, words: 'none' }] } }],
])('%s is malformed', (_name, broken) => {
  expect(parseNovaMessage(broken)).toMatchObject({ type: 'malformed' });
});
