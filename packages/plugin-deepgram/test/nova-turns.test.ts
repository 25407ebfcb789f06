import { expect, test } from 'vitest';

import { NovaTurns } from '../src/nova-turns.ts';

/** A `Results` message in which each word takes a tenth of a second. */
function results(transcript: string, startS: number, flags: object = {}) {
  const words = transcript
    .split(' ')
    .filter((word) => word !== '')
    .map((word, index) => ({ word, start: startS + index * 0.1, end: startS + index * 0.1 + 0.1 }));
  return { type: 'Results', ...flags, channel: { alternatives: [{ transcript, words }] } };
}

const FINAL = { is_final: true };
const SPEECH_FINAL = { is_final: true, speech_final: true };
const FINALIZED = { is_final: true, from_finalize: true };

/** The facts of some messages, in short: `+` begins, `~` is partial, `=` is final, `.` ends. */
function told(turns: NovaTurns, ...messages: unknown[]): string[] {
  return messages.flatMap((message) => {
    const reading = turns.read(message);
    if (reading.type !== 'facts') return [reading.type];
    return reading.facts.map((fact) => {
      switch (fact.type) {
        case 'speech-start':
          return `+${fact.offsetMs}`;
        case 'transcript':
          return `${fact.final ? '=' : '~'}${fact.text}${fact.final ? ` ${rounded(fact.speechEndMs)}` : ''}`;
        case 'turn-end':
          return fact.eager ? 'eager' : '.';
        case 'turn-resumed':
        case 'audio-added':
        case 'error':
          return fact.type;
      }
    });
  });
}

function rounded(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms);
}

function ending(): NovaTurns {
  return new NovaTurns({ endsTurns: true });
}

/** Results of a second of audio. */
function stretch(text: string, startS: number, flags: object = {}) {
  return { ...results(text, startS, flags), start: startS, duration: 1 };
}

test('a stretch that is final is not told again, nor the start of its speech', () => {
  const turns = ending();
  const started = { type: 'SpeechStarted', timestamp: 0.25 };
  expect(told(turns, started, started, stretch('Tell', 0))).toEqual(['+250', '~Tell']);
  expect(
    told(turns, stretch('Tell me', 0, SPEECH_FINAL), stretch('Tell me', 0, SPEECH_FINAL)),
  ).toEqual(['=Tell me 200', '.']);
  expect(told(turns, stretch('Tell', 0), stretch('more', 1))).toEqual(['+1000', '~more']);
});

test('a turn is told as its results come, and ends with speech_final', () => {
  expect(
    told(
      ending(),
      { type: 'SpeechStarted', timestamp: 0.9 },
      results('', 0),
      results('where', 1),
      results('where is', 1),
      results('where is', 1, FINAL),
      results('the sun', 2),
      results('the sun', 2, SPEECH_FINAL),
    ),
  ).toEqual(['+900', '~where', '~where is', '~where is the sun', '=where is the sun 2200', '.']);
});

test('a turn has the start of its first words and its language, whatever they come in', () => {
  const turns = ending();
  told(turns, results('one', 1, FINAL));
  const message = results('two', 3, SPEECH_FINAL);
  const [alternative] = message.channel.alternatives;
  const reading = turns.read({
    ...message,
    channel: { alternatives: [{ ...alternative, languages: ['de', 'en'] }] },
  });
  expect(reading).toMatchObject({
    facts: [
      { text: 'one two', speechStartMs: 1000, speechEndMs: 3100, language: 'de' },
      { type: 'turn-end' },
    ],
  });
});

test('words that were not announced begin a turn', () => {
  expect(told(ending(), results('hello', 1))).toEqual(['+1000', '~hello']);
});

test('silence has no end, and sound without words ends with no words', () => {
  const turns = ending();
  expect(told(turns, results('', 0, SPEECH_FINAL))).toEqual([]);
  const sound = { type: 'SpeechStarted', timestamp: 1 };
  expect(told(turns, sound, results('', 1, SPEECH_FINAL))).toEqual(['+1000', '= undefined', '.']);
});

test('UtteranceEnd ends a turn whose speech_final never came', () => {
  const turns = ending();
  told(turns, results('hello', 1, FINAL));
  expect(told(turns, { type: 'UtteranceEnd', last_word_end: 1.1 })).toEqual(['=hello 1100', '.']);
  expect(told(turns, { type: 'UtteranceEnd', last_word_end: 1.1 })).toEqual([]);
});

test('UtteranceEnd waits for words that are not final', () => {
  const turns = ending();
  told(turns, results('hello', 1));
  expect(told(turns, { type: 'UtteranceEnd', last_word_end: -1 })).toEqual([]);
  expect(told(turns, results('hello you', 1, FINAL))).toEqual(['=hello you 1200', '.']);
});

test('UtteranceEnd of the turn before does not end this one', () => {
  const turns = ending();
  told(turns, results('one', 1, SPEECH_FINAL), { type: 'SpeechStarted', timestamp: 1.9 });
  expect(told(turns, { type: 'UtteranceEnd', last_word_end: 1.1 })).toEqual([]);
  told(turns, results('two', 2, FINAL));
  expect(told(turns, { type: 'UtteranceEnd', last_word_end: 1.1 })).toEqual([]);
  expect(told(turns, results('', 3, SPEECH_FINAL))).toEqual(['=two 2100', '.']);
});

test('what was asked for is told at once, and the turn goes on', () => {
  const turns = ending();
  told(turns, results('one', 1));
  expect(told(turns, results('one', 1, FINALIZED))).toEqual(['=one 1100']);
  expect(told(turns, results('', 2, FINALIZED))).toEqual([]);
  expect(told(turns, results('two', 3, SPEECH_FINAL))).toEqual(['=two 3100', '.']);
});

test('a turn of which all was told ends without another transcript', () => {
  const turns = ending();
  told(turns, results('one', 1, FINALIZED));
  expect(told(turns, { type: 'UtteranceEnd', last_word_end: 1.1 })).toEqual(['.']);
});

test('the last words of a stream that is closed have no known end', () => {
  const turns = ending();
  told(turns, results('good', 1, FINAL), results('bye', 2, FINAL));
  expect(turns.unfinished()).toMatchObject([
    { text: 'good bye', final: true, speechEndMs: undefined },
  ]);
  expect(turns.unfinished()).toEqual([]);
});

test('without ends of turns each final result is a transcript, its end known where it was asked for', () => {
  const turns = new NovaTurns({ endsTurns: false });
  expect(
    told(
      turns,
      results('one', 1),
      results('one', 1, FINAL),
      results('two', 2, SPEECH_FINAL),
      results('three', 3, FINALIZED),
      { type: 'UtteranceEnd', last_word_end: 3.1 },
    ),
  ).toEqual(['~one', '=one undefined', '=two undefined', '=three 3100']);
});
