import type { GeminiRequest } from './gemini-request.ts';

/** What a client asks for in its first message, as far as the sandbox reads it. */
export interface LiveSetup extends Pick<GeminiRequest, 'tools' | 'systemInstruction'> {
  /** Whether the client wants handles, and the one that it has. */
  resumption: { handle?: string } | undefined;
  transcribesInput: boolean;
  transcribesOutput: boolean;
  silenceMs: number | undefined;
}

const known = new Set([
  'model',
  'generationConfig',
  'systemInstruction',
  'tools',
  'sessionResumption',
  'contextWindowCompression',
  'inputAudioTranscription',
  'outputAudioTranscription',
  'realtimeInputConfig',
]);

/** Reads and checks a set-up; a text says what is wrong with it. */
export function readLiveSetup(setup: unknown): LiveSetup | string {
  if (!isObject(setup)) return 'The first message must be setup.';
  const unknown = Object.keys(setup).find((name) => !known.has(name));
  if (unknown !== undefined) return `Unknown name "${unknown}" at 'setup'.`;
  if (!/^models\/./.test(String(setup['model']))) return 'setup.model is not a model.';
  const generation = objectOf(setup['generationConfig']);
  const modalities = generation['responseModalities'];
  if (!Array.isArray(modalities) || modalities.join() !== 'AUDIO') {
    return 'Cannot extract voices from a non-audio request.';
  }
  const detection = objectOf(objectOf(setup['realtimeInputConfig'])['automaticActivityDetection']);
  const silenceMs = detection['silenceDurationMs'];
  const tools: unknown = setup['tools'];
  const instruction = setup['systemInstruction'];
  return {
    ...(Array.isArray(tools) && { tools: tools.filter(isObject) }),
    ...(isObject(instruction) && { systemInstruction: instruction }),
    resumption: isObject(setup['sessionResumption']) ? setup['sessionResumption'] : undefined,
    transcribesInput: isObject(setup['inputAudioTranscription']),
    transcribesOutput: isObject(setup['outputAudioTranscription']),
    silenceMs: typeof silenceMs === 'number' ? silenceMs : undefined,
  };
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value that must be an object; an empty one for anything else. */
export function objectOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}
