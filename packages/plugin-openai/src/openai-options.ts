import type { LLMTimeouts, OptionCheck, TTSTimeouts } from '@vision-agents/core';
import {
  checkOptions,
  ConfigurationError,
  fromEnvironment,
  isBoolean,
  isHeaderValue,
  isHttpUrl,
  isNumber,
  isObject,
  isOneOf,
  isText,
  keepAliveFetch,
  requireSetting,
} from '@vision-agents/core';

import { PROVIDER } from './openai-error.ts';

const REASONING_EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

/** How much a model reasons before it speaks. Which of them a model knows, its documentation says. */
type ReasoningEffort = (typeof REASONING_EFFORTS)[number];

/** How to reach OpenAI's Responses API and what to ask of the model. */
export interface LLMOptions extends LLMTimeouts {
  /** OpenAI's key. @default the environment variable OPENAI_API_KEY */
  readonly apiKey?: string;
  /**
   * Where the API is, an http or https URL with the version.
   * @default the environment variable OPENAI_BASE_URL, else OpenAI's own
   */
  readonly baseUrl?: string;
  /** The model's name. @default 'gpt-5.4-mini' */
  readonly model?: string;
  /** How much the model reasons, which delays the first word. @default the model's own */
  readonly reasoningEffort?: ReasoningEffort;
  /** How freely words are chosen, 0 to 2; models that reason refuse it. @default the model's own */
  readonly temperature?: number;
  /** The longest answer, reasoning included, in tokens, 16 or more. @default the model's own */
  readonly maxOutputTokens?: number;
  /** Whether OpenAI keeps the conversation, where it can be looked at for a month. @default false */
  readonly store?: boolean;
  /**
   * What sends the requests, for a proxy or certificates of your own.
   * @default one that keeps connections open between turns, for a minute
   */
  readonly fetch?: typeof fetch;
}

/** How to reach a server of chat completions, OpenAI's or any other, and what to ask of the model. */
export interface ChatCompletionsLLMOptions extends LLMTimeouts {
  /** The server's key. @default the environment variable OPENAI_API_KEY; none where `baseUrl` is given */
  readonly apiKey?: string;
  /**
   * Where the API is, an http or https URL with the version.
   * @default the environment variable OPENAI_BASE_URL, else OpenAI's own
   */
  readonly baseUrl?: string;
  /** The model's name. @default 'gpt-5.4-mini' at OpenAI's own address; else it is required */
  readonly model?: string;
  /**
   * The vendor, in metrics and errors: lower-case letters, digits, `-` and `_`, 32 at most.
   * @default 'openai' at OpenAI's own address, else 'openai-compatible'
   */
  readonly provider?: string;
  /** How much the model reasons, which delays the first word. @default the model's own */
  readonly reasoningEffort?: ReasoningEffort;
  /** How freely words are chosen, 0 to 2; models that reason refuse it. @default the model's own */
  readonly temperature?: number;
  /** The longest answer, reasoning included, in tokens, 1 or more. @default the model's own */
  readonly maxOutputTokens?: number;
  /**
   * What sends the requests, for a proxy or certificates of your own.
   * @default one that keeps connections open between turns, for a minute
   */
  readonly fetch?: typeof fetch;
}

/** How {@link TTS} speaks. */
export interface TTSOptions extends TTSTimeouts {
  /** OpenAI's key. @default the environment variable OPENAI_API_KEY */
  readonly apiKey?: string;
  /**
   * Where the API is, an http or https URL with the version.
   * @default the environment variable OPENAI_BASE_URL, else OpenAI's own
   */
  readonly baseUrl?: string;
  /** The model. @default 'gpt-4o-mini-tts' */
  readonly model?: string;
  /** The voice: a name, or the id of one of your own. @default 'alloy' */
  readonly voice?: string;
  /** How to speak, in words; `tts-1` and `tts-1-hd` take none. @default none */
  readonly instructions?: string;
  /** How fast to speak, 0.25 to 4, where 1 is normal. @default 1 */
  readonly speed?: number;
  /**
   * What sends the requests, for a proxy or certificates of your own.
   * @default one that keeps connections open between turns, for a minute
   */
  readonly fetch?: typeof fetch;
}

/** How the end of a user's turn is found. */
export type TurnDetectionOptions =
  /** By silence. It tells when the speech ended, which latencies are measured from. */
  | {
      readonly type: 'server_vad';
      /** How sure it must be that somebody speaks, 0 to 1. */
      readonly threshold?: number;
      /** How much of what was before the speech the model hears, in milliseconds, 0 to 10000. */
      readonly prefixPaddingMs?: number;
      /** How long a user is silent when their turn is over, in milliseconds, 0 to 10000. */
      readonly silenceDurationMs?: number;
    }
  /** By what was said. It does not tell when the speech ended. */
  | {
      readonly type: 'semantic_vad';
      /** How soon the model answers who may not be done: at most after 8, 4 or 2 s; `auto` is `medium`. */
      readonly eagerness?: 'low' | 'medium' | 'high' | 'auto';
    };

/** How what users say is written down. */
export interface TranscriptionOptions {
  /** The model that does it. */
  readonly model?: string;
  /** The language that is spoken, ISO 639-1. */
  readonly language?: string;
  /** Words to expect. */
  readonly prompt?: string;
}

/** How {@link STT} listens. */
export interface STTOptions {
  /** OpenAI's key. @default the environment variable OPENAI_API_KEY */
  readonly apiKey?: string;
  /**
   * Where the API is, an http or https URL with the version.
   * @default the environment variable OPENAI_BASE_URL, else OpenAI's own
   */
  readonly baseUrl?: string;
  /** A model for transcription. @default 'gpt-4o-mini-transcribe' */
  readonly model?: string;
  /**
   * How the end of a user's turn is found; false where the agent's turn detector does it.
   * @default { type: 'server_vad', prefixPaddingMs: 300, silenceDurationMs: 500 }; false for
   * `gpt-live-transcribe` and `gpt-realtime-whisper`, which cannot
   */
  readonly turnDetection?: TurnDetectionOptions | false;
  /** The language that is spoken, ISO 639-1. @default found out from the speech */
  readonly language?: string;
  /** What the speech is about, in words; `gpt-realtime-whisper` takes none. @default none */
  readonly prompt?: string;
  /** Words and phrases to expect, of `gpt-transcribe` and `gpt-live-transcribe`. @default none */
  readonly keywords?: readonly string[];
  /** How long the model takes to be sure of words, of `gpt-realtime-whisper`. @default the model's own */
  readonly delay?: 'minimal' | 'low' | 'medium' | 'high' | 'xhigh';
  /** Takes noise out of what is heard: `near_field` for headsets, `far_field` for rooms. @default none */
  readonly noiseReduction?: 'near_field' | 'far_field';
  /** How long to wait for a session, in milliseconds, 1 to 600000. @default 5000 */
  readonly connectTimeoutMs?: number;
  /** How long the service may give no sign of life, or no transcript, in milliseconds, 1 to 600000. @default 10000 */
  readonly stallTimeoutMs?: number;
  /** How long to wait for the last transcript when closing, in milliseconds, 1 to 600000. @default 2000 */
  readonly closeTimeoutMs?: number;
}

/** How {@link Realtime} hears and speaks. */
export interface RealtimeOptions {
  /** OpenAI's key. @default the environment variable OPENAI_API_KEY */
  readonly apiKey?: string;
  /**
   * Where the API is, an http or https URL with the version.
   * @default the environment variable OPENAI_BASE_URL, else OpenAI's own
   */
  readonly baseUrl?: string;
  /** The model's name. @default 'gpt-realtime-2' */
  readonly model?: string;
  /** The voice: a name, or the id of one of your own. @default 'marin' */
  readonly voice?: string;
  /** How fast to speak, 0.25 to 1.5, where 1 is normal. @default 1 */
  readonly speed?: number;
  /**
   * How the end of a user's turn is found.
   * @default { type: 'server_vad', prefixPaddingMs: 300, silenceDurationMs: 500 }
   */
  readonly turnDetection?: TurnDetectionOptions;
  /** How what users say is written down; false for not at all. @default { model: 'gpt-4o-mini-transcribe' } */
  readonly transcription?: TranscriptionOptions | false;
  /** Takes noise out of what is heard: `near_field` for headsets, `far_field` for rooms. @default none */
  readonly noiseReduction?: 'near_field' | 'far_field';
  /** How much the model reasons, which delays its answers. @default the model's own */
  readonly reasoningEffort?: 'minimal' | 'low' | 'medium' | 'high' | 'xhigh';
  /** The longest response, calls of tools included, in tokens, 1 to 4096. @default the model's own */
  readonly maxOutputTokens?: number;
  /** How long to wait for a session, in milliseconds, 1 to 600000. @default 5000 */
  readonly connectTimeoutMs?: number;
  /** How long the service may send nothing when an answer is due, in milliseconds, 1 to 600000. @default 10000 */
  readonly stallTimeoutMs?: number;
  /** How long to wait for the service to hang up, in milliseconds, 1 to 600000. @default 1000 */
  readonly closeTimeoutMs?: number;
}

/** How to reach a service. */
export interface ServiceSettings {
  /** Undefined for a server that wants none. */
  readonly apiKey: string | undefined;
  readonly baseUrl: string;
  readonly fetch: typeof fetch;
}

/** What a request to a model needs of the options, all of it decided. */
interface ModelSettings extends ServiceSettings {
  readonly model: string;
  readonly reasoningEffort: ReasoningEffort | undefined;
  readonly temperature: number | undefined;
  readonly maxOutputTokens: number | undefined;
}

/** {@link LLMOptions} with everything decided that is not left to the model. */
export interface LLMSettings extends ModelSettings {
  readonly store: boolean;
}

/** {@link ChatCompletionsLLMOptions} with everything decided that is not left to the model. */
export interface ChatCompletionsLLMSettings extends ModelSettings {
  readonly provider: string;
  readonly isOpenAI: boolean;
}

/** {@link TTSOptions} with everything decided that is not left to OpenAI. */
export interface TTSSettings extends ServiceSettings {
  readonly model: string;
  readonly voice: string;
  readonly instructions: string | undefined;
  readonly speed: number | undefined;
}

/** {@link RealtimeOptions} with everything decided that is not left to OpenAI. */
export interface RealtimeSettings {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly model: string;
  readonly voice: string;
  readonly speed: number | undefined;
  readonly turnDetection:
    | {
        readonly type: 'server_vad';
        readonly threshold: number | undefined;
        readonly prefixPaddingMs: number;
        readonly silenceDurationMs: number;
      }
    | {
        readonly type: 'semantic_vad';
        readonly eagerness: 'low' | 'medium' | 'high' | 'auto';
      };
  readonly transcription: (TranscriptionOptions & { readonly model: string }) | undefined;
  readonly noiseReduction: RealtimeOptions['noiseReduction'];
  readonly reasoningEffort: RealtimeOptions['reasoningEffort'];
  readonly maxOutputTokens: number | undefined;
  readonly connectTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly closeTimeoutMs: number;
}

const DEFAULT_BASE_URL = 'https://api.openai.com/v1';
const DEFAULT_MODEL = 'gpt-5.4-mini';
const MAX_TIMEOUT_MS = 600_000;

/** The check of every time-out. */
export const isTimeoutMs: OptionCheck = isNumber({ min: 1, max: MAX_TIMEOUT_MS });

/** The checks of how to reach a service. */
export const SERVICE_CHECKS: Readonly<Record<'apiKey' | 'baseUrl' | 'model', OptionCheck>> = {
  apiKey: isHeaderValue(),
  baseUrl: isHttpUrl(),
  model: isText(),
};

/**
 * Checks the options and reads from the environment what they leave out.
 * @throws ConfigurationError when an option cannot work or there is no key
 */
export function resolveLLMOptions(options: LLMOptions): LLMSettings {
  const owner = 'openai.LLM';
  checkOptions(owner, options, {
    ...SERVICE_CHECKS,
    reasoningEffort: isOneOf(REASONING_EFFORTS),
    temperature: isNumber({ min: 0, max: 2 }),
    maxOutputTokens: isNumber({ min: 16, max: 1_000_000, integer: true }),
    store: isBoolean(),
    fetch: isObject(),
    firstEventTimeoutMs: isTimeoutMs,
    stallTimeoutMs: isTimeoutMs,
  });
  const { model = DEFAULT_MODEL, reasoningEffort, temperature, maxOutputTokens } = options;
  const asked = { model, reasoningEffort, temperature, maxOutputTokens };
  return { ...serviceOf(owner, options), ...asked, store: options.store ?? false };
}

/**
 * Checks the options and reads from the environment what they leave out.
 * @throws ConfigurationError when an option cannot work, or there is no key or no model
 */
export function resolveChatCompletionsLLMOptions(
  options: ChatCompletionsLLMOptions,
): ChatCompletionsLLMSettings {
  const owner = 'openai.ChatCompletionsLLM';
  checkOptions(owner, options, {
    ...SERVICE_CHECKS,
    provider: isLabel,
    reasoningEffort: isOneOf(REASONING_EFFORTS),
    temperature: isNumber({ min: 0, max: 2 }),
    maxOutputTokens: isNumber({ min: 1, max: 1_000_000, integer: true }),
    fetch: isObject(),
    firstEventTimeoutMs: isTimeoutMs,
    stallTimeoutMs: isTimeoutMs,
  });
  const baseUrl = baseUrlOf(owner, options);
  const isOpenAI = URL.parse(baseUrl)?.hostname === 'api.openai.com';
  const model = options.model ?? (isOpenAI ? DEFAULT_MODEL : undefined);
  if (model === undefined) {
    const message = `${owner} needs the option \`model\` where \`baseUrl\` is not OpenAI's own`;
    throw new ConfigurationError('model', message);
  }
  const { reasoningEffort, temperature, maxOutputTokens } = options;
  return {
    // OpenAI's key is for OpenAI, and for what the environment names beside it.
    apiKey: isOpenAI || options.baseUrl === undefined ? keyOf(owner, options) : options.apiKey,
    baseUrl,
    fetch: options.fetch ?? keepAliveFetch(),
    provider: options.provider ?? (isOpenAI ? PROVIDER : 'openai-compatible'),
    isOpenAI,
    model,
    reasoningEffort,
    temperature,
    maxOutputTokens,
  };
}

/**
 * Checks the options and reads from the environment what they leave out.
 * @throws ConfigurationError when an option cannot work or there is no key
 */
export function resolveTTSOptions(options: TTSOptions): TTSSettings {
  const owner = 'openai.TTS';
  checkOptions(owner, options, {
    ...SERVICE_CHECKS,
    voice: isText(),
    instructions: isText(),
    speed: isNumber({ min: 0.25, max: 4 }),
    fetch: isObject(),
    firstAudioTimeoutMs: isTimeoutMs,
    stallTimeoutMs: isTimeoutMs,
  });
  const { model = 'gpt-4o-mini-tts', voice = 'alloy', instructions, speed } = options;
  return { ...serviceOf(owner, options), model, voice, instructions, speed };
}

interface ServiceOptions {
  readonly apiKey?: string;
  readonly baseUrl?: string;
  readonly fetch?: typeof fetch;
}

function serviceOf(owner: string, options: ServiceOptions): ServiceSettings {
  return {
    apiKey: keyOf(owner, options),
    baseUrl: baseUrlOf(owner, options),
    fetch: options.fetch ?? keepAliveFetch(),
  };
}

/** The key of the options or of the environment. @throws ConfigurationError */
export function keyOf(owner: string, options: ServiceOptions): string {
  const apiKey = requireSetting(owner, 'apiKey', options.apiKey, ['OPENAI_API_KEY']);
  // Once more, for what came from the environment.
  checkOptions(owner, { apiKey }, SERVICE_CHECKS);
  return apiKey;
}

/** The address of the options, of the environment or OpenAI's own. @throws ConfigurationError */
export function baseUrlOf(owner: string, options: ServiceOptions): string {
  const baseUrl = options.baseUrl ?? fromEnvironment(['OPENAI_BASE_URL']) ?? DEFAULT_BASE_URL;
  checkOptions(owner, { baseUrl }, SERVICE_CHECKS);
  return baseUrl.replace(/\/+$/, '');
}

const isLabel: OptionCheck = (value) =>
  typeof value === 'string' && /^[a-z0-9_-]{1,32}$/.test(value)
    ? undefined
    : 'must be 1 to 32 lower-case letters, digits, `-` or `_`';
