import type { FaultList } from '../fault-list.ts';
import type { FaultSwitch } from '../fault-switch.ts';

const failing = [
  'status-400',
  'status-401',
  'status-403',
  'status-429',
  'status-500',
  'status-503',
  'error-event',
  'malformed-json',
  'reset',
  'eof',
  'empty',
  'stall-before-first',
  'stall',
  'giant-message',
  'wrong-types',
] as const;

// A blocked prompt is a documented answer with status 200.
const harmless = ['safety', 'unknown-type'] as const;

/** Faults of Gemini's `streamGenerateContent`. */
export type GeminiFault = (typeof failing | typeof harmless)[number];

/** A switch of one of them. */
export interface GeminiFaultSwitch extends FaultSwitch {
  provider: 'gemini';
  fault: GeminiFault;
}

/** What is known of them. */
export const GEMINI_FAULTS: FaultList<GeminiFault> = {
  failing,
  harmless,
  midStream: [
    'error-event',
    'malformed-json',
    'reset',
    'eof',
    'stall',
    'giant-message',
    'wrong-types',
    'unknown-type',
  ],
  errorCounterOf: () => 'llm.errors',
};
