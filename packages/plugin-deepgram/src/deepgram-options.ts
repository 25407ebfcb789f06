import type { OptionCheck, TTSTimeouts } from '@vision-agents/core';
import {
  checkOptions,
  ConfigurationError,
  fromEnvironment,
  isArrayOf,
  isBoolean,
  isHttpUrl,
  isNumber,
  isText,
  requireSetting,
} from '@vision-agents/core';

/** How {@link STT} listens. */
export interface STTOptions {
  /** Deepgram's key. @default the environment variable `DEEPGRAM_API_KEY` */
  readonly apiKey?: string;
  /** Where Deepgram is, `http:` or `https:`. @default `DEEPGRAM_BASE_URL`, else `https://api.deepgram.com` */
  readonly baseUrl?: string;
  /** A Flux model, such as `flux-general-multi`, or a Nova model, such as `nova-3`. @default 'flux-general-en' */
  readonly model?: string;
  /** Words and phrases to listen for; of Flux and Nova-3. @default none */
  readonly keyterms?: readonly string[];
  /** Flux: also tells when the turn may be over, so that an answer can be begun early. @default false */
  readonly eagerTurnDetection?: boolean;
  /** Flux: confidence that ends a turn, 0.5 to 1; at 1 only `eotTimeoutMs` ends it. @default Deepgram's, 0.7 */
  readonly eotThreshold?: number;
  /** Flux: confidence that ends a turn eagerly, 0.3 to 0.9, at most `eotThreshold`. @default 0.5 */
  readonly eagerEotThreshold?: number;
  /** Flux: silence that ends a turn at any confidence, 500 to 60000 ms. @default Deepgram's, 5000 */
  readonly eotTimeoutMs?: number;
  /** Flux: languages to expect, BCP 47; for `flux-general-multi`. @default none */
  readonly languageHints?: readonly string[];
  /** Nova: the language to expect, BCP 47, or `multi` for several. @default Deepgram's, `en` */
  readonly language?: string;
  /**
   * Nova: silence that ends a turn, 10 to 5000 ms; `false` leaves ends to a turn detector, and makes a
   * transcript of each result that is final. @default 300
   */
  readonly endpointingMs?: number | false;
  /** Nova: time without words that ends a turn in noise, 1000 to 5000 ms. @default 1000 */
  readonly utteranceEndMs?: number;
  /** Nova: writes numbers, dates and the like as one reads them, which can take longer. @default false */
  readonly smartFormat?: boolean;
  /** The longest wait for a connection, 1 to 60000 ms. @default 5000 */
  readonly connectTimeoutMs?: number;
  /** The longest silence of Deepgram while audio is sent, 1 to 60000 ms. @default 10000 */
  readonly stallTimeoutMs?: number;
  /** The longest wait for the last results when closing, 1 to 60000 ms. @default 2000 */
  readonly closeTimeoutMs?: number;
}

/** What only Flux is told. */
export interface FluxSettings {
  readonly name: 'flux';
  readonly eotThreshold: number | undefined;
  /** Undefined: no eager ends of turn. */
  readonly eagerEotThreshold: number | undefined;
  readonly eotTimeoutMs: number | undefined;
  readonly languageHints: readonly string[];
}

/** What only Nova is told. */
export interface NovaSettings {
  readonly name: 'nova';
  readonly language: string | undefined;
  /** Undefined: no ends of turns. */
  readonly endpointingMs: number | undefined;
  readonly utteranceEndMs: number;
  readonly smartFormat: boolean;
}

/** {@link STTOptions} with everything decided that is not left to Deepgram. */
export interface STTSettings {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly model: string;
  readonly keyterms: readonly string[];
  readonly protocol: FluxSettings | NovaSettings;
  readonly connectTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly closeTimeoutMs: number;
}

/** The rates at which Deepgram makes PCM, in Hz. */
const SAMPLE_RATES_HZ = [8000, 16_000, 24_000, 32_000, 44_100, 48_000] as const;

/** How {@link TTS} speaks. */
export interface TTSOptions extends TTSTimeouts {
  /** Deepgram's key. @default the environment variable `DEEPGRAM_API_KEY` */
  readonly apiKey?: string;
  /** Where Deepgram is, `http:` or `https:`. @default `DEEPGRAM_BASE_URL`, else `https://api.deepgram.com` */
  readonly baseUrl?: string;
  /** The voice: of Flux, such as `flux-alexis-en`, or of Aura, such as `aura-2-thalia-en`. @default 'flux-haley-en' */
  readonly model?: string;
  /** The rate of the audio in Hz; 44100 is of Flux alone. @default 24000 */
  readonly outputSampleRateHz?: (typeof SAMPLE_RATES_HZ)[number];
  /** How fast, where 1 is normal: 0.5 to 1.5 in steps of 0.05 with Flux, 0.7 to 1.5 with Aura. @default 1 */
  readonly speed?: number;
  /** Flux: from calm, -2, to animated, 2. @default Deepgram's, 0 */
  readonly expressivity?: -2 | -1 | 0 | 1 | 2;
  /** The longest wait for a socket to open, 1 to 60000 ms. @default 5000 */
  readonly connectTimeoutMs?: number;
}

/** {@link TTSOptions} with everything decided that is not left to Deepgram. */
export interface TTSSettings {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly model: string;
  readonly family: 'flux' | 'aura';
  readonly outputSampleRateHz: (typeof SAMPLE_RATES_HZ)[number];
  readonly speed: number | undefined;
  readonly expressivity: number | undefined;
  readonly connectTimeoutMs: number;
}

const LISTENS = 'deepgram.STT';
const SPEAKS = 'deepgram.TTS';
const DEFAULT_EOT_THRESHOLD = 0.7;
const DEFAULT_EAGER_EOT_THRESHOLD = 0.5;
const IS_TIMEOUT_MS = isNumber({ min: 1, max: 60_000 });

const OF_FLUX: readonly (keyof STTOptions)[] = [
  'eagerTurnDetection',
  'eotThreshold',
  'eagerEotThreshold',
  'eotTimeoutMs',
  'languageHints',
];
const OF_NOVA: readonly (keyof STTOptions)[] = [
  'language',
  'endpointingMs',
  'utteranceEndMs',
  'smartFormat',
];

/**
 * Checks the options and reads the environment, now.
 * @throws ConfigurationError which names the option that is missing, unknown or wrong
 */
export function resolveSTTOptions(options: STTOptions): STTSettings {
  checkOptions(LISTENS, options, {
    apiKey: isText(),
    baseUrl: isHttpUrl(),
    model: isModelOf(['flux', 'nova'], 'a Flux or a Nova model, such as "nova-3"'),
    keyterms: isArrayOf(isText()),
    eagerTurnDetection: isBoolean(),
    eotThreshold: isNumber({ min: 0.5, max: 1 }),
    eagerEotThreshold: isNumber({ min: 0.3, max: 0.9 }),
    eotTimeoutMs: isNumber({ min: 500, max: 60_000, integer: true }),
    languageHints: isArrayOf(isText()),
    language: isText(),
    endpointingMs: isEndpointing,
    utteranceEndMs: isNumber({ min: 1000, max: 5000, integer: true }),
    smartFormat: isBoolean(),
    connectTimeoutMs: IS_TIMEOUT_MS,
    stallTimeoutMs: IS_TIMEOUT_MS,
    closeTimeoutMs: IS_TIMEOUT_MS,
  });
  const { model = 'flux-general-en', keyterms = [] } = options;
  const isFlux = model.startsWith('flux-');
  refuseOthers(options, isFlux);
  if (keyterms.length > 0 && !isFlux && !model.startsWith('nova-3')) {
    throw refused('keyterms', LISTENS, 'is of Flux and Nova-3 models');
  }
  return {
    ...resolveAccess(LISTENS, options),
    model,
    keyterms,
    protocol: isFlux ? fluxSettings(options) : novaSettings(options),
    connectTimeoutMs: options.connectTimeoutMs ?? 5000,
    stallTimeoutMs: options.stallTimeoutMs ?? 10_000,
    closeTimeoutMs: options.closeTimeoutMs ?? 2000,
  };
}

/**
 * Checks the options and reads the environment, now.
 * @throws ConfigurationError which names the option that is missing, unknown or wrong
 */
export function resolveTTSOptions(options: TTSOptions): TTSSettings {
  checkOptions(SPEAKS, options, {
    apiKey: isText(),
    baseUrl: isHttpUrl(),
    model: isModelOf(['flux', 'aura'], 'a voice of Flux or Aura, such as "aura-2-thalia-en"'),
    outputSampleRateHz: isSampleRate,
    speed: isNumber({ min: 0.5, max: 1.5 }),
    expressivity: isNumber({ min: -2, max: 2, integer: true }),
    connectTimeoutMs: IS_TIMEOUT_MS,
    firstAudioTimeoutMs: IS_TIMEOUT_MS,
    stallTimeoutMs: IS_TIMEOUT_MS,
  });
  const { model = 'flux-haley-en', outputSampleRateHz = 24_000, speed, expressivity } = options;
  const family = model.startsWith('flux-') ? 'flux' : 'aura';
  if (family === 'aura') {
    if (expressivity !== undefined) throw refused('expressivity', SPEAKS, 'is of Flux voices');
    if (outputSampleRateHz === 44_100) {
      throw refused('outputSampleRateHz', SPEAKS, 'cannot be 44100 with an Aura voice');
    }
    checkOptions(SPEAKS, { speed }, { speed: isNumber({ min: 0.7, max: 1.5 }) });
  } else if (speed !== undefined && !isStepOfSpeed(speed)) {
    throw refused('speed', SPEAKS, 'goes in steps of 0.05 with a Flux voice');
  }
  return {
    ...resolveAccess(SPEAKS, options),
    model,
    family,
    outputSampleRateHz,
    speed,
    expressivity,
    connectTimeoutMs: options.connectTimeoutMs ?? 5000,
  };
}

function resolveAccess(
  owner: string,
  options: { readonly apiKey?: string; readonly baseUrl?: string },
): { readonly apiKey: string; readonly baseUrl: string } {
  const baseUrl =
    options.baseUrl ?? fromEnvironment(['DEEPGRAM_BASE_URL']) ?? 'https://api.deepgram.com';
  checkOptions(owner, { baseUrl }, { baseUrl: isHttpUrl() });
  const apiKey = requireSetting(owner, 'apiKey', options.apiKey, ['DEEPGRAM_API_KEY']);
  return { apiKey, baseUrl };
}

function refuseOthers(options: STTOptions, isFlux: boolean): void {
  const others = isFlux ? OF_NOVA : OF_FLUX;
  const other = others.find((name) => options[name] !== undefined);
  if (other !== undefined)
    throw refused(other, LISTENS, `is of ${isFlux ? 'Nova' : 'Flux'} models`);
}

function fluxSettings(options: STTOptions): FluxSettings {
  return {
    name: 'flux',
    eotThreshold: options.eotThreshold,
    eagerEotThreshold: eagerEotThreshold(options),
    eotTimeoutMs: options.eotTimeoutMs,
    languageHints: options.languageHints ?? [],
  };
}

function novaSettings(options: STTOptions): NovaSettings {
  const { endpointingMs = 300, utteranceEndMs, smartFormat = false } = options;
  if (endpointingMs === false && utteranceEndMs !== undefined) {
    throw refused('utteranceEndMs', LISTENS, 'needs an `endpointingMs`');
  }
  return {
    name: 'nova',
    language: options.language,
    endpointingMs: endpointingMs === false ? undefined : endpointingMs,
    utteranceEndMs: utteranceEndMs ?? 1000,
    smartFormat,
  };
}

function eagerEotThreshold(options: STTOptions): number | undefined {
  const { eagerTurnDetection = false, eotThreshold = DEFAULT_EOT_THRESHOLD } = options;
  if (!eagerTurnDetection) {
    if (options.eagerEotThreshold === undefined) return undefined;
    throw refused('eagerEotThreshold', LISTENS, 'needs `eagerTurnDetection: true`');
  }
  const threshold = options.eagerEotThreshold ?? DEFAULT_EAGER_EOT_THRESHOLD;
  if (threshold <= eotThreshold) return threshold;
  throw refused('eagerEotThreshold', LISTENS, `must be at most \`eotThreshold\` (${eotThreshold})`);
}

function refused(option: string, owner: string, problem: string): ConfigurationError {
  return new ConfigurationError(option, `the option \`${option}\` of ${owner} ${problem}`);
}

function isModelOf(families: readonly string[], wanted: string): OptionCheck {
  return (value) =>
    typeof value === 'string' && families.some((family) => value.startsWith(`${family}-`))
      ? undefined
      : `must be ${wanted}`;
}

const isSampleRate: OptionCheck = (value) =>
  SAMPLE_RATES_HZ.some((rateHz) => rateHz === value)
    ? undefined
    : `must be one of ${SAMPLE_RATES_HZ.join(', ')}`;

const isEndpointing: OptionCheck = (value) => {
  const problem = isNumber({ min: 10, max: 5000, integer: true })(value);
  return value === false || problem === undefined ? undefined : `${problem}, or false`;
};

function isStepOfSpeed(speed: number): boolean {
  return Math.abs(speed * 20 - Math.round(speed * 20)) < 1e-6;
}
