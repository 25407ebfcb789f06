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
  'wrong-session',
  'reset',
  'clean-close',
  'provider-close',
  'error-event',
  'session-expired',
  'malformed-json',
  'wrong-types',
  'giant-message',
  'stall',
  'slow-reader',
  'transcription-failed',
  'no-transcript',
] as const;

const harmless = [
  'unknown-type',
  'duplicate-messages',
  'reordered-transcripts',
  'empty-transcript',
] as const;

/** Faults of OpenAI's Realtime sessions in which speech is only written down. */
export type OpenAITranscriptionFault = (typeof failing | typeof harmless)[number];

/** A switch of one of them. */
export interface OpenAITranscriptionFaultSwitch extends FaultSwitch {
  provider: 'openai-transcription';
  fault: OpenAITranscriptionFault;
  /** Of `provider-close`: 1011 unless told otherwise. */
  code?: 1001 | 1008 | 1011 | 1012 | 1013;
  /** Of `error-event` and `refused-session`: the error's code, `server_error` unless told otherwise. */
  name?: string;
}

/** What is known of them. All count audio: none needs anything to have been sent before. */
export const OPENAI_TRANSCRIPTION_FAULTS: FaultList<OpenAITranscriptionFault> = {
  failing,
  harmless,
  midStream: [],
  errorCounterOf: () => 'stt.errors',
};
