import { expect, test } from 'vitest';

import type { LiveSignal } from '../src/gemini-live-wire.ts';
import { LiveTurns } from '../src/live-turns.ts';

const START: LiveSignal = { type: 'speech-start', offsetMs: 100 };
const END: LiveSignal = { type: 'speech-end', offsetMs: 500 };
const AUDIO: LiveSignal = { type: 'audio', bytes: new Uint8Array(2) };
const INTERRUPTED: LiveSignal = { type: 'interrupted' };
const GENERATED: LiveSignal = { type: 'generation-complete' };
const OVER: LiveSignal = { type: 'turn-complete' };
const CALL: LiveSignal = { type: 'tool-call', call: { id: 'a', name: 'look', arguments: {} } };

function heard(text: string, finished = false): LiveSignal {
  return { type: 'input-transcript', text, finished };
}

function said(text: string): LiveSignal {
  return { type: 'output-transcript', text };
}

function usage(outputTokens: number): LiveSignal {
  return { type: 'usage', usage: { inputTokens: 1, outputTokens } };
}

/** What signals mean, in short. */
function tell(turns: LiveTurns, ...signals: LiveSignal[]): string[] {
  return signals
    .flatMap((signal) => turns.facts(signal))
    .map((fact) => {
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

test('words grow, and are final with the answer, since they may come after it began', () => {
  const turns = new LiveTurns();
  expect(
    tell(turns, START, heard('hello '), END, said('good '), AUDIO, heard('there'), said('day')),
  ).toEqual([
    'user-speech-start',
    'user-transcript hello…',
    'user-speech-end',
    'agent-transcript good…',
    'audio',
    'user-transcript hello there…',
    'agent-transcript good day…',
  ]);
  expect(tell(turns, GENERATED)).toEqual([
    'user-transcript hello there.',
    'agent-transcript good day.',
    'response-end completed',
  ]);
  expect(tell(turns, usage(5), OVER)).toEqual(['usage 5']);
});

test('a turn that ends without having been generated whole ends the answer as well', () => {
  const turns = new LiveTurns();
  expect(tell(turns, AUDIO, OVER)).toEqual(['audio', 'response-end completed']);
});

test('words that are finished are final at once', () => {
  expect(tell(new LiveTurns(), heard('hello', true))).toEqual(['user-transcript hello.']);
});

test('of several reports of a turn the last one counts', () => {
  const turns = new LiveTurns();
  expect(tell(turns, AUDIO, usage(3), usage(7), OVER)).toContain('usage 7');
  expect(tell(turns, AUDIO, OVER)).not.toContain('usage 7');
});

test('an interruption ends the answer once, and the end of its turn is none', () => {
  const turns = new LiveTurns();
  tell(turns, AUDIO);
  expect(tell(turns, START, INTERRUPTED, usage(2), OVER)).toEqual([
    'user-speech-start',
    'response-end interrupted',
    'usage 2',
  ]);
});

test('an interruption of what was generated already is somebody who speaks', () => {
  const turns = new LiveTurns();
  tell(turns, AUDIO, GENERATED);
  expect(tell(turns, INTERRUPTED)).toEqual(['user-speech-start']);
});

test('an interruption by a text of ours is nobody who speaks', () => {
  const turns = new LiveTurns();
  tell(turns, AUDIO, GENERATED);
  turns.textSent();
  expect(tell(turns, INTERRUPTED, OVER)).toEqual([]);
});

test('of an answer that was cut nothing more is told but its price', () => {
  const turns = new LiveTurns();
  tell(turns, AUDIO, said('good'));
  expect(turns.cut()).toMatchObject([
    { type: 'agent-transcript', final: true },
    { type: 'response-end', outcome: 'interrupted' },
  ]);
  expect(turns.cut()).toEqual([]);
  expect(tell(turns, AUDIO, said('day'), CALL, INTERRUPTED, usage(4), OVER)).toEqual(['usage 4']);
  expect(tell(turns, AUDIO, OVER)).toEqual(['audio', 'response-end completed']);
});

test('an answer with a tool ends with what the model made of the result', () => {
  const turns = new LiveTurns();
  expect(tell(turns, CALL, OVER)).toEqual(['tool-call']);
  turns.resultsSent(['a']);
  expect(tell(turns, AUDIO, GENERATED, OVER)).toEqual(['audio', 'response-end completed']);
});

test('a session is idle when nobody speaks and nothing is awaited', () => {
  const turns = new LiveTurns();
  expect(turns.isIdle).toBe(true);
  tell(turns, START);
  expect(turns.isIdle).toBe(false);
  tell(turns, END);
  expect(turns.isIdle).toBe(false);
  tell(turns, CALL);
  expect(turns.isIdle).toBe(false);
  tell(turns, { type: 'tool-cancelled', callIds: ['a'] }, INTERRUPTED);
  expect(turns.isIdle).toBe(true);
});

test('a model that has nothing to say has answered with nothing', () => {
  expect(tell(new LiveTurns(), START, END, OVER)).toContain('response-end completed');
});

test('the service owes an answer to words, texts and results, and the rest of one that has begun', () => {
  const turns = new LiveTurns();
  const owes = (...signals: LiveSignal[]): boolean => {
    tell(turns, ...signals);
    return turns.isOwed;
  };
  expect(owes(START, END)).toBe(false); // a noise
  expect(owes(heard('hello'))).toBe(true);
  expect(owes(AUDIO)).toBe(true);
  expect(owes(CALL)).toBe(false); // we owe a result
  turns.resultsSent(['a']);
  expect(turns.isOwed).toBe(true);
  expect(owes(AUDIO, GENERATED)).toBe(false);
  expect(owes(OVER)).toBe(false);
  expect(owes(heard('there'))).toBe(false); // late words
  turns.textSent();
  expect(turns.isOwed).toBe(true);
  expect(owes(START)).toBe(false);
  expect(owes(heard('stop'))).toBe(false);
  expect(owes(END)).toBe(true);
  tell(turns, AUDIO);
  turns.cut();
  expect(turns.isOwed).toBe(false);
});
