import { ProviderError } from '@vision-agents/core';
import { expect, test } from 'vitest';

import type { RealtimeSignal } from '../src/realtime-signals.ts';
import { RealtimeTurns } from '../src/realtime-turns.ts';

const START: RealtimeSignal = { type: 'speech-start', offsetMs: 100 };
const END: RealtimeSignal = { type: 'speech-end', offsetMs: 500 };
const ERROR = new ProviderError({ provider: 'openai', type: 'unknown', message: 'no' });

function turnsOfTenBytesAMs(): RealtimeTurns {
  return new RealtimeTurns(10);
}

function begun(responseId = 'r'): RealtimeSignal {
  return { type: 'response-start', responseId };
}

function item(itemId = 'i', responseId = 'r'): RealtimeSignal {
  return { type: 'item-start', itemId, responseId };
}

function audio(itemId = 'i', responseId = 'r'): RealtimeSignal {
  return { type: 'audio', bytes: new Uint8Array(1000), itemId, responseId };
}

function said(text: string, itemId = 'i', responseId = 'r'): RealtimeSignal {
  return { type: 'agent-words', text, itemId, responseId };
}

function heard(itemId: string, text: string): RealtimeSignal {
  return { type: 'user-words', itemId, text };
}

function call(id: string, responseId = 'r'): RealtimeSignal {
  return { type: 'tool-call', responseId, call: { id, name: 'look', arguments: {} } };
}

function over(
  status: 'completed' | 'cancelled' | 'failed' = 'completed',
  responseId = 'r',
): RealtimeSignal {
  const usage = { inputTokens: 1, outputTokens: 2 };
  const error = status === 'failed' ? ERROR : undefined;
  return { type: 'response-end', responseId, status, usage, error };
}

/** What signals mean, in short. */
function tell(turns: RealtimeTurns, ...signals: RealtimeSignal[]): string[] {
  return inShort(signals.flatMap((signal) => turns.facts(signal)));
}

function inShort(facts: ReturnType<RealtimeTurns['facts']>): string[] {
  return facts.map((fact) => {
    switch (fact.type) {
      case 'user-transcript':
      case 'agent-transcript':
        return `${fact.type} ${fact.text}${fact.final ? '.' : '…'}`;
      case 'response-end':
        return `${fact.type} ${fact.outcome}`;
      case 'usage':
        return `${fact.type} ${fact.usage.outputTokens}`;
      case 'audio':
      case 'error':
      case 'tool-call':
      case 'tool-cancelled':
      case 'user-speech-end':
      case 'user-speech-start':
        return fact.type;
    }
  });
}

test('an answer grows, and its words are final with its end', () => {
  const turns = turnsOfTenBytesAMs();
  expect(tell(turns, START, END, begun(), item(), said('good '), audio(), said('day'))).toEqual([
    'user-speech-start',
    'user-speech-end',
    'agent-transcript good…',
    'audio',
    'agent-transcript good day…',
  ]);
  expect(tell(turns, over())).toEqual([
    'usage 2',
    'agent-transcript good day.',
    'response-end completed',
  ]);
});

test('words of users are told by what they are of, and may come late', () => {
  const turns = turnsOfTenBytesAMs();
  expect(
    tell(turns, heard('a', 'good '), heard('b', 'stop'), heard('a', 'day'), begun(), {
      type: 'user-transcript',
      itemId: 'a',
      text: 'Good day!',
    }),
  ).toEqual([
    'user-transcript good…',
    'user-transcript stop…',
    'user-transcript good day…',
    'user-transcript Good day!.',
  ]);
  expect(inShort(turns.finish())).toEqual(['user-transcript stop.']);
  expect(turns.finish()).toEqual([]);
});

test('what cannot be written down is an error, and no words', () => {
  const turns = turnsOfTenBytesAMs();
  const words: RealtimeSignal = { type: 'user-words', itemId: 'a', text: 'good' };
  expect(tell(turns, words, { type: 'user-unheard', itemId: 'a', error: ERROR })).toEqual([
    'user-transcript good…',
    'error',
  ]);
  expect(turns.finish()).toEqual([]);
});

test('the end of a speech that is told twice is told once', () => {
  const turns = turnsOfTenBytesAMs();
  const committed: RealtimeSignal = { type: 'speech-end', offsetMs: undefined };
  expect(tell(turns, START, END, committed)).toEqual(['user-speech-start', 'user-speech-end']);
  expect(tell(turns, START, committed)).toEqual(['user-speech-start', 'user-speech-end']);
});

test('a response that the service stops was interrupted, and has its price', () => {
  const turns = turnsOfTenBytesAMs();
  tell(turns, begun(), audio(), START);
  expect(tell(turns, over('cancelled'))).toEqual(['usage 2', 'response-end interrupted']);
});

test('of an answer that was cut nothing more is told but its price', () => {
  const turns = turnsOfTenBytesAMs();
  tell(turns, begun(), said('good'), audio());
  expect(inShort(turns.cut(false))).toEqual(['agent-transcript good.', 'response-end interrupted']);
  expect(turns.cut(false)).toEqual([]);
  expect(tell(turns, said('day'), audio(), call('c'), over('cancelled'))).toEqual(['usage 2']);
  expect(turns.resumes()).toBe(false);
  expect(tell(turns, begun('s'), audio('j', 's'), over('completed', 's'))).toEqual([
    'audio',
    'usage 2',
    'response-end completed',
  ]);
});

test('what is not wanted any more is cancelled once, unless the service stops it by itself', () => {
  const turns = turnsOfTenBytesAMs();
  tell(turns, begun(), audio());
  expect(turns.takeUnwanted()).toBeUndefined();
  turns.cut(false);
  expect(turns.takeUnwanted()).toBe('r');
  expect(turns.takeUnwanted()).toBeUndefined();
  tell(turns, over('cancelled'), begun('s'), START);
  turns.cut(false);
  expect(turns.takeUnwanted()).toBeUndefined();
});

test('a response that ends well after it was cut is not told twice', () => {
  const turns = turnsOfTenBytesAMs();
  tell(turns, begun());
  turns.cut(false);
  expect(tell(turns, over('completed'))).toEqual(['usage 2']);
});

test('a response that was cut before it began is one that was interrupted', () => {
  const turns = turnsOfTenBytesAMs();
  expect(turns.cut(true)).toEqual([]);
  tell(turns, begun());
  expect(turns.takeUnwanted()).toBe('r');
  expect(tell(turns, said('good'), audio(), over('cancelled'))).toEqual([
    'usage 2',
    'response-end interrupted',
  ]);
  expect(tell(turns, begun('s'), audio('j', 's'))).toEqual(['audio']);
});

test('a failure is told with its reason', () => {
  const turns = turnsOfTenBytesAMs();
  expect(tell(turns, begun(), over('failed'))).toEqual(['usage 2', 'error', 'response-end error']);
});

test('an end of what is not under way means nothing, as when it comes twice', () => {
  const turns = turnsOfTenBytesAMs();
  tell(turns, begun(), over());
  expect(tell(turns, over(), over('failed', 'other'))).toEqual([]);
  expect(tell(turns, begun('s'), over('completed'))).toEqual([]);
  expect(tell(turns, over('completed', 's'))).toEqual(['usage 2', 'response-end completed']);
});

test('an answer with tools goes on when all of them have their results, and ends once', () => {
  const turns = turnsOfTenBytesAMs();
  expect(tell(turns, begun(), said('wait.'), call('a'), call('b'), over())).toEqual([
    'agent-transcript wait.…',
    'tool-call',
    'tool-call',
    'usage 2',
  ]);
  turns.resultsSent(['a']);
  expect(turns.resumes()).toBe(false);
  turns.resultsSent(['b']);
  expect(turns.resumes()).toBe(true);
  expect(turns.resumes()).toBe(false);
  expect(tell(turns, begun('s'), said('sunny', 'j', 's'), over('completed', 's'))).toEqual([
    'agent-transcript wait. sunny…',
    'usage 2',
    'agent-transcript wait. sunny.',
    'response-end completed',
  ]);
});

test('results that come before the response is over are waited for by nobody', () => {
  const turns = turnsOfTenBytesAMs();
  tell(turns, begun(), call('a'));
  turns.resultsSent(['a']);
  expect(turns.resumes()).toBe(false);
  tell(turns, over());
  expect(turns.resumes()).toBe(true);
});

test('an answer that is cut while its tools work does not go on', () => {
  const turns = turnsOfTenBytesAMs();
  tell(turns, begun(), call('a'), over());
  expect(inShort(turns.cut(false))).toEqual(['response-end interrupted']);
  expect(turns.resumes()).toBe(false);
  // The next answer does not wait for them.
  tell(turns, begun('s'), call('b', 's'), over('completed', 's'));
  turns.resultsSent(['b']);
  expect(turns.resumes()).toBe(true);
});

test('a response to something else ends an answer that waits for its tools', () => {
  const turns = turnsOfTenBytesAMs();
  tell(turns, begun(), call('a'), over(), START, END);
  expect(tell(turns, begun('s'))).toEqual(['response-end interrupted']);
  turns.resultsSent(['a']);
  expect(turns.resumes()).toBe(false);
});

test('what is refused has failed, with the answer that was to go on', () => {
  const turns = turnsOfTenBytesAMs();
  expect(inShort(turns.refused())).toEqual(['response-end error']);
});

test('what is refused when nobody wanted it any more keeps nothing from what comes next', () => {
  const turns = turnsOfTenBytesAMs();
  turns.cut(true);
  expect(inShort(turns.refused())).toEqual(['response-end interrupted']);
  expect(tell(turns, begun(), audio())).toEqual(['audio']);
});

test('an answer that is cut when it was asked to go on ends once', () => {
  const turns = turnsOfTenBytesAMs();
  const asked = (): void => {
    tell(turns, begun(), call('a'), over());
    turns.resultsSent(['a']);
    turns.resumes();
    expect(inShort(turns.cut(true))).toEqual(['response-end interrupted']);
    expect(turns.cut(true)).toEqual([]);
  };
  asked();
  tell(turns, begun('s'));
  expect(turns.takeUnwanted()).toBe('s');
  expect(tell(turns, audio('j', 's'), over('cancelled', 's'))).toEqual(['usage 2']);
  asked();
  expect(turns.refused()).toEqual([]);
  expect(tell(turns, begun('t'), audio('k', 't'))).toEqual(['audio']);
});

test('what is refused while the service says something else does not end that', () => {
  const turns = turnsOfTenBytesAMs();
  tell(turns, begun());
  expect(turns.refused()).toEqual([]);
  expect(tell(turns, audio(), over())).toEqual(['audio', 'usage 2', 'response-end completed']);
});

test('of both responses of an answer it is known what was heard', () => {
  const turns = turnsOfTenBytesAMs();
  tell(turns, begun(), audio(), call('a'), over());
  turns.resultsSent(['a']);
  turns.resumes();
  tell(turns, begun('s'), audio('j', 's'), over('completed', 's'));
  expect(turns.forget(130)).toEqual([{ type: 'truncate', itemId: 'j', endMs: 30 }]);
});

test('another answer has nothing of the one before', () => {
  const turns = turnsOfTenBytesAMs();
  tell(turns, begun(), audio(), over(), begun('s'), audio('j', 's'));
  expect(turns.forget(30)).toEqual([{ type: 'truncate', itemId: 'j', endMs: 30 }]);
});

test('what begins of an answer that was cut already is to be forgotten with its end', () => {
  const turns = turnsOfTenBytesAMs();
  tell(turns, begun(), audio());
  turns.forget(100);
  turns.cut(false);
  tell(turns, item('late'));
  expect(turns.takeUnheard()).toEqual([]);
  tell(turns, over('cancelled'));
  expect(turns.takeUnheard()).toEqual([{ type: 'delete', itemId: 'late' }]);
  expect(turns.takeUnheard()).toEqual([]);
});

test('the service owes an answer to what was said, and the rest of one that has begun', () => {
  const turns = turnsOfTenBytesAMs();
  const owes = (...signals: RealtimeSignal[]): boolean => {
    tell(turns, ...signals);
    return turns.isOwed;
  };
  expect(owes()).toBe(false);
  expect(owes(START)).toBe(false);
  expect(owes(END)).toBe(true);
  expect(owes(START)).toBe(false);
  expect(owes(END, begun())).toBe(true);
  expect(owes(call('a'))).toBe(true);
  expect(owes(over())).toBe(false); // we owe a result
  expect(owes(begun('s'), over('completed', 's'))).toBe(false);
  expect(owes(START, END)).toBe(true);
  turns.cut(false);
  expect(turns.isOwed).toBe(false);
});
