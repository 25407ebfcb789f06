import type { Fault, GeminiFault, GeminiLiveFault, OpenAIFault } from '@vision-agents/sandbox';

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
];

function from<F extends string>(after: number, rows: readonly Row<F>[]): Row<F>[] {
  return rows.map(([fault, errors = [], details = {}]) => [fault, errors, { ...details, after }]);
}
