import type { OptionCheck } from '@vision-agents/core';
import { checkOptions, isNumber, isOneOf, isText } from '@vision-agents/core';

import type {
  RealtimeOptions,
  RealtimeSettings,
  TranscriptionOptions,
  TurnDetectionOptions,
} from './openai-options.ts';
import { baseUrlOf, isTimeoutMs, keyOf, SERVICE_CHECKS } from './openai-options.ts';

const OWNER = 'openai.Realtime';

const isDuration = isNumber({ min: 0, max: 10_000, integer: true });

const SERVER_VAD_CHECKS = {
  type: isOneOf(['server_vad']),
  threshold: isNumber({ min: 0, max: 1 }),
  prefixPaddingMs: isDuration,
  silenceDurationMs: isDuration,
};

const SEMANTIC_VAD_CHECKS = {
  type: isOneOf(['semantic_vad']),
  eagerness: isOneOf(['low', 'medium', 'high', 'auto']),
};

const TRANSCRIPTION_CHECKS = { model: isText(), language: isText(), prompt: isText() };

/**
 * Checks the options and reads from the environment what they leave out.
 * @throws ConfigurationError when an option cannot work or there is no key
 */
export function resolveRealtimeOptions(options: RealtimeOptions): RealtimeSettings {
  checkOptions(OWNER, options, {
    ...SERVICE_CHECKS,
    voice: isText(),
    speed: isNumber({ min: 0.25, max: 1.5 }),
    turnDetection: isTurnDetection,
    transcription: isTranscription,
    noiseReduction: isOneOf(['near_field', 'far_field']),
    reasoningEffort: isOneOf(['minimal', 'low', 'medium', 'high', 'xhigh']),
    maxOutputTokens: isNumber({ min: 1, max: 4096, integer: true }),
    connectTimeoutMs: isTimeoutMs,
    stallTimeoutMs: isTimeoutMs,
    closeTimeoutMs: isTimeoutMs,
  });
  return {
    apiKey: keyOf(OWNER, options),
    baseUrl: baseUrlOf(OWNER, options),
    model: options.model ?? 'gpt-realtime-2',
    voice: options.voice ?? 'marin',
    speed: options.speed,
    turnDetection: turnDetectionOf(options.turnDetection),
    transcription: transcriptionOf(options.transcription),
    noiseReduction: options.noiseReduction,
    reasoningEffort: options.reasoningEffort,
    maxOutputTokens: options.maxOutputTokens,
    connectTimeoutMs: options.connectTimeoutMs ?? 5000,
    stallTimeoutMs: options.stallTimeoutMs ?? 10_000,
    closeTimeoutMs: options.closeTimeoutMs ?? 1000,
  };
}

/** Said rather than left to the service: how much silence ended a turn has to be known. */
export function turnDetectionOf(
  detection: TurnDetectionOptions = { type: 'server_vad' },
): RealtimeSettings['turnDetection'] {
  if (detection.type === 'semantic_vad') {
    return { type: 'semantic_vad', eagerness: detection.eagerness ?? 'auto' };
  }
  const { threshold, prefixPaddingMs = 300, silenceDurationMs = 500 } = detection;
  return { type: 'server_vad', threshold, prefixPaddingMs, silenceDurationMs };
}

function transcriptionOf(
  transcription: TranscriptionOptions | false = {},
): RealtimeSettings['transcription'] {
  if (transcription === false) return undefined;
  return { ...transcription, model: transcription.model ?? 'gpt-4o-mini-transcribe' };
}

/** The check of how the end of a turn is found. */
export const isTurnDetection: OptionCheck = (value) => {
  const isSemantic = fieldsOf(value)?.['type'] === 'semantic_vad';
  return checkFields(value, isSemantic ? SEMANTIC_VAD_CHECKS : SERVER_VAD_CHECKS, ['type']);
};

const isTranscription: OptionCheck = (value) =>
  value === false ? undefined : checkFields(value, TRANSCRIPTION_CHECKS, []);

/** Checks an option that is an object; says which of its fields is wrong. */
function checkFields(
  value: unknown,
  checks: Readonly<Record<string, OptionCheck>>,
  required: readonly string[],
): string | undefined {
  const fields = fieldsOf(value);
  if (fields === undefined) return 'must be an object';
  const names = new Set([...required, ...Object.keys(fields)]);
  for (const name of names) {
    const check = checks[name];
    if (!check) return `has a field that is none of ${listOf(Object.keys(checks))}`;
    if (fields[name] === undefined && !required.includes(name)) continue;
    const problem = check(fields[name]);
    if (problem !== undefined) return `has a field \`${name}\` that ${problem}`;
  }
  return undefined;
}

function listOf(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { ...value }
    : undefined;
}
