import type { FaultSwitch } from './fault-switch.ts';
import { openaiRealtime, type OpenAIRealtimeFaultSwitch } from './openai/realtime-faults.ts';
import {
  openaiTranscription,
  type OpenAITranscriptionFaultSwitch,
} from './openai/transcription-faults.ts';
import type { CountName, TruthLedger } from './truth.ts';

const deepgramFaults = [
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
  'unknown-type',
  'stall',
  'empty-transcript',
  'no-speech-final',
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
  'speak-unknown-type',
  'speak-warning',
  'speak-odd-sized-audio',
  'speak-empty-audio',
  'speak-no-audio',
  'speak-never-ends',
  'speak-stall',
  'speak-mute',
] as const;

/** Faults of Deepgram: of its listen sockets, and with `speak-` of its speak sockets. */
export type DeepgramFault = (typeof deepgramFaults)[number];

const elevenLabsFaults = [
  'handshake-401',
  'handshake-403',
  'handshake-429',
  'handshake-500',
  'hung-upgrade',
  'error-message',
  'malformed-json',
  'wrong-types',
  'unknown-type',
  'odd-sized-audio',
  'empty-audio',
  'reset',
  'clean-close',
  'provider-close',
  'stall',
  'never-final',
  'http-401',
  'http-403',
  'http-quota',
  'http-422',
  'http-429-concurrency',
  'http-429-busy',
  'http-500',
  'http-reset',
  'http-stall',
  'http-odd-chunks',
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
  'scribe-unknown-type',
  'scribe-warning',
  'scribe-reset',
  'scribe-clean-close',
  'scribe-provider-close',
  'scribe-stall',
  'scribe-slow-reader',
  'scribe-empty-transcript',
  'scribe-no-timestamps',
] as const;

/**
 * Faults of ElevenLabs: of its voice over the socket, with `http-` of its voice over HTTP, and with
 * `scribe-` of its speech to text.
 */
export type ElevenLabsFault = (typeof elevenLabsFaults)[number];

const geminiFaults = [
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
  'safety',
] as const;

/** Faults of Gemini's `streamGenerateContent`. */
export type GeminiFault = (typeof geminiFaults)[number];

const geminiLiveFaults = [
  'handshake-401',
  'handshake-403',
  'handshake-429',
  'handshake-503',
  'hung-upgrade',
  'no-setup-complete',
  'setup-refused',
  'setup-wrong-key',
  'go-away',
  'reset',
  'clean-close',
  'provider-close',
  'malformed-json',
  'wrong-types',
  'unknown-type',
  'odd-sized-audio',
  'stall',
  'empty',
] as const;

/** Faults of Gemini's Live socket. */
export type GeminiLiveFault = (typeof geminiLiveFaults)[number];
const openaiFaults = [
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
  'unknown-type',
  'reset',
  'eof',
  'empty',
  'stall-before-first',
  'stall',
  'refusal',
  'max-tokens',
  'content-filter',
  'no-usage',
  'no-done',
  'speech-400',
  'speech-401',
  'speech-429',
  'speech-quota',
  'speech-500',
  'speech-hung',
  'speech-reset',
  'speech-stall',
  'speech-odd-chunks',
  'speech-empty',
] as const;

/**
 * Faults of OpenAI: of responses (`failed` of these alone) and of chat completions (`no-usage` and `no-done`
 * of these alone), and with `speech-` of its speech.
 */
export type OpenAIFault = (typeof openaiFaults)[number];

/** A switch to be thrown. A fault strikes one connection or context once; thrown during a connection, it may strike that very one. */
export type Fault = FaultSwitch &
  (
    | {
        provider: 'deepgram';
        fault: DeepgramFault;
        /** Of the `provider-close`s: 1011 unless told otherwise. */
        code?: 1008 | 1011;
        /** Of the `provider-close`s: a text like the provider's unless told otherwise. */
        reason?: string;
      }
    | {
        provider: 'elevenlabs';
        fault: ElevenLabsFault;
        /** Of `scribe-error-message` (`transcriber_error` unless told otherwise) and `scribe-refused-session` (`auth_error`). */
        name?: string;
        /** Of `provider-close` and `scribe-provider-close`: 1011 unless told otherwise. */
        code?: 1008 | 1011 | 1012 | 1013;
      }
    | { provider: 'gemini'; fault: GeminiFault }
    | {
        provider: 'gemini-live';
        fault: GeminiLiveFault;
        /** Of `go-away`: how long until the socket is cut, in ms; 6000 unless told otherwise. */
        timeLeftMs?: number;
      }
    | { provider: 'openai'; fault: OpenAIFault }
    | OpenAIRealtimeFaultSwitch
    | OpenAITranscriptionFaultSwitch
  );

/** The names of the providers that faults can be given to. */
export type FaultProvider = Fault['provider'];
/** Faults of one provider. */
export type FaultOf<P extends FaultProvider> = Extract<Fault, { provider: P }>;

/** What a client should survive without calling it an error. */
const harmless = new Set<string>([
  'unknown-type',
  'empty-transcript',
  'no-speech-final',
  'speak-unknown-type',
  'speak-warning',
  'speak-odd-sized-audio',
  'speak-empty-audio',
  'odd-sized-audio',
  'empty-audio',
  'http-odd-chunks',
  'go-away',
  'scribe-unknown-type',
  'scribe-warning',
  'scribe-empty-transcript',
  'scribe-no-timestamps',
  // A blocked prompt is a documented answer with status 200.
  'safety',
  // So are these of OpenAI, and servers that know less than OpenAI are as they are.
  'refusal',
  'max-tokens',
  'content-filter',
  'no-usage',
  'no-done',
  'speech-odd-chunks',
]);

function isHarmless({ provider, fault }: Fault): boolean {
  if (provider === 'openai-realtime') return openaiRealtime.harmless.some((one) => one === fault);
  if (provider === 'openai-transcription') {
    return openaiTranscription.harmless.some((one) => one === fault);
  }
  // A Live session may end a turn without a word; a request that is answered with nothing has failed.
  return harmless.has(fault) || (provider === 'gemini-live' && fault === 'empty');
}

/** What needs something to have been sent before. */
const midStream: Record<FaultProvider, ReadonlySet<string>> = {
  deepgram: new Set([
    'speak-reset',
    'speak-clean-close',
    'speak-provider-close',
    'speak-error-message',
    'speak-malformed-json',
    'speak-wrong-types',
    'speak-stall',
    'speak-mute',
  ]),
  elevenlabs: new Set(['http-reset', 'http-stall']),
  gemini: new Set(['error-event', 'malformed-json', 'reset', 'eof', 'stall']),
  'gemini-live': new Set([
    'reset',
    'clean-close',
    'provider-close',
    'malformed-json',
    'wrong-types',
    'unknown-type',
    'stall',
  ]),
  openai: new Set([
    'error-event',
    'failed',
    'malformed-json',
    'wrong-types',
    'reset',
    'eof',
    'stall',
    'speech-reset',
    'speech-stall',
  ]),
  'openai-realtime': new Set(openaiRealtime.midStream),
  'openai-transcription': new Set(),
};

function errorCounterOf({ provider, fault }: Fault): CountName {
  switch (provider) {
    case 'deepgram':
      return fault.startsWith('speak-') ? 'tts.errors' : 'stt.errors';
    case 'elevenlabs':
      return fault.startsWith('scribe-') ? 'stt.errors' : 'tts.errors';
    case 'gemini':
      return 'llm.errors';
    case 'gemini-live':
    case 'openai-realtime':
      return 'realtime.errors';
    case 'openai-transcription':
      return 'stt.errors';
    case 'openai':
      return fault.startsWith('speech-') ? 'tts.errors' : 'llm.errors';
  }
}

const known: Record<FaultProvider, ReadonlySet<unknown>> = {
  deepgram: new Set(deepgramFaults),
  elevenlabs: new Set(elevenLabsFaults),
  gemini: new Set(geminiFaults),
  'gemini-live': new Set(geminiLiveFaults),
  openai: new Set(openaiFaults),
  'openai-realtime': new Set([...openaiRealtime.failing, ...openaiRealtime.harmless]),
  'openai-transcription': new Set([
    ...openaiTranscription.failing,
    ...openaiTranscription.harmless,
  ]),
};

/** Whether a value from outside is a fault. */
export function isFault(value: unknown): value is Fault {
  if (typeof value !== 'object' || value === null) return false;
  if (!('provider' in value && 'fault' in value)) return false;
  return Object.entries(known).some(
    ([provider, faults]) => provider === value.provider && faults.has(value.fault),
  );
}

interface ArmedFault {
  fault: Fault;
  left: number;
  after: number;
}

/** The switches that are on. */
export class FaultBox {
  readonly #truth: TruthLedger;
  #armed: ArmedFault[] = [];

  constructor(truth: TruthLedger) {
    this.#truth = truth;
  }

  /** Throws a switch. */
  inject(fault: Fault): void {
    const standard = midStream[fault.provider].has(fault.fault) ? 1 : 0;
    const { times = Number.POSITIVE_INFINITY, after = standard } = fault;
    // A copy: the same switch thrown twice strikes twice.
    this.#armed.push({ fault: { ...fault }, left: times, after });
  }

  /** Turns all switches off. */
  clear(): void {
    this.#armed = [];
  }

  /**
   * The fault that strikes here, if one does, used up and counted.
   * @param names what can strike at this point
   * @param progress how far the stream is, as in {@link FaultSwitch.after}
   * @param struck what struck this connection already, which does not strike it again
   */
  take<P extends FaultProvider, N extends FaultOf<P>['fault']>(
    provider: P,
    names: readonly N[],
    progress: number = Number.POSITIVE_INFINITY,
    struck: Set<Fault> = new Set<Fault>(),
  ): (FaultOf<P> & { fault: N }) | undefined {
    const matches = (fault: Fault): fault is FaultOf<P> & { fault: N } =>
      fault.provider === provider && names.some((name) => name === fault.fault);
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (armed.after > progress || armed.left <= 0 || struck.has(fault)) continue;
      if (!matches(fault)) continue;
      struck.add(fault);
      armed.left -= 1;
      if (!isHarmless(fault)) this.#truth.count(errorCounterOf(fault));
      return fault;
    }
    return undefined;
  }
}
