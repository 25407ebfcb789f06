import type { LLMTimeouts, OptionCheck } from '@vision-agents/core';
import {
  checkOptions,
  fromEnvironment,
  isHeaderValue,
  isHttpUrl,
  isNumber,
  isObject,
  isOneOf,
  isText,
  keepAliveFetch,
  requireSetting,
} from '@vision-agents/core';

/** How to reach Gemini and what to ask of the model. */
export interface LLMOptions extends LLMTimeouts {
  /** The key of the Gemini API. @default the environment variable GOOGLE_API_KEY, else GEMINI_API_KEY */
  readonly apiKey?: string;
  /**
   * Where the API is, an http or https URL without the version.
   * @default the environment variable GOOGLE_GEMINI_BASE_URL, else Google's own
   */
  readonly baseUrl?: string;
  /** The model's name. @default 'gemini-2.5-flash-lite' */
  readonly model?: string;
  /** The version of the API: `v1beta`, `v1` or `v1alpha`. @default 'v1beta' */
  readonly apiVersion?: string;
  /** How freely words are chosen, 0 to 2. @default the model's own */
  readonly temperature?: number;
  /** The longest answer, reasoning included, in tokens, 1 or more. @default the model's own */
  readonly maxOutputTokens?: number;
  /**
   * The most tokens to spend on reasoning, 0 (none, where the model allows it) to 32768, or -1 to let
   * the model decide. Reasoning delays the first word. @default the model's own
   */
  readonly thinkingBudgetTokens?: number;
  /**
   * What sends the requests, for a proxy or certificates of your own.
   * @default one that keeps connections open between turns, for a minute
   */
  readonly fetch?: typeof fetch;
}

/** What a request needs of the options, all of it decided. */
export interface LLMSettings {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly model: string;
  readonly apiVersion: string;
  readonly temperature: number | undefined;
  readonly maxOutputTokens: number | undefined;
  readonly thinkingBudgetTokens: number | undefined;
  readonly fetch: typeof fetch;
}

/** How to reach Gemini's Live API and what to ask of the model. */
export interface RealtimeOptions {
  /** The key of the Gemini API. @default the environment variable GOOGLE_API_KEY, else GEMINI_API_KEY */
  readonly apiKey?: string;
  /**
   * Where the API is, an http or https URL without the version.
   * @default the environment variable GOOGLE_GEMINI_BASE_URL, else Google's own
   */
  readonly baseUrl?: string;
  /** The model's name. @default 'gemini-live-2.5-flash-preview' */
  readonly model?: string;
  /** The version of the API: `v1beta`, `v1` or `v1alpha`. @default 'v1beta' */
  readonly apiVersion?: string;
  /** The name of a voice, such as `Puck`. @default the model's own */
  readonly voice?: string;
  /** The language to speak, as a BCP-47 code such as `de-DE`. @default what the user speaks */
  readonly language?: string;
  /** How freely words are chosen, 0 to 2. @default the model's own */
  readonly temperature?: number;
  /** The longest answer in tokens, 1 or more. @default the model's own */
  readonly maxOutputTokens?: number;
  /** How long a user is silent when their turn is over, in milliseconds, 0 to 10000. @default the service's own */
  readonly silenceDurationMs?: number;
  /** How long to wait for a session, in milliseconds, 1 to 600000. @default 5000 */
  readonly connectTimeoutMs?: number;
  /** How long the service may send nothing when an answer is due, in milliseconds, 1 to 600000. @default 10000 */
  readonly stallTimeoutMs?: number;
  /** How long to wait for the service to hang up, in milliseconds, 1 to 600000. @default 1000 */
  readonly closeTimeoutMs?: number;
}

/** What a session needs of the options, all of it decided. */
export interface RealtimeSettings {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly model: string;
  readonly apiVersion: string;
  readonly voice: string | undefined;
  readonly language: string | undefined;
  readonly temperature: number | undefined;
  readonly maxOutputTokens: number | undefined;
  readonly silenceDurationMs: number | undefined;
  readonly connectTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly closeTimeoutMs: number;
}

const MAX_TIMEOUT_MS = 600_000;

/**
 * Checks the options and reads from the environment what they leave out.
 * @throws ConfigurationError when an option cannot work or there is no key
 */
export function resolveLLMOptions(options: LLMOptions): LLMSettings {
  return {
    ...resolveAccess('gemini.LLM', options, LLM_CHECKS),
    model: options.model ?? 'gemini-2.5-flash-lite',
    temperature: options.temperature,
    maxOutputTokens: options.maxOutputTokens,
    thinkingBudgetTokens: options.thinkingBudgetTokens,
    fetch: options.fetch ?? keepAliveFetch(),
  };
}

/**
 * Checks the options and reads from the environment what they leave out.
 * @throws ConfigurationError when an option cannot work or there is no key
 */
export function resolveRealtimeOptions(options: RealtimeOptions): RealtimeSettings {
  return {
    ...resolveAccess('gemini.Realtime', options, REALTIME_CHECKS),
    model: options.model ?? 'gemini-live-2.5-flash-preview',
    voice: options.voice,
    language: options.language,
    temperature: options.temperature,
    maxOutputTokens: options.maxOutputTokens,
    silenceDurationMs: options.silenceDurationMs,
    connectTimeoutMs: options.connectTimeoutMs ?? 5000,
    stallTimeoutMs: options.stallTimeoutMs ?? 10_000,
    closeTimeoutMs: options.closeTimeoutMs ?? 1000,
  };
}

type Checks = Readonly<Record<string, OptionCheck>>;
type AccessOptions = Pick<LLMOptions, 'apiKey' | 'baseUrl' | 'apiVersion'>;
type Access = Pick<LLMSettings, 'apiKey' | 'baseUrl' | 'apiVersion'>;

function resolveAccess(owner: string, options: AccessOptions, checks: Checks): Access {
  checkOptions(owner, options, checks);
  const apiKey = requireSetting(owner, 'apiKey', options.apiKey, [
    'GOOGLE_API_KEY',
    'GEMINI_API_KEY',
  ]);
  const baseUrl =
    options.baseUrl ??
    fromEnvironment(['GOOGLE_GEMINI_BASE_URL']) ??
    'https://generativelanguage.googleapis.com';
  // Once more, for what came from the environment.
  checkOptions(owner, { apiKey, baseUrl }, checks);
  return { apiKey, baseUrl, apiVersion: options.apiVersion ?? 'v1beta' };
}

const ACCESS_CHECKS: Checks = {
  apiKey: isHeaderValue(),
  baseUrl: isHttpUrl(),
  model: isText(),
  apiVersion: isOneOf(['v1beta', 'v1', 'v1alpha']),
};

const LLM_CHECKS: Checks = {
  ...ACCESS_CHECKS,
  temperature: isNumber({ min: 0, max: 2 }),
  maxOutputTokens: isNumber({ min: 1, max: 1_000_000, integer: true }),
  thinkingBudgetTokens: isNumber({ min: -1, max: 32_768, integer: true }),
  fetch: isObject(),
  firstEventTimeoutMs: isNumber({ min: 1, max: MAX_TIMEOUT_MS }),
  stallTimeoutMs: isNumber({ min: 1, max: MAX_TIMEOUT_MS }),
};

const REALTIME_CHECKS: Checks = {
  ...ACCESS_CHECKS,
  voice: isText(),
  language: isText(),
  temperature: isNumber({ min: 0, max: 2 }),
  maxOutputTokens: isNumber({ min: 1, max: 1_000_000, integer: true }),
  silenceDurationMs: isNumber({ min: 0, max: 10_000, integer: true }),
  connectTimeoutMs: isNumber({ min: 1, max: MAX_TIMEOUT_MS }),
  stallTimeoutMs: isNumber({ min: 1, max: MAX_TIMEOUT_MS }),
  closeTimeoutMs: isNumber({ min: 1, max: MAX_TIMEOUT_MS }),
};
