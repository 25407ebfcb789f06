import type { FaultList } from '../fault-list.ts';
import type { FaultSwitch } from '../fault-switch.ts';

const failing = [
  'handshake-401',
  'handshake-403',
  'handshake-404',
  'handshake-429',
  'handshake-quota',
  'handshake-500',
  'handshake-503',
  'hung-upgrade',
  'no-session',
  'refused-session',
  'reset',
  'clean-close',
  'provider-close',
  'error-event',
  'session-expired',
  'failed',
  'max-tokens',
  'content-filter',
  'transcription-failed',
  'malformed-json',
  'wrong-types',
  'giant-message',
  'stall',
  'slow-reader',
] as const;

// `empty`: a session may end a turn without a word.
const harmless = ['unknown-type', 'duplicate-messages', 'odd-sized-audio', 'empty'] as const;

/** Faults of OpenAI's Realtime sessions in which a model answers. */
export type OpenAIRealtimeFault = (typeof failing | typeof harmless)[number];

/** A switch of one of them. */
export interface OpenAIRealtimeFaultSwitch extends FaultSwitch {
  provider: 'openai-realtime';
  fault: OpenAIRealtimeFault;
  /** Of `provider-close`: 1011 unless told otherwise. */
  code?: 1001 | 1008 | 1011 | 1012 | 1013;
  /** Of `error-event`, `failed` and `refused-session`: the error's code, `server_error` unless told otherwise. */
  name?: string;
}

/** What is known of them. */
export const OPENAI_REALTIME_FAULTS: FaultList<OpenAIRealtimeFault> = {
  failing,
  harmless,
  midStream: [
    'reset',
    'clean-close',
    'provider-close',
    'error-event',
    'session-expired',
    'failed',
    'max-tokens',
    'content-filter',
    'malformed-json',
    'wrong-types',
    'unknown-type',
    'giant-message',
    'duplicate-messages',
    'stall',
    'slow-reader',
  ],
  errorCounterOf: () => 'realtime.errors',
};
