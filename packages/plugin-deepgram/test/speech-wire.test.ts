import { expect, test } from 'vitest';

import { parseAuraMessage, parseFluxSpeechMessage } from '../src/speech-wire.ts';

test.each([
  [
    { type: 'Flushed', sequence_id: 0 },
    { type: 'spoken', speechId: undefined },
  ],
  [
    { type: 'Cleared', sequence_id: 1 },
    { type: 'cut', speechId: undefined },
  ],
  [
    { type: 'Warning', code: 'A_CODE', description: 'a text' },
    { type: 'warning', code: 'A_CODE' },
  ],
  [
    { type: 'Metadata', request_id: 'x' },
    { type: 'ignored', name: 'Metadata' },
  ],
])('Aura: %o', (message, parsed) => {
  expect(parseAuraMessage(message)).toEqual(parsed);
});

test.each([
  [
    { type: 'SpeechStarted', speech_id: 'dg_sp_1' },
    { type: 'ignored', name: 'SpeechStarted' },
  ],
  // Only says that the flush has come.
  [
    { type: 'Flushed', speech_id: 'dg_sp_1' },
    { type: 'ignored', name: 'Flushed' },
  ],
  [
    { type: 'SpeechMetadata', speech_id: 'dg_sp_1', audio_duration_ms: 320 },
    { type: 'spoken', speechId: 'dg_sp_1' },
  ],
  [
    { type: 'SpeechInterrupted', audio_played_ms: 9, metadata: { speech_id: 'dg_sp_1' } },
    { type: 'cut', speechId: 'dg_sp_1' },
  ],
  [{ type: 'SpeechInterrupted' }, { type: 'cut', speechId: undefined }],
  [
    { type: 'Warning', code: 'NO_ACTIVE_SPEECH' },
    { type: 'warning', code: 'NO_ACTIVE_SPEECH' },
  ],
  [
    { type: 'Error', code: 'BIG-0000', description: 'a text' },
    { type: 'error', code: 'BIG-0000' },
  ],
])('Flux: %o', (message, parsed) => {
  expect(parseFluxSpeechMessage(message)).toEqual(parsed);
});

test.each([undefined, null, 7, {}, { type: 7 }])('%o is malformed', (message) => {
  expect(parseAuraMessage(message)).toMatchObject({ type: 'malformed' });
  expect(parseFluxSpeechMessage(message)).toMatchObject({ type: 'malformed' });
});
