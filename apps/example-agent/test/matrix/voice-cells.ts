import type { DeepgramFault, ElevenLabsFault, Fault, OpenAIFault } from '@vision-agents/sandbox';

import type { Cell } from './cell.ts';
import type { Component } from './components.ts';
import { COMPONENTS } from './components.ts';
import type { Details, Row } from './struck-cells.ts';
import { struck } from './struck-cells.ts';

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
const ofOpenAI = (fault: OpenAIFault, details: Details): Fault => ({
  provider: 'openai',
  fault,
  ...details,
});

const DEEPGRAM_SPEAKING: readonly Row<DeepgramFault>[] = [
  ['speak-reset', 'network 1006'],
  ['speak-clean-close', 'aborted_by_provider 1000'],
  ['speak-provider-close', 'timeout NET-0000', { code: 1011, reason: 'NET-0000' }],
  ['speak-provider-close', 'bad_request DATA-0000', { code: 1008, reason: 'DATA-0000' }],
  ['speak-error-message', 'aborted_by_provider NET-0004'],
  ['speak-stall', 'timeout -'],
  ['speak-mute', 'timeout -'],
  ['speak-malformed-json', 'protocol malformed_message'],
  ['speak-wrong-types', 'protocol malformed_message'],
  ['speak-giant-message', 'protocol giant_message'],
  ['speak-slow-reader', 'timeout -'],
  ['speak-duplicate-messages'],
];

function ofDeepgramVoice(component: Component): Cell[] {
  return [
    ...struck(component, 'connecting', ofDeepgram, [
      ['speak-handshake-401', 'authentication 401'],
      ['speak-handshake-403', 'authentication 403'],
      ['speak-handshake-429', 'rate_limit 429'],
      ['speak-handshake-500', 'unavailable 500'],
      ['speak-hung-upgrade', 'timeout connect'],
    ]),
    ...struck(component, 'before the first result', ofDeepgram, [
      ...from(0, DEEPGRAM_SPEAKING),
      ['speak-no-audio', 'protocol no_audio'],
    ]),
    ...struck(component, 'in mid-stream', ofDeepgram, [
      ...from(1, DEEPGRAM_SPEAKING),
      ['speak-never-ends', 'timeout -'],
      ['speak-unknown-type'],
      ['speak-warning'],
      ['speak-odd-sized-audio'],
      ['speak-empty-audio'],
    ]),
  ];
}

const ELEVENLABS_SPEAKING: readonly Row<ElevenLabsFault>[] = [
  ['reset', 'network 1006'],
  ['clean-close', 'aborted_by_provider 1000'],
  ['provider-close', 'unavailable 1011', { code: 1011 }],
  ['error-message', 'unavailable internal_error'],
  ['stall', 'timeout -'],
  ['malformed-json', 'protocol malformed_message'],
  ['wrong-types', 'protocol malformed_message'],
  ['giant-message', 'protocol giant_message'],
  ['slow-reader', 'timeout -'],
  ['duplicate-messages'],
];

const ELEVENLABS_REFUSING: readonly Row<ElevenLabsFault>[] = [
  ['http-401', 'authentication 401'],
  ['http-403', 'authentication 403'],
  ['http-quota', 'quota quota_exceeded'],
  ['http-422', 'bad_request 422'],
  ['http-429-concurrency', 'rate_limit too_many_concurrent_requests'],
  ['http-429-busy', 'rate_limit system_busy'],
  ['http-500', 'unavailable 500'],
  ['http-hung', 'timeout -'],
];

/** Faults of voices. */
export const VOICE_CELLS: readonly Cell[] = [
  ...ofDeepgramVoice(COMPONENTS.fluxVoice),
  ...ofDeepgramVoice(COMPONENTS.aura),
  ...struck(COMPONENTS.elevenLabsSocket, 'connecting', ofElevenLabs, [
    ['handshake-401', 'authentication 401'],
    ['handshake-403', 'authentication 403'],
    ['handshake-429', 'rate_limit too_many_concurrent_requests'],
    ['handshake-500', 'unavailable 500'],
    ['hung-upgrade', 'timeout connect'],
  ]),
  ...struck(COMPONENTS.elevenLabsSocket, 'before the first result', ofElevenLabs, [
    ...from(0, ELEVENLABS_SPEAKING),
    ['no-audio', 'protocol no_audio'],
  ]),
  ...struck(COMPONENTS.elevenLabsSocket, 'in mid-stream', ofElevenLabs, [
    ...from(1, ELEVENLABS_SPEAKING),
    ['never-final', 'timeout -'],
    ['unknown-type'],
    ['odd-sized-audio'],
    ['empty-audio'],
  ]),
  ...struck(COMPONENTS.elevenLabsHttp, 'connecting', ofElevenLabs, ELEVENLABS_REFUSING),
  ...struck(COMPONENTS.elevenLabsHttp, 'before the first result', ofElevenLabs, [
    ['http-reset', 'network ECONNRESET', { after: 0 }],
    ['http-stall', 'timeout -', { after: 0 }],
    ['http-empty', 'protocol no_audio'],
  ]),
  ...struck(COMPONENTS.elevenLabsHttp, 'in mid-stream', ofElevenLabs, [
    ['http-reset', 'network ECONNRESET'],
    ['http-stall', 'timeout -'],
    ['http-odd-chunks'],
  ]),
  ...struck(COMPONENTS.openaiVoice, 'connecting', ofOpenAI, [
    ['speech-400', 'bad_request 400'],
    ['speech-401', 'authentication 401'],
    ['speech-429', 'rate_limit 429'],
    ['speech-quota', 'quota insufficient_quota'],
    ['speech-500', 'unavailable 500'],
    ['speech-hung', 'timeout -'],
  ]),
  ...struck(COMPONENTS.openaiVoice, 'before the first result', ofOpenAI, [
    ['speech-reset', 'network ECONNRESET', { after: 0 }],
    ['speech-stall', 'timeout -', { after: 0 }],
    ['speech-empty', 'protocol no_audio'],
  ]),
  ...struck(COMPONENTS.openaiVoice, 'in mid-stream', ofOpenAI, [
    ['speech-reset', 'network ECONNRESET'],
    ['speech-stall', 'timeout -'],
    ['speech-odd-chunks'],
  ]),
];

function from<F extends string>(after: number, rows: readonly Row<F>[]): Row<F>[] {
  return rows.map(([fault, errors = [], details = {}]) => [fault, errors, { ...details, after }]);
}
