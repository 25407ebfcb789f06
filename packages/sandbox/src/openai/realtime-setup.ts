import { isObject, objectOf } from '../gemini/live-setup.ts';
import type { DeclaredFunction } from './brain-request.ts';
import type { ClientError } from './realtime-channel.ts';

/** How the end of a turn is found. */
type TurnDetection =
  | { type: 'server_vad'; silenceMs: number; prefixMs: number }
  | { type: 'semantic_vad' };

/** What a client asks for in `session.update`, as far as the sandbox reads it. */
export interface RealtimeSetup {
  instructions: string;
  functions: DeclaredFunction[];
  transcribes: boolean;
  turnDetection: TurnDetection;
}

const known = new Set([
  'type',
  'output_modalities',
  'instructions',
  'audio',
  'tools',
  'tool_choice',
  'max_output_tokens',
  'reasoning',
]);

type Json = Record<string, unknown>;

/** Reads and checks a set-up; says what is wrong with it. */
export function readRealtimeSetup(value: unknown): RealtimeSetup | ClientError {
  const session = objectOf(value);
  const unknown = Object.keys(session).find((name) => !known.has(name));
  if (unknown !== undefined) return wrong(unknown, 'unknown_parameter');
  const audio = objectOf(session['audio']);
  const [input, output] = [objectOf(audio['input']), objectOf(audio['output'])];
  const isRight: [name: string, isRight: boolean][] = [
    ['type', session['type'] === 'realtime'],
    ['output_modalities', isAudioAlone(session['output_modalities'])],
    ['instructions', ['string', 'undefined'].includes(typeof session['instructions'])],
    ['max_output_tokens', isTokens(session['max_output_tokens'])],
    ['audio.input.format', isPcm(input['format'])],
    ['audio.input.noise_reduction', isNoiseReduction(input['noise_reduction'])],
    ['audio.input.transcription', isTranscription(input['transcription'])],
    ['audio.output.format', isPcm(output['format'])],
    ['audio.output.voice', isVoice(output['voice'])],
    ['audio.output.speed', isWithin(output['speed'], 0.25, 1.5)],
    ['reasoning', isReasoning(session['reasoning'])],
    ['tools', isTools(session['tools'])],
  ];
  const wrongName = isRight.find(([, right]) => !right)?.[0];
  if (wrongName !== undefined) return wrong(wrongName);
  const turnDetection = readTurnDetection(input['turn_detection']);
  if (turnDetection === undefined) return wrong('audio.input.turn_detection');
  const { instructions } = session;
  return {
    instructions: typeof instructions === 'string' ? instructions : '',
    functions: functionsIn(session['tools']),
    transcribes: isObject(input['transcription']),
    turnDetection,
  };
}

function wrong(name: string, code = 'invalid_value'): ClientError {
  return { code, message: `Invalid value: 'session.${name}'.`, param: `session.${name}` };
}

function readTurnDetection(value: unknown): TurnDetection | undefined {
  const detection = objectOf(value ?? { type: 'server_vad' });
  const {
    type,
    create_response: creates = true,
    interrupt_response: interrupts = true,
  } = detection;
  // The sandbox has no other ways of answering and of being interrupted.
  if (creates !== true || interrupts !== true) return undefined;
  if (type === 'semantic_vad') {
    const { eagerness = 'auto' } = detection;
    const isKnown = ['low', 'medium', 'high', 'auto'].includes(String(eagerness));
    return isKnown ? { type } : undefined;
  }
  const { threshold = 0.5, prefix_padding_ms: prefixMs = 300 } = detection;
  const { silence_duration_ms: silenceMs = 500 } = detection;
  const isRight = isWithin(threshold, 0, 1) && isCount(prefixMs) && isCount(silenceMs);
  return type === 'server_vad' && isRight ? { type, silenceMs, prefixMs } : undefined;
}

function functionsIn(tools: unknown): DeclaredFunction[] {
  if (!Array.isArray(tools)) return [];
  return tools.filter(isObject).map(({ name, parameters }) => ({
    name: String(name),
    parameters: objectOf(parameters),
  }));
}

function isTools(tools: unknown): boolean {
  if (tools === undefined) return true;
  return (
    Array.isArray(tools) &&
    tools.every((tool: unknown) => {
      const { type, name, parameters, strict } = objectOf(tool);
      // Only the other endpoints know of `strict`.
      return type === 'function' && isText(name) && isObject(parameters) && strict === undefined;
    })
  );
}

function isAudioAlone(modalities: unknown): boolean {
  return Array.isArray(modalities) && modalities.join() === 'audio';
}

function isPcm(format: unknown): boolean {
  const { type, rate }: Json = objectOf(format);
  return type === 'audio/pcm' && rate === 24_000;
}

function isNoiseReduction(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return ['near_field', 'far_field'].includes(String(objectOf(value)['type']));
}

function isTranscription(value: unknown): boolean {
  return value === undefined || value === null || isText(objectOf(value)['model']);
}

function isVoice(value: unknown): boolean {
  return value === undefined || isText(value) || isText(objectOf(value)['id']);
}

function isReasoning(value: unknown): boolean {
  if (value === undefined) return true;
  const efforts = ['minimal', 'low', 'medium', 'high', 'xhigh'];
  return efforts.includes(String(objectOf(value)['effort']));
}

function isTokens(value: unknown): boolean {
  return value === 'inf' || isWithin(value, 1, 4096);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function isWithin(value: unknown, min: number, max: number): boolean {
  return value === undefined || (typeof value === 'number' && value >= min && value <= max);
}
