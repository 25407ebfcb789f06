import type { STTFact } from '@vision-agents/core';
import { beforeEach, describe, expect, test } from 'vitest';

import { TranscriptionTurns } from '../src/transcription-turns.ts';

const DETECTION = { prefixMs: 300, silenceMs: 500 };

let turns: TranscriptionTurns;

beforeEach(() => {
  turns = new TranscriptionTurns(DETECTION);
});

function started(itemId: string, audioStartMs: number): STTFact[] {
  return turns.read({ type: 'speech-started', itemId, audioStartMs });
}

function stopped(itemId: string, audioEndMs: number): STTFact[] {
  return turns.read({ type: 'speech-stopped', itemId, audioEndMs });
}

function committed(itemId: string, previousItemId?: string): STTFact[] {
  return turns.read({ type: 'committed', itemId, previousItemId });
}

function delta(itemId: string, text: string): STTFact[] {
  return turns.read({ type: 'delta', itemId, text });
}

function completed(itemId: string, text: string, language?: string): STTFact[] {
  return turns.read({ type: 'completed', itemId, text, language });
}

function failed(itemId: string): STTFact[] {
  const error = { type: 'server_error', code: 'server_error', message: 'what was said' };
  return turns.read({ type: 'failed', itemId, error });
}

/** Speech that is over and is being written down. */
function spoken(itemId: string, [fromMs, toMs]: readonly [number, number], previous?: string) {
  return [...started(itemId, fromMs), ...stopped(itemId, toMs), ...committed(itemId, previous)];
}

function textsOf(facts: readonly STTFact[]): string[] {
  return facts.flatMap((fact) => (fact.type === 'transcript' && fact.final ? fact.text : []));
}

const TURN_END: STTFact = { type: 'turn-end', eager: false };

describe('a turn', () => {
  test('is told as it happens, with the times of the speech itself', () => {
    expect(started('a', 700)).toEqual([{ type: 'speech-start', offsetMs: 1000 }]);
    expect(stopped('a', 2500)).toEqual([]);
    expect(committed('a')).toEqual([]);
    const when = { speechStartMs: 1000, speechEndMs: 2000, language: undefined };
    expect(delta('a', 'Hel')).toEqual([{ type: 'transcript', text: 'Hel', final: false, ...when }]);
    expect(delta('a', 'lo.')).toEqual([
      { type: 'transcript', text: 'Hello.', final: false, ...when },
    ]);
    expect(completed('a', 'Hello!', 'en')).toEqual([
      {
        type: 'transcript',
        text: 'Hello!',
        final: true,
        ...when,
        settledMs: 2500,
        language: 'en',
      },
      TURN_END,
    ]);
    expect(turns.isAwaited).toBe(false);
    expect(turns.isUnfinished).toBe(false);
  });

  test('whose speech begins where the audio does has no start that is known', () => {
    expect(started('a', 0)).toEqual([{ type: 'speech-start', offsetMs: undefined }]);
  });

  test('that follows at once has none either: there was less before it than was asked for', () => {
    spoken('a', [700, 2500]);
    completed('a', 'One.');
    expect(started('b', 2500)).toEqual([{ type: 'speech-start', offsetMs: undefined }]);
  });

  test('that ends before it began has no end that is known', () => {
    started('a', 700);
    stopped('a', 800);
    committed('a');
    expect(completed('a', 'Hm.')[0]).toMatchObject({ speechStartMs: 1000, speechEndMs: undefined });
  });

  test('has no times where the detection does not tell what is in them', () => {
    turns = new TranscriptionTurns({ prefixMs: undefined, silenceMs: undefined });
    expect(started('a', 700)).toEqual([{ type: 'speech-start', offsetMs: undefined }]);
    stopped('a', 2500);
    committed('a');
    expect(completed('a', 'Hello.')).toMatchObject([
      { text: 'Hello.', speechStartMs: undefined, speechEndMs: undefined },
      TURN_END,
    ]);
  });

  test('without words ends all the same', () => {
    spoken('a', [700, 2500]);
    expect(completed('a', '')).toMatchObject([{ text: '', final: true }, TURN_END]);
  });

  test('that cannot be written down is an error, and ends with the words that were there', () => {
    spoken('a', [700, 2500]);
    delta('a', 'Hel');
    const facts = failed('a');
    expect(facts).toMatchObject([
      { type: 'error', error: { type: 'unavailable', providerCode: 'server_error' } },
      { type: 'transcript', text: 'Hel', final: true },
      TURN_END,
    ]);
    expect(JSON.stringify(facts)).not.toContain('what was said');
  });

  test('that was not announced begins with its words', () => {
    committed('a');
    expect(completed('a', 'Hello.')).toMatchObject([
      { type: 'speech-start', offsetMs: undefined },
      { text: 'Hello.' },
      TURN_END,
    ]);
  });

  test('is none where only silence was committed', () => {
    committed('a');
    expect(completed('a', '')).toEqual([]);
    expect(turns.isAwaited).toBe(false);
  });
});

describe('who speaks on while their words are written down', () => {
  test('is in the same turn, which ends with what they say last', () => {
    spoken('a', [700, 2500]);
    expect(started('b', 2700)).toEqual([{ type: 'speech-start', offsetMs: 3000 }]);
    expect(completed('a', 'One')).toMatchObject([{ text: 'One', final: true }]);
    stopped('b', 4500);
    committed('b', 'a');
    expect(completed('b', 'two.')).toMatchObject([{ text: 'two.', speechEndMs: 4000 }, TURN_END]);
  });

  test('has the turn ended by a noise as well', () => {
    spoken('a', [700, 2500]);
    started('b', 2700);
    completed('a', 'One.');
    stopped('b', 3500);
    committed('b', 'a');
    expect(completed('b', '')).toMatchObject([{ text: '', final: true }, TURN_END]);
  });
});

describe('whichever transcript is there first', () => {
  test('they are told in the order in which they were spoken', () => {
    spoken('a', [700, 2500]);
    spoken('b', [3000, 4500], 'a');
    spoken('c', [5000, 6500], 'b');
    expect(completed('c', 'three')).toEqual([]);
    expect(completed('b', 'two')).toEqual([]);
    expect(turns.isAwaited).toBe(true);
    expect(textsOf(completed('a', 'one'))).toEqual(['one', 'two', 'three']);
    expect(turns.isAwaited).toBe(false);
  });

  test('words of a later one wait for the earlier one', () => {
    spoken('a', [700, 2500]);
    spoken('b', [3000, 4500], 'a');
    expect(delta('b', 'two')).toEqual([]);
    expect(completed('a', 'one')).toMatchObject([
      { text: 'one', final: true },
      { text: 'two', final: false },
    ]);
    expect(textsOf(failed('b'))).toEqual(['two']);
  });

  test('the order is that of the items, also where their events come late', () => {
    started('a', 700);
    committed('b', 'a');
    expect(completed('b', 'two')).toEqual([]);
    committed('a');
    expect(textsOf(completed('a', 'one'))).toEqual(['one', 'two']);
  });

  test('an item that turns out to be the one before goes before', () => {
    committed('b', 'a');
    committed('a');
    expect(completed('b', 'two')).toEqual([]);
    expect(textsOf(completed('a', 'one'))).toEqual(['one', 'two']);
  });

  test('speech that is never committed holds nothing up', () => {
    started('a', 700);
    started('b', 3000);
    stopped('b', 4500);
    committed('b');
    expect(completed('b', 'hello')).toMatchObject([{ text: 'hello' }, TURN_END]);
  });
});

test('what comes again, or too late, is told once', () => {
  expect(started('a', 700)).toHaveLength(1);
  expect(started('a', 700)).toEqual([]);
  stopped('a', 2500);
  committed('a');
  expect(completed('a', 'Hello.')).toHaveLength(2);
  for (const again of [
    () => started('a', 700),
    () => committed('a'),
    () => delta('a', 'Hello.'),
    () => completed('a', 'Hello.'),
    () => failed('a'),
  ]) {
    expect(again()).toEqual([]);
  }
});

test('a long call is not remembered for ever', () => {
  for (let item = 0; item < 1000; item += 1) completed(`item_${item}`, 'word');
  expect(textsOf(completed('item_0', 'word'))).toEqual(['word']);
  expect(textsOf(completed('item_999', 'word'))).toEqual([]);
});

describe('without a detection of speech', () => {
  beforeEach(() => {
    turns = new TranscriptionTurns();
  });

  test('there are transcripts and no turns', () => {
    expect(delta('a', ' Hello')).toMatchObject([{ text: 'Hello', final: false }]);
    expect(turns.isUnfinished).toBe(true);
    expect(turns.isAwaited).toBe(false);
    committed('a');
    expect(turns.isAwaited).toBe(true);
    expect(completed('a', 'Hello.')).toMatchObject([{ text: 'Hello.', final: true }]);
    committed('b', 'a');
    expect(completed('b', '')).toMatchObject([{ text: '', final: true }]);
  });
});

test('what was committed is settled as far as it goes, whatever is told of the speech in it', () => {
  turns = new TranscriptionTurns();
  committed('a');
  turns.endsAt('a', 1500);
  expect(completed('a', 'Hello.')).toMatchObject([{ speechEndMs: undefined, settledMs: 1500 }]);
  turns.endsAt('b', 3000);
  committed('b', 'a');
  expect(completed('b', 'Bye.')).toMatchObject([{ settledMs: undefined }]);
});

describe('the last words of a session', () => {
  test('are all that were heard, without an end of speech', () => {
    spoken('a', [700, 2500]);
    spoken('b', [3000, 4500], 'a');
    delta('a', 'one');
    delta('b', 'two');
    started('c', 5000);
    expect(turns.unfinished()).toEqual([
      { type: 'transcript', text: 'one', final: true },
      { type: 'transcript', text: 'two', final: true },
    ]);
    expect(turns.unfinished()).toEqual([]);
  });
});
