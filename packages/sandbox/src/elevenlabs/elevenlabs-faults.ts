import type { FaultList } from '../fault-list.ts';
import type { FaultSwitch } from '../fault-switch.ts';

const failing = [
  'handshake-401',
  'handshake-403',
  'handshake-429',
  'handshake-500',
  'hung-upgrade',
  'error-message',
  'malformed-json',
  'wrong-types',
  'reset',
  'clean-close',
  'provider-close',
  'stall',
  'never-final',
  'no-audio',
  'giant-message',
  'slow-reader',
  'http-401',
  'http-403',
  'http-quota',
  'http-422',
  'http-429-concurrency',
  'http-429-busy',
  'http-500',
  'http-reset',
  'http-stall',
  'http-empty',
  'http-hung',
  'scribe-handshake-401',
  'scribe-handshake-403',
  'scribe-handshake-429',
  'scribe-handshake-500',
  'scribe-hung-upgrade',
  'scribe-refused-session',
  'scribe-no-session',
  'scribe-error-message',
  'scribe-malformed-json',
  'scribe-wrong-types',
  'scribe-reset',
  'scribe-clean-close',
  'scribe-provider-close',
  'scribe-stall',
  'scribe-slow-reader',
  'scribe-giant-message',
] as const;

const harmless = [
  'unknown-type',
  'odd-sized-audio',
  'empty-audio',
  'duplicate-messages',
  'http-odd-chunks',
  'scribe-unknown-type',
  'scribe-warning',
  'scribe-empty-transcript',
  'scribe-no-timestamps',
  'scribe-duplicate-messages',
] as const;

/**
 * Faults of ElevenLabs: of its voice over the socket, with `http-` of its voice over HTTP, and with
 * `scribe-` of its speech to text.
 */
export type ElevenLabsFault = (typeof failing | typeof harmless)[number];

/** A switch of one of them. */
export interface ElevenLabsFaultSwitch extends FaultSwitch {
  provider: 'elevenlabs';
  fault: ElevenLabsFault;
  /** Of `scribe-error-message` (`transcriber_error` unless told otherwise) and `scribe-refused-session` (`auth_error`). */
  name?: string;
  /** Of `provider-close` and `scribe-provider-close`: 1011 unless told otherwise. */
  code?: 1008 | 1011 | 1012 | 1013;
}

/** What is known of them. */
export const ELEVENLABS_FAULTS: FaultList<ElevenLabsFault> = {
  failing,
  harmless,
  midStream: ['http-reset', 'http-stall'],
  errorCounterOf: (fault) => (fault.startsWith('scribe-') ? 'stt.errors' : 'tts.errors'),
};
