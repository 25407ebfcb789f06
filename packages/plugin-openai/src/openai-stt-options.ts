import { checkOptions, ConfigurationError, isArrayOf, isOneOf, isText } from '@vision-agents/core';

import type { RealtimeSettings, STTOptions } from './openai-options.ts';
import { baseUrlOf, isTimeoutMs, keyOf, SERVICE_CHECKS } from './openai-options.ts';
import { isTurnDetection, turnDetectionOf } from './openai-realtime-options.ts';

/** {@link STTOptions} with everything decided that is not left to OpenAI. */
export interface STTSettings {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly model: string;
  /** Undefined where it is left to the agent. */
  readonly turnDetection: RealtimeSettings['turnDetection'] | undefined;
  readonly language: string | undefined;
  readonly prompt: string | undefined;
  readonly keywords: readonly string[];
  readonly delay: STTOptions['delay'];
  readonly noiseReduction: STTOptions['noiseReduction'];
  readonly connectTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly closeTimeoutMs: number;
}

const OWNER = 'openai.STT';

/** Models that tell words while they are spoken, and cannot find the ends of turns. */
const STREAMING_MODELS = new Set(['gpt-live-transcribe', 'gpt-realtime-whisper']);

/**
 * Checks the options and reads from the environment what they leave out.
 * @throws ConfigurationError which names the option that is missing, unknown or wrong
 */
export function resolveSTTOptions(options: STTOptions): STTSettings {
  checkOptions(OWNER, options, {
    ...SERVICE_CHECKS,
    turnDetection: (value) => (value === false ? undefined : isTurnDetection(value)),
    language: isText(),
    prompt: isText(),
    keywords: isArrayOf(isText()),
    delay: isOneOf(['minimal', 'low', 'medium', 'high', 'xhigh']),
    noiseReduction: isOneOf(['near_field', 'far_field']),
    connectTimeoutMs: isTimeoutMs,
    stallTimeoutMs: isTimeoutMs,
    closeTimeoutMs: isTimeoutMs,
  });
  const { model = 'gpt-4o-mini-transcribe' } = options;
  checkModel(model, options);
  const { turnDetection = STREAMING_MODELS.has(model) ? false : undefined } = options;
  return {
    apiKey: keyOf(OWNER, options),
    baseUrl: baseUrlOf(OWNER, options),
    model,
    turnDetection: turnDetection === false ? undefined : turnDetectionOf(turnDetection),
    language: options.language,
    prompt: options.prompt,
    keywords: options.keywords ?? [],
    delay: options.delay,
    noiseReduction: options.noiseReduction,
    connectTimeoutMs: options.connectTimeoutMs ?? 5000,
    stallTimeoutMs: options.stallTimeoutMs ?? 10_000,
    closeTimeoutMs: options.closeTimeoutMs ?? 2000,
  };
}

/** What OpenAI would refuse a session for, of the models that are known. */
function checkModel(model: string, options: STTOptions): void {
  const { turnDetection = false, delay, prompt, keywords } = options;
  if (STREAMING_MODELS.has(model) && turnDetection !== false) {
    refuse('turnDetection', `must be false for ${model}`);
  }
  if (delay !== undefined && model !== 'gpt-realtime-whisper') {
    refuse('delay', 'needs the model gpt-realtime-whisper');
  }
  if (prompt !== undefined && model === 'gpt-realtime-whisper') {
    refuse('prompt', `cannot be given to ${model}`);
  }
  if (keywords !== undefined && /^(?:gpt-4o-|whisper-|gpt-realtime-)/.test(model)) {
    refuse('keywords', 'needs the model gpt-transcribe or gpt-live-transcribe');
  }
}

function refuse(option: string, why: string): never {
  throw new ConfigurationError(option, `the option \`${option}\` of ${OWNER} ${why}`);
}
