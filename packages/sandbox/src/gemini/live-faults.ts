import type { FaultList } from '../fault-list.ts';
import type { FaultSwitch } from '../fault-switch.ts';

const failing = [
  'handshake-401',
  'handshake-403',
  'handshake-429',
  'handshake-503',
  'hung-upgrade',
  'no-setup-complete',
  'setup-refused',
  'setup-wrong-key',
  'reset',
  'clean-close',
  'provider-close',
  'malformed-json',
  'wrong-types',
  'stall',
  'giant-message',
  'slow-reader',
] as const;

// `empty`: a Live session may end a turn without a word; a request that is answered with nothing has failed.
const harmless = [
  'go-away',
  'unknown-type',
  'odd-sized-audio',
  'empty',
  'duplicate-messages',
] as const;

/** Faults of Gemini's Live socket. */
export type GeminiLiveFault = (typeof failing | typeof harmless)[number];

/** A switch of one of them. */
export interface GeminiLiveFaultSwitch extends FaultSwitch {
  provider: 'gemini-live';
  fault: GeminiLiveFault;
  /** Of `go-away`: how long until the socket is cut, in ms; 6000 unless told otherwise. */
  timeLeftMs?: number;
}

/** What is known of them. */
export const GEMINI_LIVE_FAULTS: FaultList<GeminiLiveFault> = {
  failing,
  harmless,
  midStream: [
    'reset',
    'clean-close',
    'provider-close',
    'malformed-json',
    'wrong-types',
    'unknown-type',
    'stall',
    'giant-message',
    'slow-reader',
  ],
  errorCounterOf: () => 'realtime.errors',
};
