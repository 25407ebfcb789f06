import type {
  Fault,
  GeminiFault,
  GeminiLiveFault,
  OpenAIFault,
  OpenAIRealtimeFault,
} from '@vision-agents/sandbox';

import type { Cell } from './cell.ts';
import type { Component } from './components.ts';
import { COMPONENTS } from './components.ts';
import type { Details, Row } from './struck-cells.ts';
import { struck } from './struck-cells.ts';

const ofGemini = (fault: GeminiFault, details: Details): Fault => ({
  provider: 'gemini',
  fault,
  ...details,
});
const ofLive = (fault: GeminiLiveFault, details: Details): Fault => ({
  provider: 'gemini-live',
  fault,
  ...details,
});
const ofOpenAI = (fault: OpenAIFault, details: Details): Fault => ({
  provider: 'openai',
  fault,
  ...details,
});

const ofOpenAIRealtime = (fault: OpenAIRealtimeFault, details: Details): Fault => ({
  provider: 'openai-realtime',
  fault,
  ...details,
});

const GEMINI_ANSWERING: readonly Row<GeminiFault>[] = [
  ['reset', 'network ECONNRESET'],
  ['eof', 'protocol truncated'],
  ['error-event', 'unavailable 503'],
  ['malformed-json', 'protocol malformed_answer'],
  ['wrong-types', 'protocol malformed_answer'],
  ['unknown-type'],
  ['giant-message', 'protocol giant_message'],
];

const OPENAI_ANSWERING: readonly Row<OpenAIFault>[] = [
  ['reset', 'network ECONNRESET'],
  ['eof', 'protocol truncated'],
  ['error-event', 'unavailable server_error'],
  ['malformed-json', 'protocol malformed_answer'],
  ['wrong-types', 'protocol malformed_answer'],
  ['giant-message', 'protocol giant_message'],
];

function ofOpenAIModel(component: Component): Cell[] {
  return [
    ...struck(component, 'connecting', ofOpenAI, [
      ['status-400', 'bad_request 400'],
      ['status-401', 'authentication 401'],
      ['status-403', 'authentication 403'],
      ['status-404', 'bad_request 404'],
      ['status-429', 'rate_limit 429'],
      ['quota', 'quota insufficient_quota'],
      ['status-500', 'unavailable 500'],
      ['status-503', 'unavailable 503'],
      ['hung', 'timeout -'],
    ]),
    ...struck(component, 'before the first result', ofOpenAI, [
      ...from(0, OPENAI_ANSWERING),
      ['empty', 'protocol truncated'],
      ['stall-before-first', 'timeout -'],
      ['refusal'],
      ['content-filter'],
    ]),
    ...struck(component, 'in mid-stream', ofOpenAI, [
      ...from(1, OPENAI_ANSWERING),
      ['stall', 'timeout -'],
      ['unknown-type', [], { after: 1 }],
      ['max-tokens'],
    ]),
  ];
}

const LIVE_ANSWERING: readonly Row<GeminiLiveFault>[] = [
  ['reset', 'network 1006'],
  ['clean-close', 'aborted_by_provider 1000'],
  ['provider-close', 'unavailable 1011'],
  ['malformed-json', 'protocol malformed_message'],
  ['wrong-types', 'protocol malformed_answer'],
  ['unknown-type'],
  ['stall', 'timeout stall'],
  ['giant-message', 'protocol giant_message'],
  ['slow-reader', 'timeout stall'],
  ['duplicate-messages'],
];

const OPENAI_REALTIME_ANSWERING: readonly Row<OpenAIRealtimeFault>[] = [
  ['reset', 'network 1006'],
  ['clean-close', 'aborted_by_provider 1000'],
  ['provider-close', 'unavailable 1011'],
  ['provider-close', 'bad_request 1008', { code: 1008 }],
  ['session-expired', 'aborted_by_provider session_expired'],
  ['error-event', 'unavailable server_error'],
  ['error-event', 'authentication invalid_api_key', { name: 'invalid_api_key' }],
  ['failed', 'unavailable server_error'],
  ['failed', 'rate_limit rate_limit_exceeded', { name: 'rate_limit_exceeded' }],
  ['max-tokens', 'aborted_by_provider max_output_tokens'],
  ['content-filter', 'aborted_by_provider content_filter'],
  ['malformed-json', 'protocol malformed_message'],
  ['wrong-types', 'protocol malformed_message'],
  ['unknown-type'],
  ['stall', 'timeout stall'],
  ['giant-message', 'protocol giant_message'],
  ['slow-reader', 'timeout stall'],
  ['duplicate-messages'],
];

/** Faults of language models, and of models that hear and speak. */
export const MODEL_CELLS: readonly Cell[] = [
  ...struck(COMPONENTS.gemini, 'connecting', ofGemini, [
    ['status-400', 'bad_request 400'],
    ['status-401', 'authentication 401'],
    ['status-403', 'authentication 403'],
    ['status-429', 'rate_limit 429'],
    ['status-500', 'unavailable 500'],
    ['status-503', 'unavailable 503'],
  ]),
  ...struck(COMPONENTS.gemini, 'before the first result', ofGemini, [
    ...from(0, GEMINI_ANSWERING),
    ['empty', 'protocol truncated'],
    ['stall-before-first', 'timeout -'],
    ['safety'],
  ]),
  ...struck(COMPONENTS.gemini, 'in mid-stream', ofGemini, [
    ...from(1, GEMINI_ANSWERING),
    ['stall', 'timeout -'],
  ]),
  ...ofOpenAIModel(COMPONENTS.responses),
  ...struck(COMPONENTS.responses, 'in mid-stream', ofOpenAI, [
    ['failed', 'unavailable server_error'],
    ['duplicate-messages', [], { after: 1 }],
  ]),
  ...ofOpenAIModel(COMPONENTS.chatCompletions),
  ...struck(COMPONENTS.chatCompletions, 'in mid-stream', ofOpenAI, [['no-usage'], ['no-done']]),
  ...struck(COMPONENTS.live, 'connecting', ofLive, [
    ['handshake-401', 'authentication 401'],
    ['handshake-403', 'authentication 403'],
    ['handshake-429', 'rate_limit 429'],
    ['handshake-503', 'unavailable 503'],
    ['hung-upgrade', 'timeout connect'],
    ['no-setup-complete', 'timeout connect'],
    ['setup-refused', 'bad_request 1008'],
    ['setup-wrong-key', 'authentication 1007'],
  ]),
  ...struck(COMPONENTS.live, 'before the first result', ofLive, [
    ...from(0, LIVE_ANSWERING),
    ['empty'],
  ]),
  ...struck(COMPONENTS.live, 'in mid-stream', ofLive, [
    ...from(1, LIVE_ANSWERING),
    ['odd-sized-audio'],
    ['go-away', [], { after: 1 }],
  ]),
  ...struck(COMPONENTS.openaiRealtime, 'connecting', ofOpenAIRealtime, [
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
    ['refused-session', 'bad_request invalid_value', { name: 'invalid_value' }],
  ]),
  ...struck(COMPONENTS.openaiRealtime, 'before the first result', ofOpenAIRealtime, [
    ...from(0, OPENAI_REALTIME_ANSWERING),
    ['empty'],
  ]),
  ...struck(COMPONENTS.openaiRealtime, 'in mid-stream', ofOpenAIRealtime, [
    ...from(1, OPENAI_REALTIME_ANSWERING),
    ['odd-sized-audio'],
  ]),
];

function from<F extends string>(after: number, rows: readonly Row<F>[]): Row<F>[] {
  return rows.map(([fault, errors = [], details = {}]) => [fault, errors, { ...details, after }]);
}
