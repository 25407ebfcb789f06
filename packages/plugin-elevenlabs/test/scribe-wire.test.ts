import { expect, test } from 'vitest';

import { parseScribeMessage } from '../src/scribe-wire.ts';

function parse(message: object) {
  return parseScribeMessage(JSON.stringify(message));
}

test('a session starts with what it was set to', () => {
  const config = { sample_rate: 16_000, commit_strategy: 'vad' };
  expect(parse({ message_type: 'session_started', session_id: 's', config })).toEqual({
    type: 'started',
    sampleRateHz: 16_000,
  });
  expect(parse({ message_type: 'session_started' })).toMatchObject({ sampleRateHz: undefined });
});

test('words that may change or grow are partial, committed ones are not', () => {
  expect(parse({ message_type: 'partial_transcript', text: 'a' })).toEqual({
    type: 'partial',
    text: 'a',
  });
  expect(parse({ message_type: 'final_transcript', text: 'a' })).toMatchObject({ type: 'partial' });
  expect(parse({ message_type: 'committed_transcript', text: 'a' })).toEqual({
    type: 'committed',
    text: 'a',
  });
});

test('times are those of the first and the last word, not of spaces and noises', () => {
  const words = [
    { text: '(cough)', start: 0.1, end: 0.3, type: 'audio_event' },
    { text: 'two', start: 0.5, end: 0.75, type: 'word', logprob: -0.1 },
    { text: ' ', start: 0.75, end: 0.8, type: 'spacing' },
    { text: 'words', start: 0.8, end: 1.25, type: 'word' },
    { text: ' ', start: 1.25, end: 2, type: 'spacing' },
  ];
  const message = { message_type: 'committed_transcript_with_timestamps', text: 'two words' };
  expect(parse({ ...message, words, language_code: 'en' })).toEqual({
    type: 'details',
    text: 'two words',
    speechStartMs: 500,
    speechEndMs: 1250,
    language: 'en',
  });
  expect(parse({ ...message, words: null, language_code: null })).toMatchObject({
    speechStartMs: undefined,
    speechEndMs: undefined,
    language: undefined,
  });
  expect(parse({ ...message, words: [{ text: 'a', type: 'word' }] })).toMatchObject({
    speechEndMs: undefined,
  });
});

test('an error is named by its type, also where that is new, and never by a text', () => {
  expect(parse({ message_type: 'quota_exceeded', error: 'No credits.' })).toEqual({
    type: 'error',
    name: 'quota_exceeded',
  });
  expect(parse({ message_type: 'brand_new', error: 'x' })).toMatchObject({ name: 'brand_new' });
  expect(parse({ message_type: 'some words', error: 'x' })).toMatchObject({ name: 'unnamed' });
});

test.each(['warning', 'edited_transcript', 'committed_transcript_entities'])(
  'a message of type %s is ignored',
  (type) => {
    expect(parse({ message_type: type, warning: 'w', text: 't' })).toEqual({
      type: 'ignored',
      name: type,
    });
  },
);

test.each([
  '{"message_type":',
  '7',
  'null',
  '{}',
  '{"message_type":7}',
  '{"message_type":"partial_transcript","text":42}',
  '{"message_type":"committed_transcript"}',
  '{"message_type":"committed_transcript_with_timestamps","text":"a","words":"none"}',
  '{"message_type":"committed_transcript_with_timestamps","text":"a","words":[{"start":"1"}]}',
  '{"message_type":"committed_transcript_with_timestamps","text":"a","words":[{"end":-1}]}',
])('%s is malformed', (json) => {
  expect(parseScribeMessage(json)).toMatchObject({ type: 'malformed' });
});
