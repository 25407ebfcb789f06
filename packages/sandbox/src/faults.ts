import { DEEPGRAM_FAULTS, type DeepgramFaultSwitch } from './deepgram/deepgram-faults.ts';
import { ELEVENLABS_FAULTS, type ElevenLabsFaultSwitch } from './elevenlabs/elevenlabs-faults.ts';
import type { FaultList } from './fault-list.ts';
import { GEMINI_FAULTS, type GeminiFaultSwitch } from './gemini/gemini-faults.ts';
import { GEMINI_LIVE_FAULTS, type GeminiLiveFaultSwitch } from './gemini/live-faults.ts';
import { OPENAI_FAULTS, type OpenAIFaultSwitch } from './openai/openai-faults.ts';
import {
  OPENAI_REALTIME_FAULTS,
  type OpenAIRealtimeFaultSwitch,
} from './openai/realtime-faults.ts';
import {
  OPENAI_TRANSCRIPTION_FAULTS,
  type OpenAITranscriptionFaultSwitch,
} from './openai/transcription-faults.ts';

/** A switch to be thrown. A fault strikes one connection or context once; thrown during a connection, it may strike that very one. */
export type Fault =
  | DeepgramFaultSwitch
  | ElevenLabsFaultSwitch
  | GeminiFaultSwitch
  | GeminiLiveFaultSwitch
  | OpenAIFaultSwitch
  | OpenAIRealtimeFaultSwitch
  | OpenAITranscriptionFaultSwitch;

/** The names of the providers that faults can be given to. */
export type FaultProvider = Fault['provider'];
/** Faults of one provider. */
export type FaultOf<P extends FaultProvider> = Extract<Fault, { provider: P }>;

/** What is known of the faults of each provider. */
export const FAULT_LISTS: {
  readonly [P in FaultProvider]: FaultList<FaultOf<P>['fault']>;
} = {
  deepgram: DEEPGRAM_FAULTS,
  elevenlabs: ELEVENLABS_FAULTS,
  gemini: GEMINI_FAULTS,
  'gemini-live': GEMINI_LIVE_FAULTS,
  openai: OPENAI_FAULTS,
  'openai-realtime': OPENAI_REALTIME_FAULTS,
  'openai-transcription': OPENAI_TRANSCRIPTION_FAULTS,
};

/** Whether a value from outside is a fault. */
export function isFault(value: unknown): value is Fault {
  if (typeof value !== 'object' || value === null) return false;
  if (!('provider' in value && 'fault' in value)) return false;
  return Object.entries(FAULT_LISTS).some(
    ([provider, { failing, harmless }]: [string, FaultList]) =>
      provider === value.provider &&
      [...failing, ...harmless].some((fault) => fault === value.fault),
  );
}
