import type { OptionCheck, TTSTimeouts } from '@vision-agents/core';
import {
  checkOptions,
  fromEnvironment,
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
  readonly transport: 'websocket' | 'http';
  readonly connectTimeoutMs: number;
}

const OWNER = 'elevenlabs.TTS';

/**
 * Checks the options and reads the environment, now.
 * @throws ConfigurationError which names the option that is missing, unknown or wrong
 */
export function resolveTTSOptions(options: TTSOptions): TTSSettings {
  const isTimeoutMs = isNumber({ min: 1, max: 60_000 });
  checkOptions(OWNER, options, {
    apiKey: isText(),
    baseUrl: isHttpUrl(),
    voiceId: isText(),
    model: isText(),
    outputSampleRateHz: isSampleRate,
    languageCode: isText(),
    voiceSettings: isObject(),
    transport: isOneOf(['websocket', 'http']),
    connectTimeoutMs: isTimeoutMs,
    firstAudioTimeoutMs: isTimeoutMs,
    stallTimeoutMs: isTimeoutMs,
  });
  checkVoiceSettings(options.voiceSettings ?? {});
  const baseUrl =
    options.baseUrl ?? fromEnvironment(['ELEVENLABS_BASE_URL']) ?? 'https://api.elevenlabs.io';
  checkOptions(OWNER, { baseUrl }, { baseUrl: isHttpUrl() });
  return {
    apiKey: requireSetting(OWNER, 'apiKey', options.apiKey, ['ELEVENLABS_API_KEY']),
    baseUrl: baseUrl.replace(/\/+$/, ''),
    voiceId: options.voiceId ?? 'JBFqnCBsd6RMkjVDRZzb',
    model: options.model ?? 'eleven_flash_v2_5',
    outputSampleRateHz: options.outputSampleRateHz ?? 24_000,
    languageCode: options.languageCode,
    voiceSettings: options.voiceSettings,
    transport: options.transport ?? 'websocket',
    connectTimeoutMs: options.connectTimeoutMs ?? 5000,
  };
}

const isSampleRate: OptionCheck = (value) =>
  SAMPLE_RATES_HZ.some((rateHz) => rateHz === value)
    ? undefined
    : `must be one of ${SAMPLE_RATES_HZ.join(', ')}`;

function checkVoiceSettings(settings: VoiceSettings): void {
  const isShare = isNumber({ min: 0, max: 1 });
  checkOptions(`${OWNER} \`voiceSettings\``, settings, {
    stability: isShare,
    similarityBoost: isShare,
    style: isShare,
    useSpeakerBoost: isBoolean(),
    speed: isNumber({ min: 0.7, max: 1.2 }),
  });
}
