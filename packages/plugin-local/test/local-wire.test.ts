import { expect, test } from 'vitest';

import { encodeServerMessage, parseClientMessage, parseSocketQuery } from '../src/local-wire.ts';

test.for(['8000', '44100', '48000'])('a rate of %s is accepted', (rate) => {
  expect(parseSocketQuery(new URLSearchParams({ rate }))?.sampleRateHz).toBe(Number(rate));
});

test.for(['', '7999', '48001', '16000.5', '1e4', '-16000', 'fast'])(
  'a rate of "%s" is refused',
  (rate) => {
    expect(parseSocketQuery(new URLSearchParams({ rate }))).toBeUndefined();
  },
);

function nameOf(name: string): string | undefined {
  return parseSocketQuery(new URLSearchParams({ rate: '8000', name }))?.name;
}

test('a name is trimmed and cut, and an empty one is none', () => {
  expect(nameOf('  Ada ')).toBe('Ada');
  expect(nameOf('x'.repeat(1000))).toHaveLength(100);
  expect(nameOf(' ')).toBeUndefined();
});

test('only a hang-up is known of what participants write', () => {
  expect(parseClientMessage('{"type":"hangup","more":1}')).toEqual({ type: 'hangup' });
  for (const text of ['', 'hangup', 'null', '"hangup"', '{}', '[]', '{"type":"ended"}']) {
    expect(parseClientMessage(text)).toBeUndefined();
  }
});

test('captions keep their speaker, words and finality', () => {
  const caption = { type: 'caption', speaker: 'agent', text: 'Grüß "Gott"', final: true } as const;
  expect(JSON.parse(encodeServerMessage(caption))).toEqual(caption);
});
