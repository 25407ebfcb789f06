import type { OptionCheck, TTSTimeouts } from '@vision-agents/core';
import {
  checkOptions,
  ConfigurationError,
  fromEnvironment,
  isArrayOf,
  isBoolean,
  isHttpUrl,
  isNumber,
  isObject,
  isOneOf,
  isText,
  requireSetting,
} from '@vision-agents/core';

/** How a voice speaks; what is left out is as it was set for the voice. */
export interface VoiceSettings {
  /** Low is lively, high is even, 0 to 1. */
  readonly stability?: number;
  /** Closeness to the original speaker, 0 to 1. */
  readonly similarityBoost?: number;
  /** Exaggeration of the speaker's style, 0 to 1; costs latency. */
  readonly style?: number;
  /** Closer still to the speaker, at some cost of latency. */
  readonly useSpeakerBoost?: boolean;
  /** 0.7 to 1.2, where 1 is normal. */
  readonly speed?: number;
}

/** Which of the account's pronunciation dictionaries a voice follows. */
export interface PronunciationDictionary {
  readonly id: string;
  readonly versionId: string;
}

/** The rates at which ElevenLabs makes PCM that core can use, in Hz. */
const SAMPLE_RATES_HZ = [16_000, 22_050, 24_000, 44_100, 48_000] as const;

/** How {@link TTS} speaks. */
export interface TTSOptions extends TTSTimeouts {
  /** ElevenLabs' key. @default the environment variable `ELEVENLABS_API_KEY` */
  readonly apiKey?: string;
  /** Where ElevenLabs is, `http:` or `https:`. @default `ELEVENLABS_BASE_URL`, else `https://api.elevenlabs.io` */
  readonly baseUrl?: string;
  /** The voice. @default 'JBFqnCBsd6RMkjVDRZzb', the stock voice George */
  readonly voiceId?: string;
  /** The model. @default 'eleven_flash_v2_5' */
  readonly model?: string;
  /** The rate of the audio in Hz; 44100 and 48000 need a Pro account. @default 24000 */
  readonly outputSampleRateHz?: (typeof SAMPLE_RATES_HZ)[number];
  /** The language to speak, ISO 639-1. @default found out from the text */
  readonly languageCode?: string;
  /** How the voice speaks. @default as it was set for the voice */
  readonly voiceSettings?: VoiceSettings;
  /** How words are pronounced, up to three dictionaries, the first that has a word decides. @default none */
  readonly pronunciationDictionaries?: readonly PronunciationDictionary[];
  /** Whether numbers and the like are written out before they are spoken. @default 'auto', ElevenLabs decides */
  readonly textNormalization?: 'auto' | 'on' | 'off';
  /** Makes the same text sound nearly the same each time, 0 to 4294967295. @default different each time */
  readonly seed?: number;
  /** Whether ElevenLabs may keep what was said; `false` is for Enterprise accounts. @default true */
  readonly enableLogging?: boolean;
  /** One warm socket a call, or a request a text, which starts later. @default 'websocket' */
  readonly transport?: 'websocket' | 'http';
  /** The longest wait for a socket to open, 1 to 60000 ms. @default 5000 */
  readonly connectTimeoutMs?: number;
}

/** {@link TTSOptions} with everything decided that is not left to ElevenLabs. */
export interface TTSSettings {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly voiceId: string;
  readonly model: string;
  readonly outputSampleRateHz: (typeof SAMPLE_RATES_HZ)[number];
  readonly languageCode: string | undefined;
  readonly voiceSettings: VoiceSettings | undefined;
  readonly pronunciationDictionaries: readonly PronunciationDictionary[];
  readonly textNormalization: 'auto' | 'on' | 'off' | undefined;
  readonly seed: number | undefined;
  readonly enableLogging: boolean;
  readonly transport: 'websocket' | 'http';
  readonly connectTimeoutMs: number;
}

/** How {@link STT} listens. */
export interface STTOptions {
  /** ElevenLabs' key. @default the environment variable `ELEVENLABS_API_KEY` */
  readonly apiKey?: string;
  /** Where ElevenLabs is, `http:` or `https:`. @default `ELEVENLABS_BASE_URL`, else `https://api.elevenlabs.io` */
  readonly baseUrl?: string;
  /** A realtime model. @default 'scribe_v2_realtime' */
  readonly model?: string;
  /**
   * Who ends a turn: Scribe, after a silence, or the agent's turn detector, with a commit.
   * @default 'vad'
   */
  readonly commitStrategy?: 'vad' | 'manual';
  /** The silence that ends a turn, 300 to 3000 ms; for `vad`. @default 500; ElevenLabs' own are 1500 */
  readonly vadSilenceMs?: number;
  /** How sure Scribe must be that it hears speech, 0.1 to 0.9; for `vad`. @default ElevenLabs', 0.4 */
  readonly vadThreshold?: number;
  /** Speech that is shorter is none, 50 to 2000 ms; for `vad`. @default ElevenLabs', 100 */
  readonly minSpeechDurationMs?: number;
  /** Silence that is shorter is none, 50 to 2000 ms; for `vad`. @default ElevenLabs', 100 */
  readonly minSilenceDurationMs?: number;
  /** The language that is spoken, ISO 639-1 or 639-3. @default found out from the speech */
  readonly languageCode?: string;
  /** Other languages that may be spoken. @default any */
  readonly secondaryLanguages?: readonly string[];
  /** Also tells which language a transcript is in. @default false */
  readonly includeLanguageDetection?: boolean;
  /** Words and phrases to listen for, up to 50, of up to 20 characters each. @default none */
  readonly keyterms?: readonly string[];
  /** Leaves out "um" and false starts. @default false */
  readonly noVerbatim?: boolean;
  /** Ignores speech in the background; then no times of words, so no `stt.latency.ms`. @default false */
  readonly filterBackgroundAudio?: boolean;
  /** Whether ElevenLabs may keep what was said; `false` is for Enterprise accounts. @default true */
  readonly enableLogging?: boolean;
  /** The longest wait for a session to start, 1 to 60000 ms. @default 5000 */
  readonly connectTimeoutMs?: number;
  /** The longest wait for any sign of life, or for an answer to a commit, 1 to 60000 ms. @default 10000 */
  readonly stallTimeoutMs?: number;
  /** The longest wait for the last results when closing, 1 to 60000 ms. @default 2000 */
  readonly closeTimeoutMs?: number;
}

/** {@link STTOptions} with everything decided that is not left to ElevenLabs. */
export interface STTSettings {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly model: string;
  readonly commitStrategy: 'vad' | 'manual';
  readonly vadSilenceMs: number;
  readonly vadThreshold: number | undefined;
  readonly minSpeechDurationMs: number | undefined;
  readonly minSilenceDurationMs: number | undefined;
  readonly languageCode: string | undefined;
  readonly secondaryLanguages: readonly string[];
  readonly includeTimestamps: boolean;
  readonly includeLanguageDetection: boolean;
  readonly keyterms: readonly string[];
  readonly noVerbatim: boolean;
  readonly filterBackgroundAudio: boolean;
  readonly enableLogging: boolean;
  readonly connectTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly closeTimeoutMs: number;
}

const TTS_OWNER = 'elevenlabs.TTS';
const STT_OWNER = 'elevenlabs.STT';

/**
 * Checks the options and reads the environment, now.
 * @throws ConfigurationError which names the option that is missing, unknown or wrong
 */
export function resolveTTSOptions(options: TTSOptions): TTSSettings {
  const isTimeoutMs = isNumber({ min: 1, max: 60_000 });
  checkOptions(TTS_OWNER, options, {
    apiKey: isText(),
    baseUrl: isHttpUrl(),
    voiceId: isText(),
    model: isText(),
    outputSampleRateHz: isSampleRate,
    languageCode: isText(),
    voiceSettings: isObject(),
    pronunciationDictionaries: areDictionaries,
    textNormalization: isOneOf(['auto', 'on', 'off']),
    seed: isNumber({ min: 0, max: 4_294_967_295, integer: true }),
    enableLogging: isBoolean(),
    transport: isOneOf(['websocket', 'http']),
    connectTimeoutMs: isTimeoutMs,
    firstAudioTimeoutMs: isTimeoutMs,
    stallTimeoutMs: isTimeoutMs,
  });
  checkVoiceSettings(options.voiceSettings ?? {});
  checkDictionaries(options.pronunciationDictionaries ?? []);
  return {
    ...access(TTS_OWNER, options),
    voiceId: options.voiceId ?? 'JBFqnCBsd6RMkjVDRZzb',
    model: options.model ?? 'eleven_flash_v2_5',
    outputSampleRateHz: options.outputSampleRateHz ?? 24_000,
    languageCode: options.languageCode,
    voiceSettings: options.voiceSettings,
    pronunciationDictionaries: options.pronunciationDictionaries ?? [],
    textNormalization: options.textNormalization,
    seed: options.seed,
    enableLogging: options.enableLogging ?? true,
    transport: options.transport ?? 'websocket',
    connectTimeoutMs: options.connectTimeoutMs ?? 5000,
  };
}

/**
 * Checks the options and reads the environment, now.
 * @throws ConfigurationError which names the option that is missing, unknown or wrong
 */
export function resolveSTTOptions(options: STTOptions): STTSettings {
  const isTimeoutMs = isNumber({ min: 1, max: 60_000 });
  const isDurationMs = isNumber({ min: 50, max: 2000, integer: true });
  checkOptions(STT_OWNER, options, {
    apiKey: isText(),
    baseUrl: isHttpUrl(),
    model: isText(),
    commitStrategy: isOneOf(['vad', 'manual']),
    vadSilenceMs: isNumber({ min: 300, max: 3000 }),
    vadThreshold: isNumber({ min: 0.1, max: 0.9 }),
    minSpeechDurationMs: isDurationMs,
    minSilenceDurationMs: isDurationMs,
    languageCode: isText(),
    secondaryLanguages: isArrayOf(isText()),
    includeLanguageDetection: isBoolean(),
    keyterms: areKeyterms,
    noVerbatim: isBoolean(),
    filterBackgroundAudio: isBoolean(),
    enableLogging: isBoolean(),
    connectTimeoutMs: isTimeoutMs,
    stallTimeoutMs: isTimeoutMs,
    closeTimeoutMs: isTimeoutMs,
  });
  checkVadOptions(options);
  const { filterBackgroundAudio = false } = options;
  return {
    ...access(STT_OWNER, options),
    model: options.model ?? 'scribe_v2_realtime',
    commitStrategy: options.commitStrategy ?? 'vad',
    vadSilenceMs: options.vadSilenceMs ?? 500,
    vadThreshold: options.vadThreshold,
    minSpeechDurationMs: options.minSpeechDurationMs,
    minSilenceDurationMs: options.minSilenceDurationMs,
    languageCode: options.languageCode,
    secondaryLanguages: options.secondaryLanguages ?? [],
    // ElevenLabs refuses the two together.
    includeTimestamps: !filterBackgroundAudio,
    includeLanguageDetection: options.includeLanguageDetection ?? false,
    keyterms: options.keyterms ?? [],
    noVerbatim: options.noVerbatim ?? false,
    filterBackgroundAudio,
    enableLogging: options.enableLogging ?? true,
    connectTimeoutMs: options.connectTimeoutMs ?? 5000,
    stallTimeoutMs: options.stallTimeoutMs ?? 10_000,
    closeTimeoutMs: options.closeTimeoutMs ?? 2000,
  };
}

function access(owner: string, options: { readonly apiKey?: string; readonly baseUrl?: string }) {
  const baseUrl =
    options.baseUrl ?? fromEnvironment(['ELEVENLABS_BASE_URL']) ?? 'https://api.elevenlabs.io';
  checkOptions(owner, { baseUrl }, { baseUrl: isHttpUrl() });
  return {
    apiKey: requireSetting(owner, 'apiKey', options.apiKey, ['ELEVENLABS_API_KEY']),
    baseUrl: baseUrl.replace(/\/+$/, ''),
  };
}

const isSampleRate: OptionCheck = (value) =>
  SAMPLE_RATES_HZ.some((rateHz) => rateHz === value)
    ? undefined
    : `must be one of ${SAMPLE_RATES_HZ.join(', ')}`;

function checkVoiceSettings(settings: VoiceSettings): void {
  const isShare = isNumber({ min: 0, max: 1 });
  checkOptions(`${TTS_OWNER} \`voiceSettings\``, settings, {
    stability: isShare,
    similarityBoost: isShare,
    style: isShare,
    useSpeakerBoost: isBoolean(),
    speed: isNumber({ min: 0.7, max: 1.2 }),
  });
}

const areDictionaries: OptionCheck = (value) => {
  const problem = isArrayOf(isObject())(value);
  if (problem !== undefined || !Array.isArray(value)) return problem;
  return value.length <= 3 ? undefined : 'must have three elements at most';
};

const areKeyterms: OptionCheck = (value) => {
  const problem = isArrayOf(isText())(value);
  if (problem !== undefined || !Array.isArray(value)) return problem;
  const isShort = value.every((term) => typeof term === 'string' && term.length <= 20);
  return value.length <= 50 && isShort
    ? undefined
    : 'must have 50 elements at most, of 20 characters at most';
};

function checkDictionaries(dictionaries: readonly PronunciationDictionary[]): void {
  for (const dictionary of dictionaries) {
    const checks = { id: isText(), versionId: isText() };
    const owner = `${TTS_OWNER} \`pronunciationDictionaries\``;
    checkOptions(owner, dictionary, checks, ['id', 'versionId']);
  }
}

/** Who ends turns by commits has no use for what Scribe would end them by. */
function checkVadOptions(options: STTOptions): void {
  if (options.commitStrategy !== 'manual') return;
  const { vadSilenceMs, vadThreshold, minSpeechDurationMs, minSilenceDurationMs } = options;
  const ofVad = { vadSilenceMs, vadThreshold, minSpeechDurationMs, minSilenceDurationMs };
  const unwanted = Object.entries(ofVad).find(([, value]) => value !== undefined)?.[0];
  if (unwanted === undefined) return;
  throw new ConfigurationError(
    unwanted,
    `the option \`${unwanted}\` of ${STT_OWNER} needs \`commitStrategy: 'vad'\``,
  );
}
