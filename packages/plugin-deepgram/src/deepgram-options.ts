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
  /** A Flux model: `flux-general-en` or `flux-general-multi`. @default 'flux-general-en' */
  readonly model?: string;
  /** Also tells when the turn may be over, so that an answer can be begun early. @default false */
  readonly eagerTurnDetection?: boolean;
  /** Confidence that ends a turn, 0.5 to 1; at 1 only `eotTimeoutMs` ends it. @default Deepgram's, 0.7 */
  readonly eotThreshold?: number;
  /** Confidence that ends a turn eagerly, 0.3 to 0.9, at most `eotThreshold`. @default 0.5 */
  readonly eagerEotThreshold?: number;
  /** Silence that ends a turn at any confidence, 500 to 60000 ms. @default Deepgram's, 5000 */
  readonly eotTimeoutMs?: number;
  /** Words and phrases to listen for. @default none */
  readonly keyterms?: readonly string[];
  /** Languages to expect, BCP 47; for `flux-general-multi`. @default none */
  readonly languageHints?: readonly string[];
  /** The longest wait for a connection, 1 to 60000 ms. @default 5000 */
  readonly connectTimeoutMs?: number;
  /** The longest silence of Deepgram while audio is sent, 1 to 60000 ms. @default 10000 */
  readonly stallTimeoutMs?: number;
  /** The longest wait for the last results when closing, 1 to 60000 ms. @default 2000 */
  readonly closeTimeoutMs?: number;
}

/** {@link STTOptions} with everything decided that is not left to Deepgram. */
export interface STTSettings {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly model: string;
  readonly eotThreshold: number | undefined;
  /** Undefined: no eager ends of turn. */
  readonly eagerEotThreshold: number | undefined;
  readonly eotTimeoutMs: number | undefined;
  readonly keyterms: readonly string[];
  readonly languageHints: readonly string[];
  readonly connectTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly closeTimeoutMs: number;
}

const OWNER = 'deepgram.STT';
const DEFAULT_EOT_THRESHOLD = 0.7;
const DEFAULT_EAGER_EOT_THRESHOLD = 0.5;

/**
 * Checks the options and reads the environment, now.
 * @throws ConfigurationError which names the option that is missing, unknown or wrong
 */
export function resolveSTTOptions(options: STTOptions): STTSettings {
  const isTimeoutMs = isNumber({ min: 1, max: 60_000 });
  checkOptions(OWNER, options, {
    apiKey: isText(),
    baseUrl: isHttpUrl(),
    model: isFluxModel,
    eagerTurnDetection: isBoolean(),
    eotThreshold: isNumber({ min: 0.5, max: 1 }),
    eagerEotThreshold: isNumber({ min: 0.3, max: 0.9 }),
    eotTimeoutMs: isNumber({ min: 500, max: 60_000, integer: true }),
    keyterms: isArrayOf(isText()),
    languageHints: isArrayOf(isText()),
    connectTimeoutMs: isTimeoutMs,
    stallTimeoutMs: isTimeoutMs,
    closeTimeoutMs: isTimeoutMs,
  });
  const baseUrl =
    options.baseUrl ?? fromEnvironment(['DEEPGRAM_BASE_URL']) ?? 'https://api.deepgram.com';
  checkOptions(OWNER, { baseUrl }, { baseUrl: isHttpUrl() });
  return {
    apiKey: requireSetting(OWNER, 'apiKey', options.apiKey, ['DEEPGRAM_API_KEY']),
    baseUrl,
    model: options.model ?? 'flux-general-en',
    eotThreshold: options.eotThreshold,
    eagerEotThreshold: eagerEotThreshold(options),
    eotTimeoutMs: options.eotTimeoutMs,
    keyterms: options.keyterms ?? [],
    languageHints: options.languageHints ?? [],
    connectTimeoutMs: options.connectTimeoutMs ?? 5000,
    stallTimeoutMs: options.stallTimeoutMs ?? 10_000,
    closeTimeoutMs: options.closeTimeoutMs ?? 2000,
  };
}

function isFluxModel(value: unknown): string | undefined {
  return typeof value === 'string' && value.startsWith('flux-')
    ? undefined
    : 'must be a Flux model, such as "flux-general-en"';
}

function eagerEotThreshold(options: STTOptions): number | undefined {
  const { eagerTurnDetection = false, eotThreshold = DEFAULT_EOT_THRESHOLD } = options;
  if (!eagerTurnDetection) {
    if (options.eagerEotThreshold === undefined) return undefined;
    throw new ConfigurationError(
      'eagerEotThreshold',
      `the option \`eagerEotThreshold\` of ${OWNER} needs \`eagerTurnDetection: true\``,
    );
  }
  const threshold = options.eagerEotThreshold ?? DEFAULT_EAGER_EOT_THRESHOLD;
  if (threshold <= eotThreshold) return threshold;
  throw new ConfigurationError(
    'eagerEotThreshold',
    `the option \`eagerEotThreshold\` of ${OWNER} must be at most \`eotThreshold\` (${eotThreshold})`,
  );
}
