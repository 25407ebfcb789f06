import type {
  DeepgramFault,
  ElevenLabsFault,
  Fault,
  OpenAITranscriptionFault,
} from '@vision-agents/sandbox';

import type { Cell } from './cell.ts';
import type { Component } from './components.ts';
import { COMPONENTS } from './components.ts';
import type { Details, Row } from './struck-cells.ts';
import { struck } from './struck-cells.ts';

/** So much audio is heard when something goes wrong in mid-stream, in ms: the words have begun. */
const after = 320;

const ofDeepgram = (fault: DeepgramFault, details: Details): Fault => ({
  provider: 'deepgram',
  fault,
  ...details,
});
const ofElevenLabs = (fault: ElevenLabsFault, details: Details): Fault => ({
  provider: 'elevenlabs',
  fault,
  ...details,
});

const ofOpenAI = (fault: OpenAITranscriptionFault, details: Details): Fault => ({
  provider: 'openai-transcription',
  fault,
  ...details,
});

const LISTENING: readonly Row<DeepgramFault>[] = [
  ['reset', 'network 1006'],
  ['clean-close', 'aborted_by_provider 1000'],
  ['provider-close', 'timeout NET-0000', { code: 1011, reason: 'NET-0000' }],
  ['provider-close', 'bad_request DATA-0000', { code: 1008, reason: 'DATA-0000' }],
  ['error-message', 'unavailable INTERNAL_SERVER_ERROR'],
  ['stall', 'timeout stall'],
  ['malformed-json', 'protocol malformed_message'],
  ['wrong-types', 'protocol malformed_message'],
  ['unknown-type'],
  ['giant-message', 'protocol giant_message'],
  ['slow-reader', 'timeout stall'],
  ['duplicate-messages'],
  ['reordered-messages'],
];

function ofListening(component: Component): Cell[] {
  return [
    ...struck(component, 'connecting', ofDeepgram, [
      ['handshake-401', 'authentication 401'],
      ['handshake-403', 'authentication 403'],
      ['handshake-429', 'rate_limit 429'],
      ['handshake-500', 'unavailable 500'],
      ['hung-upgrade', 'timeout connect'],
    ]),
    ...struck(component, 'before the first result', ofDeepgram, LISTENING),
    ...struck(component, 'in mid-stream', ofDeepgram, [...later(LISTENING), ['empty-transcript']]),
  ];
}

const TRANSCRIBING: readonly Row<ElevenLabsFault>[] = [
  ['scribe-reset', 'network 1006'],
  ['scribe-clean-close', 'aborted_by_provider 1000'],
  ['scribe-provider-close', 'unavailable 1011', { code: 1011 }],
  ['scribe-error-message', 'unavailable transcriber_error', { name: 'transcriber_error' }],
  ['scribe-error-message', 'quota quota_exceeded', { name: 'quota_exceeded' }],
  ['scribe-error-message', 'rate_limit rate_limited', { name: 'rate_limited' }],
  ['scribe-error-message', 'unavailable queue_overflow', { name: 'queue_overflow' }],
  ['scribe-error-message', 'bad_request commit_throttled', { name: 'commit_throttled' }],
  ['scribe-slow-reader', 'timeout stall'],
  ['scribe-stall', 'timeout stall'],
  ['scribe-malformed-json', 'protocol malformed_message'],
  ['scribe-wrong-types', 'protocol malformed_message'],
  ['scribe-unknown-type'],
  ['scribe-warning'],
  ['scribe-giant-message', 'protocol giant_message'],
  ['scribe-duplicate-messages'],
];

const OF_SCRIBE: readonly Cell[] = [
  ...struck(COMPONENTS.scribe, 'connecting', ofElevenLabs, [
    ['scribe-handshake-401', 'authentication 401'],
    ['scribe-handshake-403', 'authentication 403'],
    ['scribe-handshake-429', 'rate_limit too_many_concurrent_requests'],
    ['scribe-handshake-500', 'unavailable 500'],
    ['scribe-hung-upgrade', 'timeout connect'],
    ['scribe-no-session', 'timeout connect'],
    ['scribe-refused-session', 'authentication auth_error'],
  ]),
  ...struck(COMPONENTS.scribe, 'before the first result', ofElevenLabs, TRANSCRIBING),
  ...struck(COMPONENTS.scribe, 'in mid-stream', ofElevenLabs, [
    ...later(TRANSCRIBING),
    ['scribe-empty-transcript'],
    ['scribe-no-timestamps'],
  ]),
];

const WRITING_DOWN: readonly Row<OpenAITranscriptionFault>[] = [
  ['reset', 'network 1006'],
  ['clean-close', 'aborted_by_provider 1000'],
  ['provider-close', 'unavailable 1011', { code: 1011 }],
  ['provider-close', 'bad_request 1008', { code: 1008 }],
  ['session-expired', 'aborted_by_provider session_expired'],
  ['error-event', 'unavailable server_error', { name: 'server_error' }],
  ['error-event', 'rate_limit rate_limit_exceeded', { name: 'rate_limit_exceeded' }],
  ['error-event', 'quota insufficient_quota', { name: 'insufficient_quota' }],
  ['stall', 'timeout stall'],
  ['malformed-json', 'protocol malformed_message'],
  ['wrong-types', 'protocol malformed_message'],
  ['unknown-type'],
  ['giant-message', 'protocol giant_message'],
  ['slow-reader', 'timeout stall'],
];

const OF_OPENAI: readonly Cell[] = [
  ...struck(COMPONENTS.transcription, 'connecting', ofOpenAI, [
    ['handshake-401', 'authentication 401'],
    ['handshake-403', 'authentication 403'],
    ['handshake-404', 'bad_request 404'],
    ['handshake-429', 'rate_limit 429'],
    ['handshake-quota', 'quota insufficient_quota'],
    ['handshake-500', 'unavailable 500'],
    ['handshake-503', 'unavailable 503'],
    ['hung-upgrade', 'timeout connect'],
    ['no-session', 'timeout connect'],
    ['refused-session', 'unavailable server_error'],
    ['wrong-session', 'protocol wrong_session'],
    ['duplicate-messages'],
  ]),
  ...struck(COMPONENTS.transcription, 'before the first result', ofOpenAI, WRITING_DOWN),
  ...struck(COMPONENTS.transcription, 'in mid-stream', ofOpenAI, [
    ...later(WRITING_DOWN),
    ['transcription-failed', 'unavailable server_error'],
    ['no-transcript', 'timeout stall'],
    ['empty-transcript'],
  ]),
];

/** Faults of what hears. */
export const HEARING_CELLS: readonly Cell[] = [
  ...ofListening(COMPONENTS.flux),
  ...ofListening(COMPONENTS.nova),
  ...struck(COMPONENTS.nova, 'in mid-stream', ofDeepgram, [['no-speech-final']]),
  ...OF_SCRIBE,
  ...OF_OPENAI,
];

function later<F extends string>(rows: readonly Row<F>[]): Row<F>[] {
  return rows.map(([fault, errors = [], details = {}]) => [fault, errors, { ...details, after }]);
}
