import { describe, expect, test } from 'vitest';

import { parseTranscriptionEvent } from '../src/transcription-wire.ts';

const TRANSCRIPTION = 'conversation.item.input_audio_transcription';
const ofItem = { event_id: 'event_1', item_id: 'item_1' };

test.each([
  [
    { type: 'input_audio_buffer.speech_started', ...ofItem, audio_start_ms: 1200 },
    { type: 'speech-started', itemId: 'item_1', audioStartMs: 1200 },
  ],
  [
    { type: 'input_audio_buffer.speech_stopped', ...ofItem, audio_end_ms: 2500 },
    { type: 'speech-stopped', itemId: 'item_1', audioEndMs: 2500 },
  ],
  [
    { type: 'input_audio_buffer.committed', ...ofItem, previous_item_id: 'item_0' },
    { type: 'committed', itemId: 'item_1', previousItemId: 'item_0' },
  ],
  [
    { type: 'input_audio_buffer.committed', ...ofItem, previous_item_id: null },
    { type: 'committed', itemId: 'item_1', previousItemId: undefined },
  ],
  [
    { type: `${TRANSCRIPTION}.delta`, ...ofItem, content_index: 0, delta: 'Hel' },
    { type: 'delta', itemId: 'item_1', text: 'Hel' },
  ],
  [
    { type: `${TRANSCRIPTION}.delta`, ...ofItem },
    { type: 'delta', itemId: 'item_1', text: '' },
  ],
  [
    { type: `${TRANSCRIPTION}.completed`, ...ofItem, transcript: 'Hello.\n' },
    { type: 'completed', itemId: 'item_1', text: 'Hello.', language: undefined },
  ],
  [
    {
      type: `${TRANSCRIPTION}.completed`,
      ...ofItem,
      transcript: 'Hallo.',
      languages: [{ code: 'de' }, { code: 'en' }],
    },
    { type: 'completed', itemId: 'item_1', text: 'Hallo.', language: 'de' },
  ],
  [
    { type: `${TRANSCRIPTION}.failed`, ...ofItem, error: { code: 'server_error' } },
    { type: 'failed', itemId: 'item_1', error: { code: 'server_error' } },
  ],
  [
    { type: 'error', error: { code: 'session_expired', event_id: null } },
    { type: 'error', error: { code: 'session_expired', event_id: null }, eventId: undefined },
  ],
  [{ type: 'session.updated' }, { type: 'updated' }],
  [{ type: 'conversation.item.done' }, { type: 'ignored', name: 'conversation.item.done' }],
])('%j is read', (event, read) => {
  expect(parseTranscriptionEvent(event)).toEqual(read);
});

describe('what is not as documented is malformed, and its text is not repeated', () => {
  test.each([
    [{}, 'it has no `type`'],
    [{ type: 7 }, 'it has no `type`'],
    [{ type: `${TRANSCRIPTION}.delta`, delta: 'secret' }, 'it has no `item_id`'],
    [{ type: `${TRANSCRIPTION}.delta`, ...ofItem, delta: 42 }, '`delta` is not a string'],
    [{ type: `${TRANSCRIPTION}.completed`, ...ofItem }, '`transcript` is not a string'],
    [
      { type: 'input_audio_buffer.speech_started', ...ofItem, audio_start_ms: '1200' },
      '`audio_start_ms` is no time',
    ],
    [
      { type: 'input_audio_buffer.speech_stopped', ...ofItem, audio_end_ms: -1 },
      '`audio_end_ms` is no time',
    ],
  ])('%j', (event, problem) => {
    expect(parseTranscriptionEvent(event)).toEqual({ type: 'malformed', problem });
  });
});

test('a name that is no name is not logged', () => {
  expect(parseTranscriptionEvent({ type: 'what was said' })).toEqual({
    type: 'ignored',
    name: 'unnamed',
  });
});
