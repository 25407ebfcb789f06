import type { FaultList } from '../fault-list.ts';
import type { FaultSwitch } from '../fault-switch.ts';

const failing = [
  'handshake-401',
  'handshake-403',
  'handshake-429',
  'handshake-500',
  'hung-upgrade',
  'reset',
  'clean-close',
  'provider-close',
  'error-message',
  'malformed-json',
  'wrong-types',
  'stall',
  'giant-message',
  'slow-reader',
  'speak-handshake-401',
  'speak-handshake-403',
  'speak-handshake-429',
  'speak-handshake-500',
  'speak-hung-upgrade',
  'speak-reset',
  'speak-clean-close',
  'speak-provider-close',
  'speak-error-message',
  'speak-malformed-json',
  'speak-wrong-types',
  'speak-no-audio',
  'speak-never-ends',
  'speak-stall',
  'speak-mute',
  'speak-giant-message',
  'speak-slow-reader',
] as const;

const harmless = [
  'unknown-type',
  'empty-transcript',
  'no-speech-final',
  'duplicate-messages',
  'reordered-messages',
  'speak-unknown-type',
  'speak-warning',
  'speak-odd-sized-audio',
  'speak-empty-audio',
  'speak-duplicate-messages',
] as const;

/** Faults of Deepgram: of its listen sockets, and with `speak-` of its speak sockets. */
export type DeepgramFault = (typeof failing | typeof harmless)[number];

/** A switch of one of them. */
export interface DeepgramFaultSwitch extends FaultSwitch {
  provider: 'deepgram';
  fault: DeepgramFault;
  /** Of the `provider-close`s: 1011 unless told otherwise. */
  code?: 1008 | 1011;
  /** Of the `provider-close`s: a text like the provider's unless told otherwise. */
  reason?: string;
}

/** What is known of them. */
export const DEEPGRAM_FAULTS: FaultList<DeepgramFault> = {
  failing,
  harmless,
  midStream: [
    'speak-reset',
    'speak-clean-close',
    'speak-provider-close',
    'speak-error-message',
    'speak-malformed-json',
    'speak-wrong-types',
    'speak-stall',
    'speak-mute',
    'speak-giant-message',
    'speak-slow-reader',
  ],
  errorCounterOf: (fault) => (fault.startsWith('speak-') ? 'tts.errors' : 'stt.errors'),
};
