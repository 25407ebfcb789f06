import { describe, expect, test } from 'vitest';

import { ScribeTranscripts } from '../src/scribe-transcripts.ts';

const details = (text: string) => ({
  text,
  speechStartMs: 100,
  speechEndMs: 900,
  language: 'en',
});

const final = (text: string) => ({ type: 'transcript', final: true, ...details(text) });

const make = () => new ScribeTranscripts({ detectsTurns: true, hasDetails: true });

describe('where Scribe ends turns', () => {
  test('the first words start a turn, and a commit with its details ends it', () => {
    const transcripts = make();
    expect(transcripts.partial('')).toEqual([]);
    expect(transcripts.partial('hello')).toEqual([
      { type: 'speech-start', offsetMs: undefined },
      { type: 'transcript', text: 'hello', final: false },
    ]);
    expect(transcripts.partial('hello')).toEqual([]);
    expect(transcripts.committed('hello you')).toEqual([]);
    expect(transcripts.awaitsDetails).toBe(true);
    expect(transcripts.partial('next')).toEqual([]);
    expect(transcripts.details(details('hello you'))).toEqual([
      final('hello you'),
      { type: 'turn-end', eager: false },
    ]);
    expect(transcripts.awaitsDetails).toBe(false);
  });

  test('a turn without partial transcripts starts where its words do', () => {
    const transcripts = make();
    transcripts.committed('yes');
    expect(transcripts.details(details('yes'))[0]).toEqual({ type: 'speech-start', offsetMs: 100 });
  });

  test('details that come twice, or too late, tell nothing again', () => {
    const transcripts = make();
    transcripts.committed('yes');
    transcripts.details(details('yes'));
    expect(transcripts.details(details('yes'))).toEqual([]);
    transcripts.committed('no');
    expect(transcripts.withoutDetails()).toContainEqual({
      type: 'transcript',
      text: 'no',
      final: true,
    });
    expect(transcripts.details(details('no'))).toEqual([]);
  });

  test('the same words said twice are told twice', () => {
    const transcripts = make();
    for (let time = 0; time < 2; time += 1) {
      transcripts.committed('yes');
      expect(transcripts.details(details('yes'))).toContainEqual(final('yes'));
    }
  });

  test('details without the text before them are a transcript too', () => {
    const transcripts = make();
    transcripts.partial('yes');
    expect(transcripts.details(details('yes'))).toContainEqual(final('yes'));
  });

  test('a commit ends the wait of the one before', () => {
    const transcripts = make();
    transcripts.committed('one');
    const facts = transcripts.committed('two');
    expect(facts).toContainEqual({ type: 'transcript', text: 'one', final: true });
    expect(transcripts.details(details('two'))).toContainEqual(final('two'));
  });

  test('a commit without words ends a turn that had begun, and is nothing else', () => {
    const transcripts = make();
    expect(transcripts.committed('')).toEqual([]);
    transcripts.partial('h');
    expect(transcripts.committed('')).toEqual([
      { type: 'transcript', text: '', final: true },
      { type: 'turn-end', eager: false },
    ]);
    expect(transcripts.details({ ...details(''), text: '' })).toEqual([]);
  });

  test('what was not committed is told at the end, without an end of speech or turn', () => {
    const transcripts = make();
    transcripts.partial('half a');
    expect(transcripts.isUnfinished).toBe(true);
    expect(transcripts.unfinished()).toEqual([{ type: 'transcript', text: 'half a', final: true }]);
    expect(transcripts.unfinished()).toEqual([]);
    transcripts.committed('whole');
    expect(transcripts.unfinished()).toContainEqual({
      type: 'transcript',
      text: 'whole',
      final: true,
    });
  });
});

test('where a turn detector ends turns there are transcripts and nothing else', () => {
  const transcripts = new ScribeTranscripts({ detectsTurns: false, hasDetails: true });
  const facts = [
    ...transcripts.partial('hello'),
    ...transcripts.committed('hello'),
    ...transcripts.details(details('hello')),
    ...transcripts.committed(''),
  ];
  expect(facts).toEqual([
    { type: 'transcript', text: 'hello', final: false },
    final('hello'),
    { type: 'transcript', text: '', final: true },
  ]);
});

test('without details a commit is final at once', () => {
  const transcripts = new ScribeTranscripts({ detectsTurns: false, hasDetails: false });
  expect(transcripts.committed('hello')).toEqual([
    { type: 'transcript', text: 'hello', final: true },
  ]);
  expect(transcripts.awaitsDetails).toBe(false);
});

describe('where Scribe is asked whether it hears', () => {
  test('a sound without words tells nothing', () => {
    const transcripts = make();
    transcripts.asked();
    expect(transcripts.committed('')).toEqual([]);
    expect(transcripts.details(details(''))).toEqual([]);
    expect(transcripts.isTurnOpen).toBe(false);
  });

  test('words that come meanwhile go on', () => {
    const transcripts = make();
    transcripts.asked();
    transcripts.partial('hel');
    expect(transcripts.committed('')).toEqual([]);
    expect(transcripts.partial('hello')).toEqual([
      { type: 'transcript', text: 'hello', final: false },
    ]);
    transcripts.committed('hello');
    expect(transcripts.details(details('hello'))).toEqual([
      final('hello'),
      { type: 'turn-end', eager: false },
    ]);
  });

  test('a sentence that is cut by it is one turn', () => {
    const transcripts = make();
    transcripts.asked();
    expect(transcripts.committed('how')).toEqual([]);
    expect(transcripts.details(details('how'))).toEqual([
      { type: 'speech-start', offsetMs: 100 },
      final('how'),
    ]);
    expect(transcripts.isTurnOpen).toBe(true);
    expect(transcripts.partial('are')).toEqual([{ type: 'transcript', text: 'are', final: false }]);
    transcripts.committed('are you');
    expect(transcripts.details(details('are you'))).toEqual([
      final('are you'),
      { type: 'turn-end', eager: false },
    ]);
  });

  test.each([
    ['words', 'how are you'],
    ['nothing more', ''],
  ])('%s in the turn in which it is asked end it', (_, text) => {
    const transcripts = make();
    transcripts.partial('how');
    transcripts.asked();
    const told = [...transcripts.committed(text), ...transcripts.details(details(text))];
    expect(told.at(-1)).toEqual({ type: 'turn-end', eager: false });
    expect(transcripts.isTurnOpen).toBe(false);
  });

  test('a commit that comes too early is an answer, once', () => {
    const transcripts = make();
    expect(transcripts.throttled()).toBe(false);
    transcripts.asked();
    expect(transcripts.throttled()).toBe(true);
    expect(transcripts.throttled()).toBe(false);
  });
});
