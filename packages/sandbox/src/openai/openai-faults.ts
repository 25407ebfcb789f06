import type { FaultList } from '../fault-list.ts';
import type { FaultSwitch } from '../fault-switch.ts';

const failing = [
  'status-400',
  'status-401',
  'status-403',
  'status-404',
  'status-429',
  'quota',
  'status-500',
  'status-503',
  'hung',
  'error-event',
  'failed',
  'malformed-json',
  'wrong-types',
  'reset',
  'eof',
  'empty',
  'stall-before-first',
  'stall',
  'giant-message',
  'speech-400',
  'speech-401',
  'speech-429',
  'speech-quota',
  'speech-500',
  'speech-hung',
  'speech-reset',
  'speech-stall',
  'speech-empty',
] as const;

// Documented answers with status 200, and servers that know less than OpenAI are as they are.
const harmless = [
  'unknown-type',
  'refusal',
  'max-tokens',
  'content-filter',
  'no-usage',
  'no-done',
  'duplicate-messages',
  'speech-odd-chunks',
] as const;

/**
 * Faults of OpenAI: of responses (`failed` of these alone) and of chat completions (`no-usage` and `no-done`
 * of these alone), and with `speech-` of its speech.
 */
export type OpenAIFault = (typeof failing | typeof harmless)[number];

/** A switch of one of them. */
export interface OpenAIFaultSwitch extends FaultSwitch {
  provider: 'openai';
  fault: OpenAIFault;
}

/** What is known of them. */
export const OPENAI_FAULTS: FaultList<OpenAIFault> = {
  failing,
  harmless,
  midStream: [
    'error-event',
    'failed',
    'malformed-json',
    'wrong-types',
    'reset',
    'eof',
    'stall',
    'giant-message',
    'speech-reset',
    'speech-stall',
  ],
  errorCounterOf: (fault) => (fault.startsWith('speech-') ? 'tts.errors' : 'llm.errors'),
};
